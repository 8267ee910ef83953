"""The short code that a family is given for a concern, such as ABC-4KQ7: no 0 or O, no 1 or I."""

import re
import secrets

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
DIGITS = "23456789"
SIGNS = LETTERS + DIGITS

_HYPHEN = re.compile(rf"\b([{LETTERS}]{{3}})\s?[-–—]\s?([{SIGNS}]{{4}})\b", re.IGNORECASE)
# Typed without the hyphen it must look like none of the words around it: «HVR 5T8N», «hvr5t8n», and not «she 22yr».
_SIGNS_MIXED = rf"(?=[{SIGNS}]*[{LETTERS}])(?=[{SIGNS}]*[{DIGITS}])[{SIGNS}]{{4}}"
_NO_HYPHEN = re.compile(rf"\b([{LETTERS}]{{3}}) ({_SIGNS_MIXED})\b|\b(?i:([{LETTERS}]{{3}})({_SIGNS_MIXED}))\b")


def new_reference() -> str:
    """Three letters and four signs of which one is a digit: 24³ × (32⁴ - 24⁴) codes, some ten thousand million, drawn
    so that none can be guessed. With its digit none is a word: «car-park» is no reference."""
    draw = secrets.choice
    signs = "".join(draw(SIGNS) for _ in range(4))
    while not any(sign in DIGITS for sign in signs):
        signs = "".join(draw(SIGNS) for _ in range(4))
    return "".join(draw(LETTERS) for _ in range(3)) + "-" + signs


def find_reference(text: str) -> str | None:
    """The first reference in a text, in its standard form."""
    found = _HYPHEN.search(text) or _NO_HYPHEN.search(text)
    return "-".join(part for part in found.groups() if part).upper() if found else None
