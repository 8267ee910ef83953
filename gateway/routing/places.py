"""The ladders that a concern about a place may take, for people to look at."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.privacy.blind import contact_index
from gateway.routing.roster import Contact, Step
from gateway.routing.routes import routing
from gateway.wording import choices


@dataclass(frozen=True)
class Way:
    """A ladder and the concerns that take it. `categories`: only these; none: whatever has no way of its own."""

    subject: str
    categories: tuple[str, ...]
    steps: tuple[Step, ...]


def ways(prison_id: str | None) -> list[Way]:
    """The ladders of a prison, or of concerns without one and of the caller's own risk. The usual one first."""
    own = tuple(category for category in choices("categories") if routing().has_own_route(category))
    found = [Way("prisoner", (), routing().ladder(prison_id, "other", "prisoner"))]
    if prison_id is None:
        found.append(Way("caller", (), routing().ladder(None, "other", "caller")))
    return found + [Way("prisoner", (one,), routing().ladder(prison_id, one, "prisoner")) for one in own]


def contacts(prison_id: str | None) -> Iterator[Contact]:
    """Everybody on any of them."""
    for way in ways(prison_id):
        for step in way.steps:
            yield from step.tell


def key_of(contact: Contact) -> str:
    """Stands for one contact in a page and in the log, without saying who it is."""
    return contact_index(contact.medium, contact.address)
