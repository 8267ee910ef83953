"""What is doubtful in a routing that can be used: hours without anybody on duty, addresses that nobody reads."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gateway.config import settings
from gateway.db import now
from gateway.prisons.register import read_prisons
from gateway.routing.roster import DAY, MIDNIGHT, Step, on_duty
from gateway.routing.routes import Routing
from gateway.spoken import UK

LOOKS_AHEAD = 366 * DAY


@dataclass(frozen=True)
class Hole:
    """A time in which nobody of a step is on duty; the end is not part of it."""

    begins: datetime
    ends: datetime


def doubts(routing: Routing) -> Iterator[str]:
    """One line for each thing that somebody should look at."""
    steps = [(name, step) for name, ladder in routing.ladders.items() for step in ladder]
    contacts = {contact for _, step in steps for contact in step.tell}
    if nobody := sorted({contact.address for contact in contacts if contact.address.endswith(".invalid")}):
        yield f"names addresses that nobody reads: {', '.join(nobody)}"
    if not settings().webhook_secret and any(contact.medium == "webhook" for contact in contacts):
        yield "tells webhooks, but WEBHOOK_SECRET is not set: none of them will be told"
    known = {prison["id"] for prison in read_prisons(settings().data_dir / "prisons.csv")}
    if unknown := {name.removeprefix("prison:") for name in routing.ladders if name.startswith("prison:")} - known:
        yield f"has ladders for prisons that data/prisons.csv does not have: {', '.join(sorted(unknown))}"
    for name, step in steps:
        yield from _empty_hours(name, step)


def _empty_hours(name: str, step: Step) -> Iterator[str]:
    found = holes(step, now())
    if not found:
        return
    first = found[0]
    begins, ends = (f"{moment.astimezone(UK):%a %d %b %Y %H:%M}" for moment in (first.begins, first.ends))
    others = f" and {len(found) - 1} times more within a year" if len(found) > 1 else ""
    yield (
        f"{name}, step {step.name}: nobody is on duty from {begins} to {ends}{others};"
        " those on the ladder's last step who are always there are told then"
    )


def holes(step: Step, start: datetime, length: timedelta = LOOKS_AHEAD) -> list[Hole]:
    """The times from a moment on in which nobody of a step is on duty, oldest first."""
    if any(contact.is_always_there for contact in step.tell):
        return []
    moments = [start, *_changes(step, start, start + length), start + length]
    found: list[Hole] = []
    for begins, ends in zip(moments, moments[1:], strict=False):
        if on_duty(step, begins):
            continue
        if found and found[-1].ends == begins:
            begins = found.pop().begins
        found.append(Hole(begins, ends))
    return found


def _changes(step: Step, start: datetime, end: datetime) -> list[datetime]:
    """Every moment at which somebody's duty may begin or end: midnights, the ends of hours, clocks being changed."""
    ends = {MIDNIGHT} | {at for one in step.tell for window in one.windows for at in (window.begins, window.ends)}
    days = [start.astimezone(UK).date() + number * DAY for number in range((end - start) // DAY + 2)]
    return sorted({moment for day in days for moment in _moments(day, ends) if start < moment < end})


def _moments(day: date, ends: set[time]) -> Iterator[datetime]:
    yield datetime.combine(day, time(1), UTC)  # when the UK changes its clocks
    for at in ends:  # in autumn an hour comes twice
        yield from (datetime.combine(day, at.replace(fold=fold), UK).astimezone(UTC) for fold in (0, 1))
