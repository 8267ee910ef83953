"""People's names in what families write. A wrong name is worse than none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from gateway.concerns.people import PersonWords, person_words
from gateway.prisons.words import fold, trusts_capitals, words_of

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*(?!\w)")
_MOST_WORDS = 4
_PARTICLES = frozenset(
    {"de", "da", "di", "el", "al", "bin", "ibn", "van", "von", "der", "la", "le", "st", "o", "mac", "mc"}
)


class Trust(Enum):
    """How much is known of the place where a name is looked for."""

    GUESS = 1  # after "my son": only what has a capital or begins with a well known first name
    TOLD = 2  # after "his name is": anything that is no ordinary word


@dataclass(frozen=True)
class Name:
    """A name, and where the text goes on behind it."""

    text: str
    end: int


def name_at(text: str, start: int, trust: Trust) -> Name | None:
    """The name that begins at a place of a text, if one does."""
    lists = person_words()
    capitals = _trusts_capitals(text)
    words = _run_of_words(text, start)
    if not words or _is_owner(words[0].group()) or lists.is_place(_folded(words)):
        return None
    if not _may_begin(words[0].group(), trust, capitals, lists):
        return None
    kept = [words[0]]
    for at in range(1, len(words)):
        if not _may_go_on(words[at:], trust, capitals, lists):
            break
        kept.append(words[at])
    if trust == Trust.GUESS and not _ends_well(text, words, kept, capitals, lists):
        kept = kept[:1]
    return Name(_tidy([word.group() for word in kept]), kept[-1].end())


@lru_cache(64)
def _trusts_capitals(text: str) -> bool:
    return trusts_capitals(words_of(text))


def _run_of_words(text: str, start: int) -> list[re.Match[str]]:
    """Words with nothing but spaces between them, enough for a name and what follows it."""
    found: list[re.Match[str]] = []
    for match in _WORD.finditer(text, start):
        gap = text[found[-1].end() if found else start : match.start()]
        if gap.strip(" \t") or len(found) > _MOST_WORDS:
            break
        found.append(match)
    return found


def _folded(words: Sequence[re.Match[str]]) -> tuple[str, ...]:
    return tuple(fold(word.group()) for word in words)


def _is_owner(word: str) -> bool:
    return len(word) > 2 and word[-2] in "'’" and word[-1] in "sS"


def _may_begin(raw: str, trust: Trust, capitals: bool, lists: PersonWords) -> bool:
    word = fold(raw)
    if len(word) < 2 or word in lists.not_names:
        return False
    shown = capitals and raw[0].isupper() and not (raw.isupper() and len(raw) > 1)
    if word in lists.also_words:
        return shown
    return word in lists.first_names or shown or (trust == Trust.TOLD and not (capitals and raw.isupper()))


def _may_go_on(rest: Sequence[re.Match[str]], trust: Trust, capitals: bool, lists: PersonWords) -> bool:
    raw = rest[0].group()
    word = fold(raw)
    if word in lists.not_names or lists.is_place(_folded(rest)) or _is_owner(raw):
        return False
    if len(word) == 1:
        return raw.isupper() and word not in "ai" and len(rest) > 1
    if capitals and raw.isupper():
        return False
    if (capitals and raw[0].isupper()) or word in _PARTICLES:
        return True
    return word not in lists.also_words and (trust == Trust.TOLD or not word.endswith("ed"))


def _ends_well(
    text: str, words: Sequence[re.Match[str]], kept: Sequence[re.Match[str]], capitals: bool, lists: PersonWords
) -> bool:
    """A surname without a capital is believed only before a stop or a word that surely is none: "kyle jones is ..."."""
    small = [word for word in kept[1:] if not (capitals and word.group()[0].isupper())]
    if not small:
        return True
    following = words[len(kept)] if len(kept) < len(words) else None
    if len(kept) > 2:
        return False
    if following is None:
        return True
    word = fold(following.group())
    return word in lists.not_names or lists.is_place((word,))


def _tidy(words: list[str]) -> str:
    return " ".join(
        _with_capitals(word) if word.islower() or (word.isupper() and len(word) > 1) else word for word in words
    )


def _with_capitals(word: str) -> str:
    if word.lower() in _PARTICLES:
        return word.lower()
    parts = re.split(r"(['’\-])", word.lower())
    return "".join("Mc" + p[2:].capitalize() if p.startswith("mc") and len(p) > 3 else p.capitalize() for p in parts)
