"""Looking through the log a page at a time, the newest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry
from gateway.audit.verify import CLOCKS_DIFFER_BY
from gateway.concerns.models import Concern
from gateway.spoken import UK

AT_ONCE = 50
MOST_OF_A_LIST = 12
BEYOND = 2**62  # a position that no line has
# What may be shown of the details: codes, numbers and times. A text that somebody wrote should never stand there, and
# if one ever does it is not shown.
_NOT_SHOWN = {"marks"}  # forty of them, and they say nothing to people
_CODE = re.compile(r"[\w.:+@/-]{0,64}", re.ASCII)


@dataclass(frozen=True)
class Wanted:
    """Which lines to show; what is empty is not asked for. The days are those of a UK wall, the last included."""

    event: str = ""
    actor: str = ""
    reference: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None  # older than this position, or
    after: int | None = None  # newer than this one


@dataclass(frozen=True)
class Page:
    """Lines, the newest first, and whether there are more on either side."""

    lines: Sequence[LogEntry]
    references: dict[int, str]  # of the concerns that they speak of
    has_older: bool
    has_newer: bool


def look(session: Session, wanted: Wanted) -> Page:
    """The lines that were asked for."""
    conditions, forwards = list(_conditions(session, wanted)), wanted.after is not None
    query = select(LogEntry).where(*conditions, *_side(wanted))
    order = LogEntry.id.asc() if forwards else LogEntry.id.desc()
    found = list(session.scalars(query.order_by(order).limit(AT_ONCE + 1)).all())
    more, lines = len(found) > AT_ONCE, found[:AT_ONCE]
    if forwards:
        lines.reverse()
    back = wanted.before is not None or forwards
    return Page(lines, _references(session, lines), more or forwards, more if forwards else back)


def _conditions(session: Session, wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    asked = []
    if wanted.event:
        asked.append(LogEntry.event == wanted.event)
    if wanted.actor:
        asked.append(LogEntry.actor == wanted.actor)
    if wanted.reference:
        concern = select(Concern.id).where(Concern.reference == wanted.reference.strip().upper())
        asked.append(LogEntry.concern_id == (session.scalar(concern) or -1))
    if wanted.first:
        begins = _midnight(wanted.first)
        asked += [LogEntry.happened_at >= begins, LogEntry.id >= _first_since(begins - CLOCKS_DIFFER_BY)]
    if wanted.last:
        ends = _midnight(wanted.last + timedelta(days=1))
        asked += [LogEntry.happened_at < ends, LogEntry.id < _first_since(ends + CLOCKS_DIFFER_BY)]
    return asked


def _first_since(moment: datetime) -> ColumnElement[int]:
    """The position of the first line since a moment: with it the database reads no more than the days asked for."""
    query = select(LogEntry.id).where(LogEntry.happened_at >= moment).order_by(LogEntry.happened_at).limit(1)
    return func.coalesce(query.scalar_subquery(), BEYOND)


def _side(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    if wanted.after is not None:
        return [LogEntry.id > wanted.after]
    return [LogEntry.id < wanted.before] if wanted.before is not None else []


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UK)


def _references(session: Session, lines: Sequence[LogEntry]) -> dict[int, str]:
    spoken_of = {line.concern_id for line in lines if line.concern_id}
    return dict(session.execute(select(Concern.id, Concern.reference).where(Concern.id.in_(spoken_of))).all())


def shown_details(entry: LogEntry) -> list[tuple[str, str]]:
    """The details of a line by name, as codes; anything longer is only said to be there."""
    return [(name, _shown(value)) for name, value in sorted(entry.details.items()) if name not in _NOT_SHOWN]


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_shown(one)}" for name, one in value.items())
    if isinstance(value, list):
        more = [f"and {len(value) - MOST_OF_A_LIST} more"] if len(value) > MOST_OF_A_LIST else []
        return ", ".join([_shown(one) for one in value[:MOST_OF_A_LIST]] + more) or "none"
    text = "none" if value is None else str(value)
    return text if _CODE.fullmatch(text) else "(text, not shown)"
