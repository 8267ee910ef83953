"""How long concerns waited to be read and to be closed, against the clocks of data/routing.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Column, ColumnElement, DateTime, and_, case, cast, column, extract, func, select, values
from sqlalchemy import Date as SqlDate
from sqlalchemy.orm import Session

from gateway.concerns.models import Concern
from gateway.db import now
from gateway.figures.counts import local
from gateway.figures.period import Period
from gateway.figures.scope import Scope
from gateway.routing.clocks import Clock, NextWorkingDay, due
from gateway.routing.roster import DAY
from gateway.routing.routes import routing
from gateway.spoken import UK


@dataclass(frozen=True)
class Waits:
    """Of the concerns of one urgency: how many were done in time, how many not, and how long it took."""

    in_time: int
    late: int  # done after the clock ran out, or not done and it has run out
    running: int  # not done, and there is time; a clock that has not begun counts here
    done: int
    median: float | None  # seconds
    most: float | None  # 95 of 100 took no longer


def to_read(session: Session, scope: Scope, period: Period) -> dict[str, Waits]:
    """From the opening to the acknowledgement that stands, by urgency."""
    ends, clocks = Concern.acknowledged_at, routing().clocks
    return _waits(session, scope, period, Concern.opened_at, ends, clocks)


def to_close(session: Session, scope: Scope, period: Period) -> dict[str, Waits]:
    """From the opening to the closing; its clock begins with the acknowledgement."""
    ends, clocks = Concern.closed_at, routing().acknowledged_clocks
    return _waits(session, scope, period, Concern.acknowledged_at, ends, clocks)


def _waits(
    session: Session, scope: Scope, period: Period, clock_from: Any, done: Any, clocks: Mapping[str, Clock]
) -> dict[str, Waits]:
    mornings = _mornings(clocks, period)
    due_at = _due(clocks, clock_from, mornings.c.due)
    took = extract("epoch", done - Concern.opened_at)
    query = (
        select(
            Concern.urgency,
            func.count().filter(done <= due_at),
            func.count().filter(due_at < func.coalesce(done, now())),
            func.count().filter(and_(done.is_(None), func.coalesce(due_at, now()) >= now())),
            func.count(done),
            func.percentile_cont(0.5).within_group(took),
            func.percentile_cont(0.95).within_group(took),
        )
        .outerjoin(mornings, mornings.c.day == cast(local(clock_from), SqlDate))
        .where(scope.concerns(period))
        .group_by(Concern.urgency)
    )
    return {row[0]: Waits(*row[1:]) for row in session.execute(query)}


def _due(clocks: Mapping[str, Clock], clock_from: Any, next_morning: Column[datetime]) -> ColumnElement[Any]:
    return case(
        *(
            (Concern.urgency == urgency, next_morning if isinstance(clock, NextWorkingDay) else clock_from + clock)
            for urgency, clock in clocks.items()
        )
    )


def _mornings(clocks: Mapping[str, Clock], period: Period) -> Any:
    """For each day on which a clock may begin: the next working morning, which only the calendar knows."""
    clock = next((clock for clock in clocks.values() if isinstance(clock, NextWorkingDay)), None)
    rows = [(day, due(clock, _noon(day))) for day in _days(period)] if clock else [(period.first, period.begins)]
    moment = DateTime(timezone=True)
    return values(column("day", SqlDate()), column("due", moment), name="mornings").data(rows)


def _days(period: Period) -> list[date]:
    last = now().astimezone(UK).date()
    return [period.first + DAY * number for number in range((last - period.first) // timedelta(days=1) + 1)]


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UK)
