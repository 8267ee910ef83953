"""Keeping what families thought of an answer or the service, and reading it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy import Date as SqlDate
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.conversations.models import Conversation, Message
from gateway.db import now
from gateway.feedback.models import Feedback
from gateway.figures.period import Period
from gateway.privacy import vault
from gateway.privacy.sealed import private, sealed
from gateway.spoken import UK
from gateway.staff.models import Staff
from gateway.staff.service import prison_ids

PAGE_LENGTH = 50
MONTHS_SHOWN = 12
HELPED, DID_NOT_HELP = 5, 1
MARKS = (5, 4, 3, 2, 1)
NO_MARK = "none"


@dataclass(frozen=True)
class Month:
    """The average of one month's scores."""

    first_day: date
    average: float
    scores: int


@dataclass(frozen=True)
class Wanted:
    """Which opinions to show; what is empty is not asked for."""

    mark: str = ""  # one of MARKS, or NO_MARK for those with words alone
    month: date | None = None  # its first day, on UK calendars

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """The same for the database."""
        found = []
        if self.mark:
            found.append(Feedback.score.is_(None) if self.mark == NO_MARK else Feedback.score == int(self.mark))
        if self.month:
            months = Period(self.month, self.month)
            found += [Feedback.at >= months.begins, Feedback.at < months.ends]
        return found


@dataclass(frozen=True)
class Page:
    """Some of the opinions, and how many there are."""

    lines: Sequence[Feedback]
    total: int
    number: int
    pages: int


@dataclass(frozen=True)
class Mark:
    """An opinion without anybody's words."""

    id: int
    at: datetime
    score: int | None
    about: str
    answer: str | None
    has_words: bool


ALL = Wanted()


def give(session: Session, message_id: int, *, score: int | None = None, words: str | None = None) -> Feedback:
    """Keep an opinion that a family wrote, once for each message."""
    message = session.get_one(Message, message_id)
    about, answer = _subject(session, message)
    return _keep(session, message, about=about, answer=answer, score=score, words=words)


def rate(session: Session, conversation_id: uuid.UUID, message_id: int, *, helped: bool) -> Feedback | None:
    """Keep what was pressed under an answer; pressing the other button changes it. None for what is no answer of
    this conversation."""
    message = session.get(Message, message_id)
    if message is None or message.conversation_id != conversation_id or message.answer is None:
        return None
    score = HELPED if helped else DID_NOT_HELP
    feedback = _keep(session, message, about="answer", answer=message.answer, score=score, words=None)
    feedback.score = score
    return feedback


def add_words(session: Session, feedback_id: int, words: str) -> None:
    """Put words to a score."""
    feedback = session.get_one(Feedback, feedback_id)
    feedback.words = private(session, feedback.conversation_id, words)


def rated(session: Session, conversation_id: uuid.UUID) -> set[int]:
    """The messages of a conversation that have an opinion already."""
    query = select(Feedback.message_id).where(Feedback.conversation_id == conversation_id)
    return {message for message in session.scalars(query) if message is not None}


def newest(session: Session, staff: Staff, number: int = 1, wanted: Wanted = ALL) -> Page:
    """What families said, the newest first."""
    theirs = (seen_by(staff), *wanted.conditions())
    total = session.scalar(select(func.count(Feedback.id)).where(*theirs)) or 0
    pages = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, number), pages)
    query = select(Feedback).where(*theirs).order_by(Feedback.at.desc(), Feedback.id.desc())
    query = query.limit(PAGE_LENGTH).offset((number - 1) * PAGE_LENGTH)
    vault.remember(session, query.with_only_columns(Feedback.conversation_id))
    lines = session.scalars(query).all()
    return Page(lines, total, number, pages)


def without_words(session: Session, staff: Staff, wanted: Wanted = ALL) -> Sequence[Mark]:
    """All that `newest` gives on its pages, but for the families' words: in those may be names."""
    has_words = Feedback.words.is_not(None)
    query = select(Feedback.id, Feedback.at, Feedback.score, Feedback.about, Feedback.answer, has_words)
    query = query.where(seen_by(staff), *wanted.conditions()).order_by(Feedback.at.desc(), Feedback.id.desc())
    return [Mark(*row) for row in session.execute(query)]


def months(session: Session, staff: Staff) -> list[date]:
    """The first days of the months in which there was an opinion, the newest first."""
    query = select(_month_of_opinion()).where(seen_by(staff)).distinct()
    return sorted(session.scalars(query).all(), reverse=True)


def by_month(session: Session, staff: Staff) -> Sequence[Month]:
    """The average score of each of the last months that have one, the newest first. Months are the UK's."""
    month = _month_of_opinion()
    query = (
        select(month, func.avg(Feedback.score), func.count(Feedback.score))
        .where(seen_by(staff), Feedback.score.is_not(None))
        .group_by(month)
        .order_by(month.desc())
        .limit(MONTHS_SHOWN)
    )
    return [Month(first, float(average), scores) for first, average, scores in session.execute(query)]


def _month_of_opinion() -> Any:
    return cast(func.date_trunc("month", func.timezone(str(UK), Feedback.at)), SqlDate)


def seen_by(staff: Staff) -> ColumnElement[bool]:
    """Who reads the unrouted reads all of it; others what came from conversations about their prisons."""
    if staff.reads_unrouted:
        return Feedback.id.is_not(None)
    theirs = select(Conversation.id).where(Conversation.prison_id.in_(prison_ids(staff)))
    return Feedback.conversation_id.in_(theirs)


def _keep(session: Session, message: Message, **values: Any) -> Feedback:
    row = dict(conversation_id=message.conversation_id, message_id=message.id, at=now(), **values)
    row = sealed(session, message.conversation_id, Feedback, row)
    new = session.scalar(insert(Feedback).values(**row).on_conflict_do_nothing().returning(Feedback.id))
    feedback = session.scalars(select(Feedback).where(Feedback.message_id == message.id)).one()
    if new is not None:
        record(
            session, LogEvent.FEEDBACK_GIVEN, actor="family", message=message.id,
            feedback=feedback.id, about=feedback.about,
        )  # fmt: skip
    return feedback


def _subject(session: Session, message: Message) -> tuple[str, str | None]:
    """What an opinion is about: the last answer or the last concern before it, whichever came later."""
    answered = (
        select(Message.answer, Message.at)
        .where(Message.conversation_id == message.conversation_id, Message.answer.is_not(None))
        .where(Message.id < message.id)
        .order_by(Message.id.desc())
        .limit(1)
    )
    answer, answered_at = session.execute(answered).one_or_none() or (None, None)
    opened_at = _last_concern(session, message)
    if opened_at and (answered_at is None or opened_at > answered_at):
        return "concern", None
    return ("answer", answer) if answer else ("service", None)


def _last_concern(session: Session, message: Message) -> datetime | None:
    query = select(func.max(Concern.opened_at)).where(Concern.conversation_id == message.conversation_id)
    return session.scalar(query.where(Concern.opened_by < message.id))
