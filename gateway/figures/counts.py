"""Counting in the database: how many concerns of each kind, how often each answer was given, which scores."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Integer, Subquery, case, cast, exists, func, select, tuple_
from sqlalchemy import Date as SqlDate
from sqlalchemy.orm import Session

from gateway.concerns.links import APART
from gateway.concerns.models import Concern, ConcernLink
from gateway.conversations.models import Conversation, Message
from gateway.feedback.models import Feedback
from gateway.figures.models import AnswerTally
from gateway.figures.period import Period
from gateway.figures.scope import Scope
from gateway.spoken import UK


def local(moment: Any) -> ColumnElement[Any]:
    """A moment on a UK clock."""
    return func.timezone(str(UK), moment)


def _repeats() -> Subquery:
    """The concerns of people of whom others told before. Joined, for it is asked of every concern that is counted."""
    watchers = exists().where(
        Concern.id == ConcernLink.other_id, Conversation.id == Concern.conversation_id, Conversation.synthetic
    )
    told_before = select(ConcernLink.concern_id).where(ConcernLink.reason != APART, ~watchers)
    return told_before.distinct().subquery("repeats")


REPEATS = _repeats()


# What concerns are counted by. None stands for what is not known or not yet.
KINDS: dict[str, ColumnElement[Any]] = {
    "month": cast(func.date_trunc("month", local(Concern.opened_at)), SqlDate),
    "urgency": Concern.urgency.expression,
    "category": Concern.category.expression,
    "prison": case((Concern.subject != "caller", Concern.prison_id)),
    "channel": Concern.channel.expression,
    "hour": cast(func.date_part("hour", local(Concern.opened_at)), Integer),
    "relationship": Concern.relationship_group.expression,
    "outcome": Concern.outcome.expression,
    "repeat": case((REPEATS.c.concern_id.is_not(None), "repeat"), else_="first"),
}


# Counted together, which is less work than each by itself, while there are few pairs and threes of them to add up.
TOGETHER = ("urgency", "category", "channel"), ("relationship", "outcome", "repeat"), ("month", "hour"), ("prison",)


def concerns_by_kind(session: Session, scope: Scope, period: Period) -> Mapping[str, Counter[Any]]:
    """How many concerns there are of each sort, for every kind: all of it counted in one reading of the concerns."""
    labelled = select(*(kind.label(name) for name, kind in KINDS.items()))
    each = labelled.outerjoin(REPEATS, REPEATS.c.concern_id == Concern.id).where(scope.concerns(period)).subquery()
    sets = (tuple_(*(each.c[kind] for kind in kinds)) for kinds in TOGETHER)
    query = select(func.grouping(*each.c), func.count(), *each.c).group_by(func.grouping_sets(*sets))
    found = {kind: Counter[Any]() for kind in KINDS}
    for bits, count, *sorts in session.execute(query):
        # A kind that a row of the answer does not tell apart has its bit set there, the last kind the lowest.
        for place, (kind, sort) in enumerate(zip(KINDS, sorts, strict=True)):
            if not bits >> (len(KINDS) - 1 - place) & 1:
                found[kind][sort] += count
    return found


def answers_given(session: Session, scope: Scope, period: Period) -> Counter[str]:
    """How often each answer was given, also in messages that are deleted by now."""
    kept = (
        select(Message.answer, func.count())
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.answer.is_not(None), Message.at >= period.begins, Message.at < period.ends)
        .where(scope.about(Conversation.prison_id), ~Conversation.synthetic)
        .group_by(Message.answer)
    )
    deleted = (
        select(AnswerTally.answer, func.sum(AnswerTally.given))
        .where(AnswerTally.month.between(period.first, period.last), scope.about(AnswerTally.prison_id))
        .group_by(AnswerTally.answer)
    )
    return Counter(_counts(session, kept)) + Counter(_counts(session, deleted))


def _counts(session: Session, query: Any) -> dict[Any, int]:
    return {sort: int(count) for sort, count in session.execute(query)}


def scores(session: Session, scope: Scope, period: Period) -> Counter[int]:
    """How many opinions gave each score."""
    query = (
        select(Feedback.score, func.count())
        .join(Conversation, Conversation.id == Feedback.conversation_id)
        .where(Feedback.score.is_not(None), Feedback.at >= period.begins, Feedback.at < period.ends)
        .where(scope.about(Conversation.prison_id), ~Conversation.synthetic)
        .group_by(Feedback.score)
    )
    return Counter(_counts(session, query))
