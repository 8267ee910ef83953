"""What one shift hands to the next: what came, what was done, what waits, and what families added."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns.models import Concern
from gateway.concerns.queue import Line, Page, listed, open_concerns
from gateway.conversations.models import Message
from gateway.db import now
from gateway.spoken import UK
from gateway.staff.models import Staff
from gateway.staff.service import names

USUAL = timedelta(hours=12)
LONGEST = timedelta(days=7)
# At either end of the calendar there is no day before or after.
YEARS = range(2000, 3000)
ADDED = (LogEvent.CONCERN_WORDS_ADDED, LogEvent.CONCERN_ENRICHED, LogEvent.CONCERN_URGENCY_RAISED)


class BadTimes(ValueError):
    """No such span of time; `problem` names the sentence under `handover` in data/wording.yml."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Span:
    """From one moment to another."""

    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Done:
    """What befell in the shift: the newest of it, and how much it was."""

    lines: Sequence[Line]
    total: int


@dataclass(frozen=True)
class Added:
    """Something that a family added: words, or answers that filled in facts."""

    at: datetime
    event: str
    message: Message | None
    fields: Sequence[str]


@dataclass(frozen=True)
class Sheet:
    """All that stands on the sheet. What is open is as it stands now, whenever the shift was."""

    span: Span
    opened: Done
    acknowledged: Done
    closed: Done
    still_open: Page
    added: dict[int, Sequence[Added]]  # by concern, oldest first
    names: dict[int, str]

    @property
    def shown(self) -> list[int]:
        """The concerns on it."""
        done = (self.opened, self.acknowledged, self.closed, self.still_open)
        return sorted({line.concern.id for part in done for line in part.lines})


def span(begins: str = "", ends: str = "") -> Span:
    """From `2026-11-22T07:30` to another such time on a UK clock; what is empty is the last hours. Raises BadTimes.

    In the hour that comes twice the earlier is the beginning, the later the end.
    """
    until = _moment(ends, fold=1) if ends else now()
    since = _moment(begins, fold=0) if begins else until - USUAL
    if since >= until:
        raise BadTimes("wrong_order")
    if until - since > LONGEST:
        raise BadTimes("too_long")
    return Span(since, until)


def _moment(text: str, fold: int) -> datetime:
    try:
        found = datetime.strptime(text[:16], "%Y-%m-%dT%H:%M").replace(tzinfo=UK, fold=fold)
    except ValueError as error:
        raise BadTimes("no_such_time") from error
    if found.year not in YEARS:
        raise BadTimes("no_such_time")
    return found


def sheet(session: Session, staff: Staff, span: Span, page: int = 1) -> Sheet:
    """The sheet of a shift, with what this person may see."""
    opened, acknowledged, closed = (
        Done(*listed(session, staff, column >= span.begins, column < span.ends, order=column.desc()))
        for column in (Concern.opened_at, Concern.acknowledged_at, Concern.closed_at)
    )
    still_open = open_concerns(session, staff, page)
    made = Sheet(span, opened, acknowledged, closed, still_open, {}, names(session))
    made.added.update(_added(session, span, made.shown))
    return made


def _added(session: Session, span: Span, concerns: Sequence[int]) -> dict[int, Sequence[Added]]:
    """What came after the message that opened each of them."""
    query: Any = (
        select(LogEntry, Message)
        .join(Concern, Concern.id == LogEntry.concern_id)
        .outerjoin(Message, Message.id == LogEntry.message_id)
        .where(LogEntry.concern_id.in_(concerns), LogEntry.event.in_([event.value for event in ADDED]))
        .where(LogEntry.happened_at >= span.begins, LogEntry.happened_at < span.ends)
        .where(LogEntry.message_id.is_distinct_from(Concern.opened_by))
        .order_by(LogEntry.id)
    )
    found = defaultdict[int, list[Added]](list)
    for entry, message in session.execute(query):
        words = message if entry.event == LogEvent.CONCERN_WORDS_ADDED.value else None
        told = Added(entry.happened_at, entry.event, words, entry.details.get("fields", []))
        found[int(entry.concern_id)].append(told)
    return dict(found)
