"""A text as the words that names are looked for in: folded, but remembering capitals and sentence starts."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:['’‘`´][^\W_]+)*")
_APOSTROPHE = re.compile(r"['’‘`´]")
_SENTENCE_END = re.compile(r"[.!?\n]")
_STOP = re.compile(r"[.!?\n,;:]")


@dataclass(frozen=True, slots=True)
class Word:
    """One word. `stem` is what is left without a possessive 's."""

    text: str
    stem: str
    capital: bool
    opens: bool  # the first of its sentence
    after_stop: bool  # a comma or more stands between it and the word before


def fold(text: str) -> str:
    """Lower case, without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHE.sub("", text).lower())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def words_of(text: str) -> list[Word]:
    """Every word of a text, in order. Hyphens and slashes part words; apostrophes do not."""
    found: list[Word] = []
    end = 0
    for match in _WORD.finditer(text):
        between, end = text[end : match.start()], match.end()
        found.append(_word(match.group(), between, found))
    return found


def _word(raw: str, between: str, before: Sequence[Word]) -> Word:
    folded = fold(raw)
    owner = len(raw) > 2 and raw[-2] in "'’‘`´" and raw[-1] in "sS"
    # "St. Loyes" and "H.M.P." are no ends of sentences.
    short = bool(before) and (before[-1].text == "st" or len(before[-1].text) == 1) and between.strip() == "."
    return Word(
        text=folded,
        stem=folded[:-1] if owner else folded,
        capital=raw[0].isupper(),
        opens=not before or (bool(_SENTENCE_END.search(between)) and not short),
        after_stop=bool(_STOP.search(between)) and not short,
    )


def phrase(text: str) -> tuple[str, ...]:
    """A name or a cue as a tuple of folded words."""
    return tuple(word.text for word in words_of(text))


def trusts_capitals(words: Sequence[Word]) -> bool:
    """Whether a capital says anything: not in a text that is all, or mostly, capitals."""
    inner = [word for word in words if not word.opens and word.text != "i" and word.text.isalpha()]
    return sum(word.capital for word in inner) * 2 <= len(inner)
