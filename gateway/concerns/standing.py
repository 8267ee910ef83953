"""How an open concern stands, and the order of what waits: of those as urgent, what nobody read in time is first."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, case, or_

from gateway.concerns.models import Concern, Status, Urgency
from gateway.db import now


class Standing(StrEnum):
    """Where an open concern stands among those as urgent; `standings` in data/wording.yml says why."""

    LATE = "late"  # nobody has read it, and it is overdue
    UNREAD = "unread"
    READ = "read"


def standing_of(concern: Concern) -> Standing:
    """`standing` for one that is at hand."""
    if concern.status != Status.OPEN.value:
        return Standing.READ
    return Standing.LATE if overdue_since(concern) else Standing.UNREAD


def standing() -> ColumnElement[str]:
    """How an open concern stands, as an expression on the concern table."""
    late = or_(Concern.escalated_at.is_not(None), Concern.next_alarm_at <= now())
    read = Concern.status != Status.OPEN.value
    return case((read, Standing.READ.value), (late, Standing.LATE.value), else_=Standing.UNREAD.value)


def in_order() -> tuple[Any, ...]:
    """What waits is listed by this."""
    return _place(Concern.urgency, Urgency), _place(standing(), Standing), Concern.opened_at, Concern.id


def overdue_since(concern: Any) -> datetime | None:
    """When the time ran out in which somebody should have acted, if it has.

    `concern`: one, or a row with its status, its next alarm and since when the next people know of it.
    """
    if concern.status == Status.CLOSED.value or concern.next_alarm_at is None:
        return None
    return concern.escalated_at or (concern.next_alarm_at if concern.next_alarm_at <= now() else None)


def _place(value: Any, sorts: type[StrEnum]) -> ColumnElement[int]:
    return case({sort.value: place for place, sort in enumerate(sorts)}, value=value)
