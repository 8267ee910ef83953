"""How long each kind of data is kept: data/retention.yml, read and checked."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.config import settings

# The kinds that gateway/privacy/expiry.py knows how to find, in the order in which they are deleted.
KINDS = (
    "concerns",
    "possible_concerns",
    "assessments",
    "chats",
    "rasa_tracker",
    "callbacks",
    "feedback",
    "digests",
    "suspect_messages",
    "erasure_requests",
    "erasure_notices",
    "conversations",
)


class BadPolicy(Exception):
    """data/retention.yml cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Rule:
    """What the operator has decided for one kind of data."""

    kind: str
    what: str
    tables: tuple[str, ...]
    since: str
    keep: timedelta | None  # None: until somebody decides
    why: str


@dataclass(frozen=True)
class Policy:
    """The whole table."""

    rules: dict[str, Rule]  # in the order of KINDS
    kept: dict[str, str]  # tables that no time limit empties, and why
    erase_concerns_on_request: bool


@cache
def policy() -> Policy:
    """The policy of this installation. Raises BadPolicy."""
    return load(settings().data_dir / "retention.yml")


def load(path: Path) -> Policy:
    """Read a retention file. Raises BadPolicy with the place of the mistake."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        kinds, erase = raw["kinds"], raw["erase_concerns_on_request"]
        if set(kinds) != set(KINDS):
            raise BadPolicy(f"{path}: the kinds must be {', '.join(KINDS)}")
        if not isinstance(erase, bool):
            raise BadPolicy(f"{path}: erase_concerns_on_request is neither true nor false")
        return Policy({kind: _rule(path, kind, kinds[kind]) for kind in KINDS}, dict(raw["kept"]), erase)
    except (KeyError, TypeError, ValueError, AttributeError, OSError, yaml.YAMLError) as error:
        raise BadPolicy(f"{path}: {type(error).__name__}: {error}") from error


def _rule(path: Path, kind: str, raw: dict[str, Any]) -> Rule:
    days = raw["keep_days"]
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or days < 1):
        raise BadPolicy(f"{path}: {kind}: keep_days is {days!r}, not a whole number of days or null")
    keep = None if days is None else timedelta(days=days)
    return Rule(kind, raw["what"], tuple(raw["tables"]), raw["since"], keep, raw["why"])
