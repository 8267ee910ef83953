"""What the queue shows to one person: the page, the choices of the filter with their counts, and what these hide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from gateway.concerns import filtering
from gateway.concerns.filtering import EMERGENCY, NO_PRISON, Chosen, Place, Tally
from gateway.concerns.models import Status
from gateway.concerns.queue import Page, open_page
from gateway.db import one_of
from gateway.prisons.models import Prison
from gateway.staff.models import Staff
from gateway.staff.service import prison_ids
from gateway.wording import choices, say

# Says that the address itself tells what is chosen, be it nothing: the filter that they keep is then not asked.
FILTERED = "filtered"


@dataclass(frozen=True)
class Choice:
    """One box of the filter, and how many there are if it is the only one of its group."""

    value: str
    words: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Group:
    """The boxes that belong together, and how many there would be if none of them was chosen."""

    name: str
    words: str
    choices: Sequence[Choice]
    without: int

    @property
    def chosen(self) -> Sequence[Choice]:
        """What is ticked."""
        return [choice for choice in self.choices if choice.chosen]


@dataclass(frozen=True)
class Waiting:
    """All of the page but its frame."""

    page: Page
    places: Sequence[Place]
    groups: Sequence[Group]
    chosen: Chosen
    kept: Chosen
    everything: int
    emergencies_hidden: int
    unread_emergencies: Sequence[str]

    def address(self, **more: int) -> dict[str, Any]:
        """What the address of this list, or of another page of it, says."""
        return {FILTERED: 1, **self.chosen, **more}

    def without(self, group: str, value: str = "") -> dict[str, Any]:
        """What the address of the list says that is filtered by less: without a value, or a whole group."""
        left = [one for one in self.chosen[group] if value and one != value]
        return {FILTERED: 1, **self.chosen, group: left}


def waiting(session: Session, staff: Staff, asked: MultiDict[str, str]) -> Waiting:
    """What an address asks for, or the filter that they keep when it asks for none."""
    counted = filtering.tally(session, staff)
    words = _words(session, staff, counted)
    kept = _known(words, staff.queue_filter or {})
    chosen = _known(words, asked.to_dict(flat=False)) if {FILTERED, *words} & asked.keys() else kept
    number = asked.get("page", 1, type=int)
    page = open_page(session, staff, number, counted.total(chosen), *filtering.fits(staff, chosen))
    return Waiting(
        page, filtering.places(page, counted.alike(chosen)), _groups(words, counted, chosen), chosen, kept,
        counted.total({}), counted.total({"urgency": [EMERGENCY]}) - counted.by("urgency", chosen)[EMERGENCY],
        filtering.unread_emergencies(session, staff),
    )  # fmt: skip


def known_filter(session: Session, staff: Staff, asked: MultiDict[str, str]) -> Chosen:
    """What a form asks to be kept, less what is no choice of theirs."""
    return _known(_words(session, staff, filtering.tally(session, staff)), asked.to_dict(flat=False))


def _words(session: Session, staff: Staff, counted: Tally) -> dict[str, dict[str, str]]:
    """All values that may be chosen, as people read them."""
    ids = {*prison_ids(staff), *counted.by("prison", {})}  # their own callers may write from any prison
    theirs = select(Prison.id, Prison.name).where(one_of(Prison.id, sorted(ids))).order_by(Prison.name)
    return {
        "urgency": choices("urgencies"),
        "status": {key: words for key, words in choices("statuses").items() if key != Status.CLOSED.value},
        "hands": choices("queue_hands"),
        "category": choices("categories"),
        "prison": {**dict(session.execute(theirs).all()), NO_PRISON: say("queue_no_prison")},
        "channel": choices("queue_channels"),
    }


def _known(words: dict[str, dict[str, str]], asked: Mapping[str, Sequence[str]]) -> Chosen:
    """Always in the same order, so that two filters can be compared."""
    found = {group: [value for value in known if value in asked.get(group, ())] for group, known in words.items()}
    return {group: values for group, values in found.items() if values}


def _groups(words: dict[str, dict[str, str]], counted: Tally, chosen: Chosen) -> list[Group]:
    names = choices("queue_groups")
    return [_group(name, names[name], known, counted, chosen) for name, known in words.items()]


def _group(name: str, words: str, known: dict[str, str], counted: Tally, chosen: Chosen) -> Group:
    """What no open concern has is no choice, unless it is chosen."""
    others = {group: values for group, values in chosen.items() if group != name}
    there, beside, ticked = counted.by(name, {}), counted.by(name, others), chosen.get(name, ())
    boxes = [
        Choice(value, said, beside[value], value in ticked)
        for value, said in known.items()
        if there[value] or value in ticked
    ]
    return Group(name, words, boxes, counted.total(others))
