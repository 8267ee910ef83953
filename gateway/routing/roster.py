"""Who is on duty: windows of the week, bank holidays and absences, by the clock on a UK wall."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

import holidays

from gateway.spoken import UK

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """Hours of duty. Those that pass midnight belong to the day on which they begin; equal ends mean the whole day.

    `bank_holidays`: yes (worked like any other day), no (not worked), only (worked on no other day).
    """

    name: str
    days: frozenset[str] = frozenset(DAYS)
    begins: time = MIDNIGHT
    ends: time = MIDNIGHT
    bank_holidays: str = "yes"

    def covers(self, local: datetime) -> bool:
        """Whether these are hours of duty. `local` is UK wall time, so summer time needs no rule of its own."""
        day, clock = local.date(), local.time()
        if self.begins < self.ends:
            return self.begins <= clock < self.ends and self._is_worked(day)
        if clock >= self.begins:
            return self._is_worked(day)
        return clock < self.ends and self._is_worked(day - DAY)

    def _is_worked(self, day: date) -> bool:
        if self.bank_holidays != "yes" and is_bank_holiday(day) != (self.bank_holidays == "only"):
            return False
        return DAYS[day.weekday()] in self.days


@dataclass(frozen=True)
class Absence:
    """Days on which somebody is away, the first and the last included, from midnight to midnight."""

    first: date
    last: date


@dataclass(frozen=True)
class Contact:
    """One person or mailbox to tell. Without windows always on duty, but for absences."""

    medium: str  # email, sms, call or webhook
    address: str
    windows: tuple[Window, ...] = ()
    away: tuple[Absence, ...] = ()

    @property
    def is_always_there(self) -> bool:
        return not self.windows and not self.away

    def on_duty(self, at: datetime) -> str | None:
        """The name of the window in which they are on duty at a moment, `always` without windows; None when off."""
        local = at.astimezone(UK)
        if any(absence.first <= local.date() <= absence.last for absence in self.away):
            return None
        if not self.windows:
            return "always"
        return next((window.name for window in self.windows if window.covers(local)), None)


@dataclass(frozen=True)
class Step:
    """One rung of the ladder: everyone on it who is on duty is told at once.

    `otherwise`: who is told while nobody on this step is on duty. `within`: in an emergency it is told no later.
    """

    name: str
    tell: tuple[Contact, ...]
    otherwise: tuple[Contact, ...] = ()
    within: timedelta | None = None


def who(step: Step, at: datetime) -> tuple[Contact, ...]:
    """Whom a step tells at a moment. Never nobody, because the reader of the file sees to `otherwise`."""
    return on_duty(step, at) or step.otherwise


def on_duty(step: Step, at: datetime) -> tuple[Contact, ...]:
    """Those of a step who are on duty, which may be nobody."""
    return tuple(contact for contact in step.tell if contact.on_duty(at))


def is_bank_holiday(day: date) -> bool:
    """Whether a day is a bank holiday in England and Wales."""
    return day in _bank_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Monday to Friday, but for bank holidays."""
    return day.weekday() < 5 and not is_bank_holiday(day)


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    # England's and Wales's are the same: https://www.gov.uk/bank-holidays
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))
