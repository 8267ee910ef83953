"""Prison words in a text that the glossary does not explain."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from gateway import glossary

_NOT_WORDS = re.compile(r"\S*(?:https?://|www\.)\S*|\S+@\S+|\{\w+\}|\b[A-Z]+\.UK\b")
_CANDIDATE = re.compile(r"\b[A-Za-z]{2,}\d?[A-Z]?\b")


@dataclass(frozen=True)
class Vocabulary:
    """data/glossary.yml: all that is explained, what has to be, and the capitals that need not be."""

    explained: frozenset[str]
    need_an_entry: frozenset[str]
    capitals: frozenset[str]


def load(path: Path) -> Vocabulary:
    """Read a file of words. Raises KeyError when a list is missing."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    ways = {way for word in glossary.load(path).values() for way in word.ways}
    needed = {glossary.plain(word) for word in raw["need_an_entry"].split(",")}
    return Vocabulary(frozenset(ways), frozenset(needed), frozenset(f"{raw['everyday']} {raw['names']}".split()))


def unexplained(text: str, known: Vocabulary) -> list[str]:
    """Abbreviations and prison words of a text that have no entry, in the alphabet's order."""
    read = _NOT_WORDS.sub(" ", text)
    capitals = {word for word in _CANDIDATE.findall(read) if _is_abbreviation(word)} - known.capitals
    said = glossary.plain(read)
    prison_words = {word for word in known.need_an_entry - known.explained if _says(said, word)}
    return sorted({word for word in capitals if not _is_explained(word, known)} | prison_words)


def _is_abbreviation(word: str) -> bool:
    """More capitals than small letters, and two at least: ACCT, CuSP, VOs."""
    large = sum(sign.isupper() for sign in word)
    return large > 1 and large > sum(sign.islower() for sign in word)


def _is_explained(word: str, known: Vocabulary) -> bool:
    return word.lower() in known.explained or word.lower().removesuffix("s") in known.explained


def _says(said: str, word: str) -> bool:
    return bool(re.search(rf"(?<![\w'-]){re.escape(word)}(?:'?s)?(?![\w'-])", said))
