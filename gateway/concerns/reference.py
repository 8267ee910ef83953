"""The short code that a family is given for a concern, such as ABC-4KQ7: no 0 or O, no 1 or I."""

import re
import secrets

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
SIGNS = LETTERS + "23456789"

_PATTERN = re.compile(rf"\b([{LETTERS}]{{3}})\s?[-–—]\s?([{SIGNS}]{{4}})\b", re.IGNORECASE)


def new_reference() -> str:
    """Three letters and four signs: 24³ × 32⁴ codes, some 14 thousand million, drawn so that none can be guessed."""
    draw = secrets.choice
    return "".join(draw(LETTERS) for _ in range(3)) + "-" + "".join(draw(SIGNS) for _ in range(4))


def find_reference(text: str) -> str | None:
    """The first reference in a text, in its standard form."""
    found = _PATTERN.search(text)
    return f"{found[1]}-{found[2]}".upper() if found else None
