"""Counting in the database: how many concerns of each kind, how often each answer was given, which scores."""

from collections import Counter
from typing import Any

from sqlalchemy import ColumnElement, Integer, case, cast, exists, extract, func, select
from sqlalchemy import Date as SqlDate
from sqlalchemy.orm import Session, aliased

from gateway.concerns.models import Concern, ConcernLink
from gateway.conversations.models import Conversation, Message, is_real
from gateway.feedback.models import Feedback
from gateway.figures.models import AnswerTally
from gateway.figures.period import Period
from gateway.figures.scope import Scope
from gateway.spoken import UK


def local(moment: Any) -> ColumnElement[Any]:
    """A moment on a UK clock."""
    return func.timezone(str(UK), moment)


def _is_repeat() -> ColumnElement[bool]:
    earlier = aliased(Concern)
    return exists().where(
        ConcernLink.concern_id == Concern.id, ConcernLink.other_id == earlier.id, is_real(earlier.conversation_id)
    )


# What concerns are counted by. None stands for what is not known or not yet.
KINDS: dict[str, ColumnElement[Any]] = {
    "month": cast(func.date_trunc("month", local(Concern.opened_at)), SqlDate),
    "urgency": Concern.urgency.expression,
    "category": Concern.category.expression,
    "prison": case((Concern.subject != "caller", Concern.prison_id)),
    "channel": Concern.channel.expression,
    "hour": cast(extract("hour", local(Concern.opened_at)), Integer),
    "relationship": Concern.relationship_group.expression,
    "outcome": Concern.outcome.expression,
    "repeat": case((_is_repeat(), "repeat"), else_="first"),
}


def concerns_by(session: Session, kind: str, scope: Scope, period: Period) -> Counter[Any]:
    """How many concerns there are of each sort of a kind."""
    query = select(KINDS[kind], func.count(Concern.id)).where(scope.concerns(period)).group_by(KINDS[kind])
    return Counter(_counts(session, query))


def answers_given(session: Session, scope: Scope, period: Period) -> Counter[str]:
    """How often each answer was given, also in messages that are deleted by now."""
    kept = (
        select(Message.answer, func.count(Message.id))
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
        select(Feedback.score, func.count(Feedback.id))
        .join(Conversation, Conversation.id == Feedback.conversation_id)
        .where(Feedback.score.is_not(None), Feedback.at >= period.begins, Feedback.at < period.ends)
        .where(scope.about(Conversation.prison_id), ~Conversation.synthetic)
        .group_by(Feedback.score)
    )
    return Counter(_counts(session, query))
