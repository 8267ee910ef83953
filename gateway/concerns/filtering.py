"""Which of what waits somebody wants to see, how much there is of each kind, and the filter that they keep."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern, Status, Urgency
from gateway.concerns.queue import PAGE_LENGTH, Line, Page, is_open, is_shown
from gateway.concerns.standing import Standing, standing, standing_of
from gateway.staff.models import Staff

NO_PRISON = "none"
EMERGENCY = Urgency.EMERGENCY.value

# The values chosen in each group. A concern fits when one value of every group that is named is its own.
Chosen = Mapping[str, Sequence[str]]
# An urgency and a standing: within one of these the oldest is first.
Sort = tuple[str, str]


@dataclass(frozen=True)
class Tally:
    """How many open concerns of a person's there are with the same values in all groups."""

    rows: Sequence[tuple[dict[str, str], int]]

    def total(self, chosen: Chosen) -> int:
        """How many fit."""
        return sum(count for _, count in self._fitting(chosen))

    def by(self, group: str, chosen: Chosen) -> Counter[str]:
        """How many fit with each value of a group."""
        found: Counter[str] = Counter()
        for values, count in self._fitting(chosen):
            found[values[group]] += count
        return found

    def alike(self, chosen: Chosen) -> Counter[Sort]:
        """How many fit of each urgency and standing."""
        found: Counter[Sort] = Counter()
        for values, count in self._fitting(chosen):
            found[values["urgency"], values["standing"]] += count
        return found

    def _fitting(self, chosen: Chosen) -> Iterable[tuple[dict[str, str], int]]:
        return (row for row in self.rows if all(row[0][group] in values for group, values in chosen.items()))


@dataclass(frozen=True)
class Place:
    """Why a concern stands where it does: how many are of its urgency and standing, how many of those are older."""

    number: int
    standing: str
    alike: int
    older: int


def tally(session: Session, staff: Staff) -> Tally:
    """All that waits for this person, counted once."""
    groups = _groups(staff)
    waiting = select(*(column.label(group) for group, column in groups.items())).where(is_open(), is_shown(staff))
    each = waiting.subquery()
    counted = session.execute(select(*each.c, func.count()).group_by(*each.c))
    return Tally([(dict(zip(groups, row[:-1], strict=True)), row[-1]) for row in counted])


def fits(staff: Staff, chosen: Chosen) -> list[ColumnElement[bool]]:
    """`Tally.total` as conditions on the concern table."""
    groups = _groups(staff)
    return [groups[group].in_(values) for group, values in chosen.items()]


def places(page: Page, alike: Counter[Sort]) -> list[Place]:
    """The place of each line of a page of open concerns, of which there are so many of each sort."""
    begin, before = {}, 0
    for urgency, stands in product(Urgency, Standing):
        sort = urgency.value, stands.value
        begin[sort], before = before, before + alike[sort]
    sorts = [_sort(line) for line in page.lines]
    return [
        _place(number, sort[1], begin[sort], alike[sort])
        for number, sort in enumerate(sorts, (page.number - 1) * PAGE_LENGTH)
    ]


def unread_emergencies(session: Session, staff: Staff, most: int = 100) -> Sequence[str]:
    """The references of the newest emergencies that nobody has acknowledged, whatever filter is on."""
    unread = (Concern.urgency == EMERGENCY, Concern.status == Status.OPEN.value, is_shown(staff))
    return session.scalars(select(Concern.reference).where(*unread).order_by(Concern.id.desc()).limit(most)).all()


def keep(session: Session, staff: Staff, chosen: Chosen) -> None:
    """From now on their queue opens with this filter; with none when nothing is chosen."""
    wanted = {group: list(values) for group, values in chosen.items()} or None
    if wanted == staff.queue_filter:
        return
    staff.queue_filter = wanted
    record(session, LogEvent.STAFF_FILTER_KEPT, actor=f"staff:{staff.id}", filter=codes(chosen))


def codes(chosen: Chosen) -> list[str]:
    """A filter as the log has it."""
    return [f"{group}:{value}" for group, values in chosen.items() for value in values]


def _sort(line: Line) -> Sort:
    return line.concern.urgency, standing_of(line.concern).value


def _place(number: int, standing: str, begin: int, alike: int) -> Place:
    older = max(0, number - begin)
    # One that came between the counting and the reading is among the lines only.
    return Place(number + 1, standing, max(alike, older + 1), older)


def _groups(staff: Staff) -> dict[str, Any]:
    in_hands = case(
        (Concern.assigned_to.is_(None), "nobody"), (Concern.assigned_to == staff.id, "mine"), else_="others"
    )
    return {
        "urgency": Concern.urgency,
        "status": Concern.status,
        "standing": standing(),
        "hands": in_hands,
        "category": Concern.category,
        "prison": func.coalesce(Concern.prison_id, NO_PRISON),
        "channel": Concern.channel,
    }
