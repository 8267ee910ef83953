"""Who is told about a concern: data/routing.yml, read and checked."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.config import settings


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
        """The steps for a concern: the caller's own risk and some categories go their own way, then the prison, then the fallback."""
        for name in (
            "caller" if subject == "caller" else None,
            f"category:{category}",
            f"prison:{prison_id}" if prison_id else "fallback",
            "default" if prison_id else "fallback",
        ):
            if name and name in self.ladders:
                return tuple(_for_prison(step, prison_id) for step in self.ladders[name])
        raise BadRouting("data/routing.yml has no fallback")


def _for_prison(step: Step, prison_id: str | None) -> Step:
    """Fill `{prison}` in a default address with the prison's id in lower case."""
    filled = (Contact(c.medium, c.address.replace("{prison}", (prison_id or "unknown").lower())) for c in step.tell)
    return Step(step.name, tuple(filled))


@cache
def routing() -> Routing:
    """The routing of this installation. Raises BadRouting."""
    return load(settings().data_dir / "routing.yml")


def load(path: Path) -> Routing:
    """Read a routing file. Raises BadRouting with the place of the mistake."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        ladders = {"default": _steps("default", raw["default"]), "fallback": _steps("fallback", raw["fallback"])}
        ladders["caller"] = _steps("caller", raw["caller"])
        ladders |= {f"prison:{key}": _steps(key, steps) for key, steps in (raw.get("prisons") or {}).items()}
        ladders |= {f"category:{key}": _steps(key, steps) for key, steps in (raw.get("categories") or {}).items()}
        return Routing(_clocks(raw["acknowledge_within_minutes"]), _clocks(raw["review_within_minutes"]), ladders)
    except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise BadRouting(f"{path}: {type(error).__name__}: {error}") from error


def _clocks(raw: dict[str, int]) -> dict[str, timedelta]:
    return {urgency: timedelta(minutes=raw[urgency]) for urgency in ("emergency", "urgent", "routine")}


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
