"""The name in a direct answer to "what is their name?"."""

import re

from gateway.concerns.names import Trust, name_at
from gateway.concerns.numbers import prisoner_number
from gateway.concerns.people import person_words
from gateway.concerns.relations import spoken_of
from gateway.prisons.words import phrase

_LEAD = re.compile(
    r"^\W*(?:(?:yes|yeah|yep|ok|okay|um|erm|well|oh|hi|hello|so|sure|sorry|please|i think|i believe|it is|it['’]?s|its|he is|he['’]?s|hes|"
    r"she is|she['’]?s|shes|this is|(?:his|her|their|the|full|first|prisoner['’]?s?)\s+(?:full\s+|first\s+)?name(?:['’]?s|\s+is)?|names?|is|"
    r"called|named|mr|mrs|ms|miss|about|for)\b[\s,.:\-]*)*",
    re.IGNORECASE,
)
# What may come behind a name in an answer, other than figures and stops.
_GOES_ON = frozenset(
    """aged age born dob date number no num prison prisoner his her hes shes he she in at from is and but my our the on who whos
    known aka or thats that i im they their theyre currently cell wing nick also please thanks thank a""".split()
)
_FIGURES = re.compile(r"\d")
_SURNAME_FIRST = re.compile(r"^\s*([^\W\d_][\w'’\-]+)\s*,\s*([^\W\d_][\w'’\-]+)\s*\W*$")


def name_from_answer(text: str) -> str | None:
    """The name that an answer gives; None when it gives none, as "don't know" or another sentence."""
    if swapped := _SURNAME_FIRST.match(text):
        text = _in_order(swapped[1], swapped[2])
    start = _start(text)
    name = name_at(text, start, Trust.TOLD)
    if name is None:
        return None
    rest = text[name.end :]
    surname = _surname(rest, name.text)
    if surname:
        return f"{name.text} {surname}"
    return name.text if _may_follow(rest) else None


def _in_order(one: str, other: str) -> str:
    first_names = person_words().first_names
    swap = other.lower() in first_names and one.lower() not in first_names
    return f"{other} {one}" if swap else f"{one} {other}"


def _start(text: str) -> int:
    """Where a name may begin: behind "it's", "my son", "his name is"."""
    start = _LEAD.match(text).end()  # type: ignore[union-attr]  # it matches nothing at least
    mine = next((relation for relation in spoken_of(text) if relation.start <= start), None)
    if not mine or mine.owner:
        return start
    behind = re.compile(r"[\s,:\-]*(?:(?:is\s+)?(?:called|named)\s+)?").match(text, mine.end)
    return max(start, behind.end() if behind else mine.end)


def _surname(rest: str, first: str) -> str | None:
    """A surname that is a prison's as well, when it ends the answer: "Kyle Preston"."""
    word = rest.strip(" .!")
    known = phrase(word)
    if (
        " " in first
        or not known
        or known not in person_words().surnames_too
        or first.lower() not in person_words().first_names
    ):
        return None
    return word if word[0].isupper() else word.capitalize()


def _may_follow(rest: str) -> bool:
    gap = rest[: len(rest) - len(rest.lstrip())]
    rest = rest[len(gap) :]
    if not rest or not (rest[0].isalpha() or rest[0] in "'’"):
        return True
    if prisoner_number(rest) and prisoner_number(rest)[1] == 0:  # type: ignore[index]
        return True
    words = phrase(rest)
    return bool(words) and words[0] in _GOES_ON
