"""Choosing between places by who is held there: "under 18", "the womens side", "the open one"."""

import re
from collections.abc import Iterable, Sequence

from gateway.prisons.names import NameRules, Place
from gateway.prisons.words import Word

_YOUNG = frozenset({"yoi", "stc", "sch"})
_AGE = re.compile(
    r"\b(?:(?:hes|he is|shes|she is|(?:son|lad|boy|daughter|brother|nephew|grandson) is|only|aged?|turned) "
    r"(?:only |just )*"
    r"(?P<after>\d\d)(?! (?:months?|weeks?|days?|hours?|minutes?|miles?|stone|kilo|am|pm|to|%)\b)"
    r"|(?P<before>\d\d) (?:year|yr)s? old (?:son|lad|boy|brother|nephew|grandson|stepson))\b"
)
_ADULT = 18


class Kinds:
    """Knows of every place whom it holds."""

    def __init__(self, places: Iterable[Place], rules: NameRules) -> None:
        self._who = rules.who
        self._holds = {place.id: _holds(place) for place in places}

    def narrow(self, ids: tuple[str, ...], words: Sequence[Word], start: int, end: int) -> tuple[str, ...]:
        """Those of `ids` that the text can mean, by what it says of the people held; all when it says nothing."""
        if len(ids) < 2:
            return ids
        texts = [word.text for word in words]
        fitting = self.fitting(ids, self._said(texts, start, end))
        return fitting or ids

    def fitting(self, ids: Sequence[str], said: set[str]) -> tuple[str, ...]:
        """Those of `ids` that hold everybody of whom was spoken; none when nobody was."""
        return tuple(id_ for id_ in ids if said and said <= self._holds[id_])

    def spoken_of(self, texts: list[str]) -> set[str]:
        """Of whom a short answer speaks, such as "the womens one"."""
        return {who for who in self._who if who != "part" and self._places(texts, who)} | _by_age(texts)

    def _said(self, texts: list[str], start: int, end: int) -> set[str]:
        said = {who for who in ("under_18", "adult") if self._places(texts, who)} | _by_age(texts)
        for who in ("women", "men", "open"):
            if any(self._is_about_the_place(texts, at, start, end) for at in self._places(texts, who)):
                said.add(who)
        return said

    def _places(self, texts: list[str], who: str) -> list[int]:
        """Where the words for somebody end."""
        lengths = {len(words) for words in self._who[who]}
        starts = range(len(texts))
        return [at + n - 1 for at in starts for n in lengths if tuple(texts[at : at + n]) in self._who[who]]

    def _is_about_the_place(self, texts: list[str], at: int, start: int, end: int) -> bool:
        """ "The womens side", "Peterborough women"; not "a male officer in Peterborough"."""
        is_part = at + 1 < len(texts) and (texts[at + 1],) in self._who["part"]
        return is_part or at == end or at == start - 1


def _holds(place: Place) -> set[str]:
    holds = {"under_18"} if place.kind in _YOUNG else {"adult"}
    if place.sex_held in ("female", "mixed"):
        holds.add("women")
    if place.sex_held in ("male", "mixed"):
        holds.add("men")
    return holds | ({"open"} if "open" in (place.category or "") else set())


def _by_age(texts: list[str]) -> set[str]:
    ages = [int(match["after"] or match["before"]) for match in _AGE.finditer(" ".join(texts))]
    return {"under_18" if age < _ADULT else "adult" for age in ages}
