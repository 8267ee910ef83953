"""The names that prisons go by, and how careful to be with each: data/prison_names.yml over data/prisons.csv."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

import yaml

from gateway.config import settings
from gateway.prisons.words import phrase

Phrase = tuple[str, ...]
# What stands before a name without being part of it, as in "HMP/YOI Hull".
_PREFIXES = frozenset({"hmp", "hm", "yoi", "hmyoi"})


class Place(Protocol):
    """What has to be known of a place to find its name in a text; a Prison is one."""

    id: str
    name: str
    kind: str
    active: bool
    sex_held: str | None
    category: str | None
    aliases: list[str]
    town: str | None


class Caution(IntEnum):
    """What a name needs around it before it counts as a prison."""

    NONE = 0
    CUE = 1  # a surname or an ordinary place: "in Preston", "Preston prison"
    BEWARE = 2  # an ordinary word: "he is in Reading", "HMP Send"


@dataclass(frozen=True)
class Known:
    """What a phrase means: one prison, several to ask about, or, when it is left out on purpose, none."""

    ids: tuple[str, ...]
    caution: Caution = Caution.NONE
    named: str | None = None  # which of several "HMP <phrase>" is


@dataclass(frozen=True)
class NameRules:
    """data/prison_names.yml, read."""

    ask: dict[Phrase, Known]
    cautions: dict[Phrase, Caution]
    left_out: frozenset[Phrase]
    exact: frozenset[str]
    no_slip: frozenset[str]
    cues: dict[str, frozenset[Phrase]]
    who: dict[str, frozenset[Phrase]]

    @cached_property
    def cue_words(self) -> frozenset[str]:
        """Every word that is a cue of some sort, so surely no name of a person."""
        return frozenset(word for cue in self.cues.values() for listed in cue for word in listed)


@cache
def name_rules() -> NameRules:
    """The rules of this installation."""
    return load_rules(settings().data_dir / "prison_names.yml")


def load_rules(path: Path) -> NameRules:
    """Read a file of rules. Raises KeyError when a list is missing."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    cautions = {name: Caution.CUE for name in _phrases(raw["want_a_cue"])}
    return NameRules(
        ask={name: known for entry in raw["ask"] for name, known in _ask(entry)},
        cautions=cautions | {name: Caution.BEWARE for name in _phrases(raw["beware"])},
        left_out=_phrases(raw["left_out"]),
        exact=frozenset(raw["exact"].split()),
        no_slip=frozenset(raw["no_slip"].split()),
        cues={name: _phrases(words) for name, words in raw["cues"].items()},
        who={name: _phrases(words) for name, words in raw["who"].items()},
    )


def _phrases(listed: str) -> frozenset[Phrase]:
    return frozenset(phrase(item) for item in listed.split(","))


def _ask(entry: Mapping[str, Any]) -> Iterable[tuple[Phrase, Known]]:
    ids = tuple(entry["prisons"].split(", "))
    return [(name, Known(ids, named=entry.get("named"))) for name in _phrases(entry["words"])]


def known_names(places: Iterable[Place], rules: NameRules) -> dict[Phrase, Known]:
    """Every phrase that means something, with its caution. The rules win over the names and aliases."""
    found: dict[Phrase, Known] = {}
    for place in places:
        for name in (place.name, *place.aliases):
            for written in _written(phrase(name), rules):
                found.setdefault(written, Known((place.id,)))
    found |= rules.ask
    found |= {name: replace(found[name], caution=caution) for name, caution in rules.cautions.items() if name in found}
    return found | {name: Known(()) for name in rules.left_out}


def _written(name: Phrase, rules: NameRules) -> list[Phrase]:
    """A name without HMP before it, and as it stands unless "HMP" settles nothing, as for Peterborough."""
    bare = name
    while len(bare) > 1 and bare[0] in _PREFIXES:
        bare = bare[1:]
    return [bare] if bare in rules.ask and "hmyoi" not in name else [bare, name]
