"""Words of others, as they may be shown: nothing in them steers a terminal or turns the text around them."""

import json
import re

# Control signs but tab and line break (a terminal obeys some), and the signs that override or embed a direction of
# writing (Unicode Standard Annex 9): with those a name can be made to read as another.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

# What spreadsheets begin a formula with, also in the widths of other scripts and after signs that nobody sees.
_FORMULA = re.compile("[\\s\ufeff\u200b-\u200f]*[=+@\uff1d\uff0b\uff0d\uff20-]|[\t\n]")


def inert(text: str) -> str:
    """The same text with a visible mark in place of each such sign. What is stored stays as it was written."""
    return _STEERING.sub("\ufffd", text)


def json_line(value: object) -> str:
    """One line of JSON Lines, for a terminal or a file. Reading it gives back every sign as it was written."""
    return _STEERING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(value, ensure_ascii=False))


def cell(text: str) -> str:
    """A text for a spreadsheet, which would take some first signs for a formula: then with an apostrophe before it."""
    plain = inert(text)
    return f"'{plain}" if _FORMULA.match(plain) and plain.strip() else plain
