"""The words by which people are told from the rest of a message: data/person_words.yml and the names of prisons."""

from dataclasses import dataclass
from functools import cache

import yaml

from gateway.config import settings
from gateway.prisons.names import name_rules
from gateway.prisons.register import read_prisons
from gateway.prisons.words import phrase

Words = tuple[str, ...]


@dataclass(frozen=True)
class PersonWords:
    """Relations lead from a word to what the writer is to the prisoner, groups on from there; names are folded."""

    my: dict[Words, str]
    our: dict[Words, str]
    i_am: dict[Words, str]
    groups: dict[Words, str]
    between: frozenset[str]
    first_names: frozenset[str]
    also_words: frozenset[str]
    not_names: frozenset[str]
    after_a_name: frozenset[str]
    after_any_name: frozenset[str]
    places: frozenset[Words]
    surnames_too: frozenset[Words]

    def is_place(self, words: Words) -> bool:
        """The words begin with the name of a prison or its town."""
        return any(words[:length] in self.places for length in range(1, min(4, len(words)) + 1))


@cache
def person_words() -> PersonWords:
    """The lists of this installation, read once."""
    data = settings().data_dir
    raw = yaml.safe_load((data / "person_words.yml").read_text(encoding="utf-8"))
    return PersonWords(
        my=_relations(raw["my"]),
        our=_relations(raw["our"]),
        i_am=_relations(raw["i_am"]),
        groups=_relations(raw["groups"]),
        between=frozenset(raw["between"].split()),
        first_names=frozenset(raw["first_names"].split()),
        also_words=frozenset(raw["also_words"].split()),
        not_names=frozenset(raw["not_names"].split()),
        after_a_name=frozenset(raw["after_a_name"].split()),
        after_any_name=frozenset(raw["after_any_name"].split()),
        places=_places(),
        surnames_too=frozenset(name_rules().cautions),
    )


def _relations(raw: dict[str, str]) -> dict[Words, str]:
    return {phrase(word): relation for relation, words in raw.items() for word in words.split(",")}


def _places() -> frozenset[Words]:
    rows = read_prisons(settings().data_dir / "prisons.csv")
    named = {
        phrase(name) for row in rows for name in (row["name"], *row["aliases"], row["town"] or "", row["county"] or "")
    }
    return frozenset(named | name_rules().ask.keys() | name_rules().left_out) - {()}
