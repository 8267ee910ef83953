"""How soon somebody must have acted: a number of minutes, or the morning of the next working day."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from gateway.routing.roster import DAY, is_working_day
from gateway.spoken import UK


@dataclass(frozen=True)
class NextWorkingDay:
    """The first working day after the day on which the clock starts, at this time on a UK wall."""

    begins: time


Clock = timedelta | NextWorkingDay


def due(clock: Clock, start: datetime) -> datetime:
    """When a clock that starts at a moment runs out, in UTC."""
    if isinstance(clock, timedelta):
        return start + clock
    day = start.astimezone(UK).date() + DAY
    while not is_working_day(day):
        day += DAY
    return datetime.combine(day, clock.begins, UK).astimezone(UTC)
