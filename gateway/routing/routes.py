"""Who is told about a concern: data/routing.yml, read and checked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.config import settings
from gateway.routing import reading
from gateway.routing.clocks import Clock
from gateway.routing.reading import BadRouting, Reader, refuse
from gateway.routing.roster import Contact, Step
from gateway.wording import choices

__all__ = ["BadRouting", "Contact", "Routing", "Step", "load", "routing"]

# Its route goes to public protection and to no wing, so it stands above the caller's own.
THREAT = "threat_by_prisoner"
_KNOWN = frozenset(
    "acknowledge_within_minutes review_within_minutes working_day_begins hours default fallback caller categories"
    " prisons".split()
)


@dataclass(frozen=True)
class Routing:
    """The ladders, and how long each urgency waits before the next rung."""

    clocks: dict[str, Clock]
    acknowledged_clocks: dict[str, Clock]
    ladders: dict[str, tuple[Step, ...]]

    def ladder(self, prison_id: str | None, category: str, subject: str) -> tuple[Step, ...]:
        """The steps for a concern: the caller's own way, or the category's, or the prison's, or the fallback."""
        for name in self._names(prison_id, category, subject):
            if name in self.ladders and (steps := _for_prison(self.ladders[name], prison_id)):
                return steps
        raise BadRouting("data/routing.yml has no fallback")

    def _names(self, prison_id: str | None, category: str, subject: str) -> Iterator[str]:
        if category == THREAT:
            yield f"category:{category}"
        if subject == "caller":
            yield "caller"
        yield f"category:{category}"
        if prison_id:
            yield from (f"prison:{prison_id}", "default")
        yield "fallback"

    def has_own_route(self, category: str | None) -> bool:
        """Whether a category goes past the prison's own ladder."""
        return f"category:{category}" in self.ladders


def _for_prison(ladder: tuple[Step, ...], prison_id: str | None) -> tuple[Step, ...]:
    """Fill `{prison}` in addresses with the prison's id in lower case; with no prison, those addresses are nobody's.

    While nobody on a step is on duty, those on the last who are always there are told. Without any, it is no ladder.
    """
    filled = [replace(step, tell=tuple(_contacts(step, prison_id))) for step in ladder]
    steps = [step for step in filled if step.tell]
    always = tuple(contact for contact in steps[-1].tell if contact.is_always_there) if steps else ()
    return tuple(replace(step, otherwise=always) for step in steps) if always else ()


def _contacts(step: Step, prison_id: str | None) -> Iterator[Contact]:
    for contact in step.tell:
        if prison_id:
            yield replace(contact, address=contact.address.replace("{prison}", prison_id.lower()))
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
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise BadRouting(f"{path}: {type(error).__name__}: {error}") from error
    if not isinstance(raw, dict):
        raise BadRouting(f"{path}: holds no list of names such as default, fallback and caller")
    if unknown := set(raw) - _KNOWN:
        refuse(", ".join(sorted(map(str, unknown))), "is unknown here")
    morning = reading.clock("working_day_begins", raw.get("working_day_begins", "09:00"))
    name = "acknowledge_within_minutes"
    clocks = reading.clocks(name, raw.get(name), morning)
    name = "review_within_minutes"
    after = reading.clocks(name, raw.get(name), morning)
    return Routing(clocks, after, _ladders(Reader(reading.windows(raw.get("hours")), clocks["emergency"]), raw))


def _ladders(reader: Reader, raw: dict[str, Any]) -> dict[str, tuple[Step, ...]]:
    ladders = {name: reader.ladder(name, raw.get(name)) for name in ("default", "fallback", "caller")}
    for name in ("fallback", "caller"):
        if any("{prison}" in contact.address for step in ladders[name] for contact in step.tell):
            refuse(name, "has no prison to fill in")
    categories, prisons = (reading.named(name, raw.get(name)) for name in ("categories", "prisons"))
    if unknown := set(categories) - set(choices("categories")):
        refuse("categories", f"has no such category: {', '.join(sorted(unknown))}")
    ladders |= {f"prison:{key}": reader.ladder(key, steps) for key, steps in prisons.items()}
    return ladders | {f"category:{key}": reader.ladder(key, steps) for key, steps in categories.items()}
