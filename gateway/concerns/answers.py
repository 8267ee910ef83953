"""The name in a direct answer to "what is their name?"."""

import re

from gateway.concerns.names import Trust, name_at
from gateway.concerns.numbers import prisoner_number
from gateway.concerns.people import person_words
from gateway.concerns.relations import spoken_of
from gateway.prisons.words import phrase

_LEAD = re.compile(
    r"^\W*(?:(?:yes|yeah|yep|ok|okay|um|erm|well|oh|hi|hello|so|sure|sorry|please|i think|i believe|it(?: is)?|"
    r"it['’]?s|his|"
    r"(?:he|she)(?: is|['’]?s)|this is|(?:(?:his|her|their|the|full|first|prisoner['’]?s?)\s+)*names?(?:['’]s|\s+is)?|"
    r"called|named|mr|mrs|ms|miss|about|for)\b[\s,.:\-]*)*",
    re.IGNORECASE,
)
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
    return name.text if _may_follow(rest, name.text.split()[0]) else None


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


def _may_follow(rest: str, first: str) -> bool:
    """Whether an answer goes on after a name as answers do. More is allowed behind a name that is well known."""
    rest = rest.lstrip()
    number = prisoner_number(rest)
    if not rest or not (rest[0].isalpha() or rest[0] in "'’") or (number and number[1] == 0):
        return True
    lists = person_words()
    words = phrase(rest)
    return words[:1] != () and (
        words[0] in lists.after_any_name or (words[0] in lists.after_a_name and first.lower() in lists.first_names)
    )
