"""Which months and which prisons figures are about. Whole months only: a day more or less would show who came in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gateway.db import now
from gateway.spoken import UK

USUAL_MONTHS = 3
MONTHS_OFFERED = 24


class BadPeriod(ValueError):
    """No such months; `problem` names the sentence that says so, under `figures` in data/wording.yml."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True)
class Period:
    """From the first of one month to the last of another, on UK clocks."""

    first: date
    last: date  # the first day of the last month

    @property
    def begins(self) -> datetime:
        """The first moment of it."""
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return _midnight(month_after(self.last))

    @property
    def months(self) -> Sequence[date]:
        """The first day of each of its months."""
        found = [self.first]
        while found[-1] < self.last:
            found.append(month_after(found[-1]))
        return found


def offered() -> Sequence[date]:
    """The months that can be chosen: those that are over, the newest first."""
    found = [_month_before(now().astimezone(UK).date().replace(day=1))]
    while len(found) < MONTHS_OFFERED:
        found.append(_month_before(found[-1]))
    return found


def period(first: str = "", last: str = "") -> Period:
    """From `2026-08` to `2026-10`; what is empty is the last whole months. Raises BadPeriod."""
    months = offered()
    begins = _month(first, months) if first else months[USUAL_MONTHS - 1]
    ends = _month(last, months) if last else max(months[0], begins)
    if begins > ends:
        raise BadPeriod("wrong_order")
    return Period(begins, ends)


def month_after(month: date) -> date:
    """The first day of the month that follows."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _month_before(month: date) -> date:
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def _month(text: str, months: Sequence[date]) -> date:
    found = next((month for month in months if f"{month:%Y-%m}" == text), None)
    if found is None:
        raise BadPeriod("no_such_month")
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UK)
