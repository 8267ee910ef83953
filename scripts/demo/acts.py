"""What happens after the first message: what family, bot and staff do, each by its name in stories.yml."""

from collections.abc import Callable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.callbacks import service as callbacks
from gateway.callbacks.models import Callback
from gateway.concerns import acts, closing, service
from gateway.concerns.free_words import tell_family_freely
from gateway.concerns.models import Concern, Status
from gateway.db import unit_of_work
from gateway.feedback import service as feedback
from gateway.prisons.service import find_prisons
from gateway.privacy import service as privacy
from scripts.demo.family import Family


class Cast:
    """The people of the demo, by the names that they have in its file."""

    def __init__(self, numbers: Mapping[str, int], answers_for: Mapping[str, str]) -> None:
        self._numbers, self._answers_for = numbers, answers_for

    def number_of(self, name: str, prison: str | None) -> int:
        """Of a person, or of `officer`: whoever deals with the concerns of a prison."""
        return self._numbers[self._answers_for[prison or "none"] if name == "officer" else name]

    def second(self, first: int) -> int:
        """Who confirms what the first would close: the one who sees every prison, or else a colleague there."""
        desk = self._numbers[self._answers_for["none"]]
        return desk if desk != first else next(number for number in self._numbers.values() if number != first)


def act(family: Family, cast: Cast, who: str, what: str, words: str) -> None:
    """One thing that somebody does."""
    if who == "family":
        OF_FAMILY[what](family, words)
    elif who == "bot":
        OF_BOT[what](family, words)
    else:
        _by_staff(family, cast, who, what, words)


def _writes(family: Family, words: str) -> None:
    """`risk | text`, or a text with nothing in it to fear."""
    risk, bar, text = words.partition(" | ")
    family.writes(*((text, risk) if bar else (words, "none")))


def _wants_a_call(family: Family, words: str) -> None:
    """`number | good time | prison | about`."""
    number, good_time, prison, about = words.split(" | ")
    with unit_of_work() as session:
        call = callbacks.ask(session, family.last, number)
        found = find_prisons(session, prison)
        place = found[0] if found else None
        callbacks.enrich(
            session, call, family.last, good_time=good_time, about=about, prison_id=place.id if place else None
        )  # fmt: skip
        reference, name = call.reference, place.name if place else ""
    family.is_told(
        f"callback_recorded{'' if name else '_no_prison'}", number=number, prison_name=name, reference=reference
    )


def _thinks(family: Family, words: str) -> None:
    """`score | words`."""
    score, _, said = words.partition(" | ")
    family.writes(f"{score}. {said}")
    with unit_of_work() as session:
        feedback.give(session, family.last, score=int(score), words=said or None)
    family.is_told("feedback_thanks")


def _wants_to_be_deleted(family: Family, words: str) -> None:
    family.writes(words)
    privacy.ask(family.last)


OF_FAMILY: dict[str, Callable[[Family, str], None]] = {
    "writes": _writes,
    "wants a call": _wants_a_call,
    "thinks": _thinks,
    "wants deletion": _wants_to_be_deleted,
}
OF_BOT: dict[str, Callable[[Family, str], None]] = {
    "says": lambda family, words: family.is_told(words),
    "is late": lambda family, words: family.waits(),
}


def _by_staff(family: Family, cast: Cast, who: str, what: str, words: str) -> None:
    with unit_of_work() as session:
        if what == "calls back":
            call = session.scalars(select(Callback).where(Callback.conversation_id == family.id)).one()
            callbacks.finish(session, call, cast.number_of(who, call.prison_id), words)
            return
        concern = service.by_reference(session, str(family.reference))
        assert concern is not None, (family.reference, what)
        staff = cast.number_of(who, concern.prison_id)
        if what == "closes":
            _close(session, concern, staff, cast.second(staff), words)
        else:
            BY_STAFF[what](session, concern, staff, words)


def _close(session: Session, concern: Concern, staff: int, second: int, outcome: str) -> None:
    """An emergency is closed by two."""
    if concern.status != Status.CLOSED.value and not closing.close(session, concern, staff, outcome):
        closing.confirm(session, concern, second)


BY_STAFF: dict[str, Callable[[Session, Concern, int, str], object]] = {
    "acknowledges": lambda session, concern, staff, words: acts.acknowledge(session, concern, staff),
    "notes": acts.add_note,
    "records": acts.record_action,
    "sends": acts.tell_family,
    "writes": tell_family_freely,
}
