"""The shifts of a day and the hour of the daily mail: data/shifts.yml, read and checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.config import settings
from gateway.spoken import UK

SHIFTS_OFFERED = 4
DAY = timedelta(days=1)


class BadShifts(Exception):
    """data/shifts.yml cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Shift:
    """A span of a day on a UK clock."""

    name: str
    begins: time
    ends: time

    def on(self, day: date) -> "Worked":
        """The shift that begins on a day."""
        last = day if self.ends > self.begins else day + DAY
        return Worked(self.name, datetime.combine(day, self.begins, UK), datetime.combine(last, self.ends, UK))


@dataclass(frozen=True)
class Worked:
    """One shift of one day."""

    name: str
    begins: datetime
    ends: datetime


@dataclass(frozen=True)
class Shifts:
    """The whole file."""

    shifts: Sequence[Shift]
    digest_at: time

    def lately(self, at: datetime) -> list[Worked]:
        """The last shifts that have begun, the newest first."""
        today = at.astimezone(UK).date()
        worked = [shift.on(today - DAY * ago) for ago in range(SHIFTS_OFFERED + 1) for shift in self.shifts]
        begun = [one for one in worked if one.begins <= at]
        return sorted(begun, key=lambda one: one.begins, reverse=True)[:SHIFTS_OFFERED]


@cache
def shifts() -> Shifts:
    """The shifts of this installation. Raises BadShifts."""
    return load(settings().data_dir / "shifts.yml")


def load(path: Path) -> Shifts:
    """Read a file of shifts. Raises BadShifts with the place of the mistake."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = [_shift(str(name), given) for name, given in raw["shifts"].items()]
        return Shifts(found, time.fromisoformat(raw["digest_at"]))
    except (KeyError, TypeError, ValueError, AttributeError, OSError, yaml.YAMLError) as error:
        raise BadShifts(f"{path}: {type(error).__name__}: {error}") from error


def _shift(name: str, given: dict[str, Any]) -> Shift:
    return Shift(name, time.fromisoformat(given["from"]), time.fromisoformat(given["to"]))
