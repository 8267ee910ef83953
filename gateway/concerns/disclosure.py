"""What a text to a family may give away: where somebody is, how they are, what they did, who else, when they are out.

The rules are lists in data/disclosure.yml. They warn too often rather than too seldom: an officer decides.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import yaml

from gateway.concerns.models import Concern
from gateway.concerns.people import person_words
from gateway.concerns.reference import find_reference
from gateway.config import settings
from gateway.prisons.words import Word, phrase, trusts_capitals, words_of

_LISTED = ("person", "location", "health", "discipline", "date")
# A house block and landing, such as C3 or B2-14: never written small.
_PLACE_CODE = re.compile(r"\b[A-H]\d{1,2}(?:-\d{1,2})?\b")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    rf"\b\d{{1,2}}[/.\-]\d{{1,2}}[/.\-]\d{{2,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})[a-z]*\b"
    rf"|\b(?:{_MONTHS})[a-z]*\s+\d{{1,2}}(?:st|nd|rd|th)?\b|\bthe\s+\d{{1,2}}(?:st|nd|rd|th)\b"
    r"|\b(?:in|early|late|mid|by|next|this|until)[\s-]+(?:january|february|march|april|may|june|july|august|september"
    r"|october|november|december)\b",
    re.IGNORECASE,
)
_PRISON_NUMBER = re.compile(r"\b[a-z]\d{4}[a-z]{2}\b", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"(?<![\w:.])\+?\d[\d\s-]{1,}\d(?![\w:]|\.\d)")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}|\d{3,4}\s?(?:hrs|hours)", re.IGNORECASE)


@dataclass(frozen=True)
class Warned:
    """Words of a text that may give something away. `kind` has its reason in data/wording.yml under `disclosure`."""

    kind: str
    words: tuple[str, ...]


def warnings(text: str, concern: Concern, sender: str = "") -> list[Warned]:
    """What may be given away, by kind in the order of the reasons; empty when nothing was found.

    `sender` is the officer's own name, which may stand in the text as the reporter's may.
    """
    reference = find_reference(text)
    plain = re.sub(re.escape(reference), " ", text, flags=re.IGNORECASE) if reference == concern.reference else text
    found: dict[str, Iterable[str]] = {kind: _listed(kind, plain) for kind in _LISTED}
    found["location"] = [*found["location"], *_PLACE_CODE.findall(plain), *_prisons(plain)]
    found["health"] = [*found["health"], *_how_they_are(plain)]
    found["date"] = [*found["date"], *(match.group() for match in _DATE.finditer(plain))]
    found["other_name"] = _names(plain, concern, sender)
    found["number"] = _numbers(plain)
    return [Warned(kind, distinct) for kind, words in found.items() if (distinct := _distinct(words))]


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple({word.strip().lower(): word.strip() for word in words}.values())


@cache
def _rules() -> dict:  # type: ignore[type-arg]
    return yaml.safe_load((settings().data_dir / "disclosure.yml").read_text(encoding="utf-8"))


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    phrases = [part for line in _rules()[kind] for part in _split(line)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_as_pattern, phrases))})(?!\w)", re.IGNORECASE)


def _as_pattern(phrase: str) -> str:
    """A phrase of the list as an expression: any spaces, `*` any ending, `...` up to three words."""
    written = r"\s+".join(re.escape(word) for word in phrase.split())
    return written.replace(r"\*", r"\w*").replace(r"\.\.\.", r"\w+(?:\s+\w+){0,2}")


def _listed(kind: str, text: str) -> list[str]:
    return [match.group() for match in _pattern(kind).finditer(text.replace("’", "'"))]


@cache
def _state() -> re.Pattern[str]:
    rules = _rules()["how_they_are"]
    people, words = ("|".join(map(re.escape, _split(rules[name]))) for name in ("people", "words"))
    # "He's", "your son is", "they seem a lot": a few words at most may stand between, and no stop.
    return re.compile(rf"\b(?:{people})(?:'s|'re)?(?:\s+[\w']+){{0,4}}?\s+(?:{words})\b", re.IGNORECASE)


def _how_they_are(text: str) -> list[str]:
    return [match.group() for match in _state().finditer(text.replace("’", "'"))]


def _prisons(text: str) -> Iterator[str]:
    """Prisons and their towns, with a capital or after a word that leads to a place."""
    words, lists = words_of(text), person_words()
    leads = {"in", "at", "to", "from", "hmp", "yoi"}
    for place, word in enumerate(words):
        shown = (word.capital and not word.opens) or (place > 0 and words[place - 1].text in leads)
        length = next((n for n in (4, 3, 2, 1) if _folded(words[place : place + n]) in lists.places), 0)
        if shown and length and word.text not in lists.not_names:
            yield " ".join(_folded(words[place : place + length]))


def _folded(words: list[Word]) -> tuple[str, ...]:
    return tuple(word.text for word in words)


def _names(text: str, concern: Concern, sender: str) -> Iterator[str]:
    """Names of anybody but the reporter and the sender. The prisoner's own name says that they are ours to speak of."""
    words, lists = words_of(text), person_words()
    theirs = {word for name in (concern.prisoner_name, concern.prisoner_number) for word in phrase(name or "")}
    allowed = {word for name in (concern.reporter_name, sender) for word in phrase(name or "")} - theirs
    titles, ordinary = set(_split(_rules()["titles"])), set(_split(_rules()["not_names"]))
    capitals = trusts_capitals(words)
    for place, word in enumerate(words):
        if word.stem in allowed or (word.stem,) in lists.places or word.text in ordinary - theirs:
            continue
        after_title = place > 0 and words[place - 1].text in titles and word.capital
        inside = capitals and word.capital and not word.opens and not _is_short_form(text, word)
        known = word.stem in lists.first_names and (word.stem not in lists.also_words or inside)
        if word.stem in theirs or after_title or known or (inside and word.text not in lists.not_names):
            yield word.stem


def _is_short_form(text: str, word: Word) -> bool:
    """Written in capitals only, as OMU is, or a single letter."""
    return len(word.text) == 1 or word.text.upper() in re.findall(r"\b[A-Z]{2,}\b", text)


def _numbers(text: str) -> Iterator[str]:
    public = {re.sub(r"\s", "", number) for number in _split(str(_rules()["public_numbers"]))}
    plain = _DATE.sub(" ", _TIME.sub(" ", text))
    yield from (match.group() for match in _PRISON_NUMBER.finditer(plain))
    for match in _LONG_NUMBER.finditer(plain):
        figures = re.sub(r"\D", "", match.group())
        if len(figures) > 2 and figures not in public:
            yield match.group()
