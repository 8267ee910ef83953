"""Who is told about a concern: data/routing.yml, read and checked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.config import settings
from gateway.wording import choices


class BadRouting(Exception):
    """data/routing.yml cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Contact:
    """One person or mailbox to tell."""

    medium: str  # email or sms
    address: str


@dataclass(frozen=True)
class Step:
    """One rung of the ladder: everyone on it is told at once."""

    name: str
    tell: tuple[Contact, ...]


@dataclass(frozen=True)
class Routing:
    """The ladders, and how long each urgency waits before the next rung."""

    clocks: dict[str, timedelta]
    acknowledged_clocks: dict[str, timedelta]
    ladders: dict[str, tuple[Step, ...]]

    def ladder(self, prison_id: str | None, category: str, subject: str) -> tuple[Step, ...]:
        """The steps for a concern: the caller's own way, or the category's, or the prison's, or the fallback."""
        for name in (
            "caller" if subject == "caller" else None,
            f"category:{category}",
            f"prison:{prison_id}" if prison_id else "fallback",
            "default" if prison_id else "fallback",
        ):
            if name and name in self.ladders and (steps := _for_prison(self.ladders[name], prison_id)):
                return steps
        raise BadRouting("data/routing.yml has no fallback")

    def has_own_route(self, category: str | None) -> bool:
        """Whether a category goes past the prison's own ladder."""
        return f"category:{category}" in self.ladders


def _for_prison(ladder: tuple[Step, ...], prison_id: str | None) -> tuple[Step, ...]:
    """Fill `{prison}` in addresses with the prison's id in lower case; with no prison, those addresses are nobody's."""
    filled = (Step(step.name, tuple(_contacts(step, prison_id))) for step in ladder)
    return tuple(step for step in filled if step.tell)


def _contacts(step: Step, prison_id: str | None) -> Iterator[Contact]:
    for contact in step.tell:
        if prison_id:
            yield Contact(contact.medium, contact.address.replace("{prison}", prison_id.lower()))
        elif "{prison}" not in contact.address:
            yield contact


@cache
def routing() -> Routing:
    """The routing of this installation. Raises BadRouting."""
    return load(settings().data_dir / "routing.yml")


def load(path: Path) -> Routing:
    """Read a routing file. Raises BadRouting with the place of the mistake."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        ladders = {name: _steps(name, raw[name]) for name in ("default", "fallback", "caller")}
        for name in ("fallback", "caller"):
            if any("{prison}" in contact.address for step in ladders[name] for contact in step.tell):
                raise BadRouting(f"{path}: {name} has no prison to fill in")
        ladders |= {f"prison:{key}": _steps(key, steps) for key, steps in (raw.get("prisons") or {}).items()}
        categories = raw.get("categories") or {}
        if unknown := set(categories) - set(choices("categories")):
            raise BadRouting(f"{path}: no such category: {', '.join(sorted(unknown))}")
        ladders |= {f"category:{key}": _steps(key, steps) for key, steps in categories.items()}
        return Routing(_clocks(raw["acknowledge_within_minutes"]), _clocks(raw["review_within_minutes"]), ladders)
    except (KeyError, TypeError, ValueError, AttributeError, OSError, yaml.YAMLError) as error:
        raise BadRouting(f"{path}: {type(error).__name__}: {error}") from error


def _clocks(raw: dict[str, int]) -> dict[str, timedelta]:
    clocks = {urgency: timedelta(minutes=raw[urgency]) for urgency in ("emergency", "urgent", "routine")}
    if min(clocks.values()) <= timedelta(0):
        raise BadRouting("data/routing.yml: every clock needs a minute or more")
    return clocks


def _steps(name: str, raw: list[dict[str, Any]]) -> tuple[Step, ...]:
    steps = tuple(Step(step["step"], tuple(_contact(name, c) for c in step["tell"])) for step in raw)
    if not steps or not all(step.tell for step in steps):
        raise BadRouting(f"data/routing.yml: {name} tells nobody")
    return steps


def _contact(name: str, raw: dict[str, str]) -> Contact:
    ((medium, address),) = raw.items()
    if medium not in ("email", "sms"):
        raise BadRouting(f"data/routing.yml: {name}: {medium} is neither email nor sms")
    return Contact(medium, str(address))
