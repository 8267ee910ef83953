"""Prison words in plain English, from data/glossary.yml."""

import difflib
import itertools
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from gateway.config import settings

# From here on a message names the word that it asks about, as in "my lad is on B wing, what does ROTL mean".
_ASKS = re.compile(r"\b(?:wh?at'?s?|wots?|meaning of|mean by|explain|stands? for|define)\b")
# A shorter word that is one letter off is another word more often than a slip.
LONG_ENOUGH_TO_MISSPELL = 6
ALIKE = 0.84


@dataclass(frozen=True)
class Word:
    """One entry. `ways` are all the ways in which people write it, in the form that `plain` gives."""

    name: str
    meaning: str
    ways: tuple[str, ...]
    source: dict[str, str]

    @property
    def title(self) -> str:
        """The word as it stands at the beginning of a sentence."""
        return self.name[:1].upper() + self.name[1:]


@cache
def glossary() -> dict[str, Word]:
    """The words of this installation by their names."""
    return load(settings().data_dir / "glossary.yml")


def load(path: Path) -> dict[str, Word]:
    """Read a file of words. Raises KeyError when an entry lacks its meaning or source."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["words"]
    return {name: _word(name, entry) for name, entry in entries.items()}


def asked_about(text: str, words: dict[str, Word]) -> Word | None:
    """The word that a message wants explained: the first after "what", or else the last one it mentions."""
    said = plain(text)
    asks = _ASKS.search(said)
    before, after = (said[: asks.start()], said[asks.end() :]) if asks else (said, "")
    if found := _mentioned(after, words):
        return found[0]
    if found := _mentioned(before, words):
        return found[-1]
    return _misspelt(said, words)


def plain(text: str) -> str:
    """A text for comparing: small letters, V.O. as vo, and nothing between words but one space."""
    small = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", text.lower().replace("’", "'"))
    return " ".join(re.findall(r"[\w'-]+", small))


def _word(name: str, entry: dict[str, object]) -> Word:
    also = entry.get("also") or []
    assert isinstance(also, list)
    source = {part: str(entry[part]) for part in ("source", "url", "checked")}
    return Word(name, str(entry["meaning"]).strip(), tuple(plain(way) for way in (name, *also)), source)


def _mentioned(said: str, words: dict[str, Word]) -> list[Word]:
    """The words in a text in its order; of two that begin together the longer one."""
    ways = {way: word for word in words.values() for way in word.ways}
    longest_first = "|".join(re.escape(way) for way in sorted(ways, key=len, reverse=True))
    return [ways[found] for found in re.findall(rf"(?<![\w'-])({longest_first})(?:'?s)?(?![\w'-])", said)]


def _misspelt(said: str, words: dict[str, Word]) -> Word | None:
    """The word that somebody tried to write, as in "ajudication" or "cloesd vist"."""
    ways = {way: word for word in words.values() for way in word.ways if len(way) >= LONG_ENOUGH_TO_MISSPELL}
    single = said.split()
    for tried in [*(" ".join(pair) for pair in itertools.pairwise(single)), *single]:
        if len(tried) >= LONG_ENOUGH_TO_MISSPELL and (close := difflib.get_close_matches(tried, ways, 1, ALIKE)):
            return ways[close[0]]
    return None
