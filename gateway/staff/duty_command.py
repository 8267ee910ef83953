"""Reading a text from a duty phone: «OK ABC-4KQ7», as it is typed at three in the morning."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.concerns.reference import LETTERS, SIGNS

_OK = re.compile(r"\W*(?:ok|okay|o\.k)\b", re.IGNORECASE)
# Any three letters and four signs may be a reference written carelessly; which is one, the log knows.
_MAYBE = re.compile(rf"(?=\b([{LETTERS}]{{3}})[\s\-–—_.]*([{SIGNS}]{{4}})\b)", re.IGNORECASE)
# What was surely meant as a reference, right or wrong: it has a dash or a figure, as no word has.
_MEANT = re.compile(r"\b[a-z]{3}(?:\s?[-–—]\s?[a-z0-9]{4}|\s?(?=[a-z]*\d)[a-z0-9]{4})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
# What people add to an OK and that says nothing more.
_COURTESY = frozenset(
    "ok okay o k and thanks thank you thx ta cheers please pls mate got it received noted read seen ack acknowledged "
    "on my way will do".split()
)


@dataclass(frozen=True)
class Command:
    """An OK: the references that it names, and whether it says anything else, which is then somebody's words."""

    references: tuple[str, ...]
    says_more: bool


def command_in(text: str, exists: Callable[[str], bool]) -> Command | None:
    """The command that a text begins with, if any; `exists` tells real references from what only looks like one."""
    start = _OK.match(text)
    if start is None:
        return None
    rest = text[start.end() :]
    found = [match for match in _MAYBE.finditer(rest) if exists(_standard(match))]
    for match in reversed(found):
        rest = rest[: match.start(1)] + " " + rest[match.end(2) :]
    words = {word.lower() for word in _WORD.findall(_MEANT.sub(" ", rest))}
    return Command(tuple(dict.fromkeys(map(_standard, found))), says_more=not words <= _COURTESY)


def _standard(match: re.Match[str]) -> str:
    return f"{match[1]}-{match[2]}".upper()
