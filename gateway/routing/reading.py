"""Reading data/routing.yml: each mistake is refused with the place where it stands."""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, NoReturn
from urllib.parse import urlsplit

from gateway.routing.clocks import Clock, NextWorkingDay
from gateway.routing.roster import DAYS, Absence, Contact, Step, Window

MEDIA = ("email", "sms", "call", "webhook")
URGENCIES = ("emergency", "urgent", "routine")
WORDS_FOR_NEXT_WORKING_DAY = "next working day"
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class BadRouting(Exception):
    """data/routing.yml cannot be used; the message says where and why."""


def refuse(place: str, fault: str) -> NoReturn:
    """Say where the mistake stands. Raises BadRouting."""
    raise BadRouting(f"data/routing.yml: {place} {fault}")


@dataclass(frozen=True)
class Reader:
    """Reads ladders with the windows and the clocks of their file."""

    windows: dict[str, Window]
    emergency: Clock

    def ladder(self, place: str, raw: Any) -> tuple[Step, ...]:
        """A list of steps. Its last has somebody who is always there, so that nobody is never told."""
        if not isinstance(raw, list) or not raw:
            refuse(place, "tells nobody")
        steps = tuple(self._step(place, number, step) for number, step in enumerate(raw))
        if not any(contact.is_always_there for contact in steps[-1].tell):
            refuse(place, f"needs somebody without hours and absences on its last step, {steps[-1].name}")
        return steps

    def _step(self, place: str, number: int, raw: Any) -> Step:
        if not isinstance(raw, dict) or not raw.get("step"):
            refuse(place, f"has no name for its step {number + 1}: write step: and what it is called")
        name, told = str(raw["step"]), raw.get("tell")
        _only(raw, {"step", "tell", "within_minutes"}, f"{place}, step {name}")
        if not told:
            refuse(place, f"tells nobody on its step {name}")
        contacts = tuple(self._contact(f"{place}, step {name}", contact) for contact in told)
        return Step(name, contacts, within=self._within(f"{place}, step {name}", number, raw.get("within_minutes")))

    def _within(self, place: str, number: int, raw: Any) -> timedelta | None:
        if raw is None:
            return None
        within = _minutes(place, raw)
        if not isinstance(self.emergency, timedelta) or self.emergency * number > within:
            refuse(place, f"is to be told within {raw} minutes, but {number} clocks of an emergency come before it")
        return within

    def _contact(self, place: str, raw: Any) -> Contact:
        if not isinstance(raw, dict):
            refuse(place, f"has {raw!r} where a contact should be, such as email: name@example.org")
        raw = {"on" if name is True else name: given for name, given in raw.items()}  # YAML takes the word for true
        reached = {medium: address for medium, address in raw.items() if medium not in ("on", "away")}
        if len(reached) != 1:
            refuse(place, f"has a contact with {len(reached)} addresses; each needs exactly one")
        ((medium, address),) = reached.items()
        if medium not in MEDIA:
            refuse(place, f"{medium} is none of {', '.join(MEDIA)}")
        _check_address(place, medium, str(address))
        windows = tuple(self._window(place, name) for name in _listed(place, "on", raw.get("on")))
        away = tuple(_absence(place, days) for days in _listed(place, "away", raw.get("away")))
        return Contact(medium, str(address), windows, away)

    def _window(self, place: str, name: Any) -> Window:
        if str(name) not in self.windows:
            refuse(place, f"names the hours {name!r}, which do not stand under hours")
        return self.windows[str(name)]


def windows(raw: Any) -> dict[str, Window]:
    """The named hours of duty. Raises BadRouting."""
    return {name: _window(f"hours, {name},", name, given) for name, given in named("hours", raw).items()}


def named(place: str, raw: Any) -> dict[str, Any]:
    """What stands under names; nothing when the part is left out. Raises BadRouting."""
    if raw is not None and not isinstance(raw, dict):
        refuse(place, "needs names, each followed by a colon and what it stands for")
    return {str(name): given for name, given in (raw or {}).items()}


def _window(place: str, name: str, raw: Any) -> Window:
    if not isinstance(raw, dict):
        refuse(place, "needs days, from or to")
    _only(raw, {"days", "from", "to", "bank_holidays"}, place)
    days = _listed(place, "days", raw.get("days", list(DAYS)))
    if not days or any(day not in DAYS for day in days):
        refuse(place, f"has the days {days}; write some of {', '.join(DAYS)}")
    given = str(raw.get("bank_holidays", "yes"))
    worked = {"True": "yes", "False": "no"}.get(given, given)  # YAML reads yes and no as true and false
    if worked not in ("yes", "no", "only"):
        refuse(place, f"has bank_holidays: {worked}, which is none of yes, no, only")
    ends = [clock(place, raw.get(end, "00:00")) for end in ("from", "to")]
    return Window(name, frozenset(days), ends[0], ends[1], worked)


def clock(place: str, raw: Any) -> time:
    """A time of day such as "09:00". Raises BadRouting."""
    if not isinstance(raw, str) or not _CLOCK.fullmatch(raw):
        refuse(place, f'has the time {raw!r}; write one such as "09:00", with the quotation marks')
    return time.fromisoformat(raw)


def clocks(name: str, raw: Any, morning: time) -> dict[str, Clock]:
    """A clock for each urgency: minutes, or the words `next working day`. Raises BadRouting."""
    if not isinstance(raw, dict) or (missing := [urgency for urgency in URGENCIES if urgency not in raw]):
        refuse(name, f"has no time for {', '.join(missing) if isinstance(raw, dict) else 'any urgency'}")
    _only(raw, set(URGENCIES), name)
    return {
        urgency: NextWorkingDay(morning)
        if raw[urgency] == WORDS_FOR_NEXT_WORKING_DAY
        else _minutes(f"{name}, the clock {urgency},", raw[urgency])
        for urgency in URGENCIES
    }


def _minutes(place: str, raw: Any) -> timedelta:
    if isinstance(raw, bool) or not isinstance(raw, int) or raw < 1:
        refuse(place, f"is {raw!r}; it needs a whole number of minutes, a minute or more")
    return timedelta(minutes=raw)


def _absence(place: str, raw: Any) -> Absence:
    first, last = (raw.get("from"), raw.get("to")) if isinstance(raw, dict) else (None, None)
    if type(first) is not date or type(last) is not date or last < first:
        refuse(place, "has an absence that is not from: a day, to: the same or a later day, such as 2026-12-24")
    return Absence(first, last)


def _check_address(place: str, medium: str, address: str) -> None:
    if medium == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        refuse(place, f"{address} is no e-mail address")
    if medium in ("sms", "call") and not _NUMBER.fullmatch(address):
        refuse(place, f'has a number that is not like "+447700900123", with the quotation marks: {address}')
    if medium == "webhook" and not _is_safe(address):
        refuse(place, f"{address} is no webhook: it must begin with https://")


def _is_safe(address: str) -> bool:
    """Whether what is sent there cannot be read on the way."""
    parts = urlsplit(address)
    on_this_machine = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and (parts.scheme == "https" or on_this_machine)


def _listed(place: str, name: str, raw: Any) -> list[Any]:
    if raw is not None and not isinstance(raw, list):
        refuse(place, f"{name}: needs a list, in square brackets or a line each")
    return raw or []


def _only(raw: dict[str, Any], known: set[str], place: str) -> None:
    if unknown := set(raw) - known:
        refuse(place, f"has {', '.join(sorted(map(str, unknown)))}, which is unknown here")
