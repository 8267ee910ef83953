"""How long concerns waited to be read and to be closed, against the clocks of data/routing.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, DateTime, and_, case, cast, func, literal, select
from sqlalchemy import Date as SqlDate
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import Grouping

from gateway.concerns.models import Concern
from gateway.db import now
from gateway.figures.counts import local
from gateway.figures.period import Period
from gateway.figures.scope import Scope
from gateway.routing.clocks import Clock, NextWorkingDay, due
from gateway.routing.roster import DAY
from gateway.routing.routes import routing
from gateway.spoken import UK

_MOMENT = DateTime(timezone=True)


@dataclass(frozen=True)
class Waits:
    """Of the concerns of one urgency: how many were done in time, how many not, and how long it took."""

    in_time: int
    late: int  # done after the clock ran out, or not done and it has run out
    running: int  # not done, and there is time; a clock that has not begun counts here
    done: int
    median: float | None  # seconds
    most: float | None  # 95 of 100 took no longer


@dataclass(frozen=True)
class Waited:
    """By urgency: the waits to be read and those to be closed."""

    to_read: dict[str, Waits]
    to_close: dict[str, Waits]


def waited(session: Session, scope: Scope, period: Period) -> Waited:
    """From the opening to the acknowledgement that stands, and to the closing, whose clock begins with that.

    Both in one reading of the concerns.
    """
    parts = (
        _Wait("to_read", Concern.opened_at, Concern.acknowledged_at, routing().clocks, period),
        _Wait("to_close", Concern.acknowledged_at, Concern.closed_at, routing().acknowledged_clocks, period),
    )
    query = select(Concern.urgency, *(column for part in parts for column in part.columns))
    rows = session.execute(query.where(scope.concerns(period)).group_by(Concern.urgency)).all()
    return Waited(**{part.name: {row.urgency: part.read(row) for row in rows} for part in parts})


class _Wait:
    """What is counted of one kind of wait: `done` against a clock that begins at `clock_from`."""

    def __init__(self, name: str, clock_from: Any, done: Any, clocks: Mapping[str, Clock], period: Period) -> None:
        self.name = name
        due_at = _due(clocks, clock_from, period)
        took = func.date_part("epoch", done - Concern.opened_at)
        counts = (
            func.count().filter(done <= due_at),
            func.count().filter(due_at < func.coalesce(done, now())),
            func.count().filter(and_(done.is_(None), func.coalesce(due_at, now()) >= now())),
            func.count(done),
            func.percentile_cont(0.5).within_group(took),
            func.percentile_cont(0.95).within_group(took),
        )
        self.columns = [count.label(f"{name}_{number}") for number, count in enumerate(counts)]

    def read(self, row: Any) -> Waits:
        """What a row of the answer says."""
        return Waits(*(getattr(row, column.name) for column in self.columns))


def _due(clocks: Mapping[str, Clock], clock_from: Any, period: Period) -> ColumnElement[Any]:
    return case(
        *(
            (
                Concern.urgency == urgency,
                _morning(clock, clock_from, period) if isinstance(clock, NextWorkingDay) else clock_from + clock,
            )
            for urgency, clock in clocks.items()
        )
    )


def _morning(clock: NextWorkingDay, clock_from: Any, period: Period) -> ColumnElement[Any]:
    """The next working morning, which only the calendar knows: sent for each day, and taken from there by its place."""
    mornings = literal([due(clock, _noon(day)) for day in _days(period)], ARRAY(_MOMENT))
    return Grouping(mornings)[cast(local(clock_from), SqlDate) - literal(period.first, SqlDate) + 1]


def _days(period: Period) -> list[date]:
    last = now().astimezone(UK).date()
    return [period.first + DAY * number for number in range((last - period.first) // timedelta(days=1) + 1)]


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UK)
