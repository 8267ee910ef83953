"""How many text messages a text is sent and paid as. The alphabet is GSM 03.38; anything outside it makes all UCS-2."""

from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_letters, digits

GSM = frozenset(ascii_letters + digits + "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà")
# Written with an escape before them, so they take two places.
GSM_EXTENSION = frozenset("^{}\\[~]|€\f")
ONE_GSM, EACH_GSM = 160, 153
ONE_UCS2, EACH_UCS2 = 70, 67


@dataclass(frozen=True)
class Size:
    """`places`: septets, or 16-bit units when a sign is outside GSM-7."""

    segments: int
    places: int
    foreign: tuple[str, ...]


def size(text: str) -> Size:
    """What it takes to send a text."""
    foreign = tuple(sorted(set(text) - GSM - GSM_EXTENSION))
    if foreign:
        widths, one, each = [2 if ord(sign) > 0xFFFF else 1 for sign in text], ONE_UCS2, EACH_UCS2
    else:
        widths, one, each = [2 if sign in GSM_EXTENSION else 1 for sign in text], ONE_GSM, EACH_GSM
    places = sum(widths)
    return Size(1 if places <= one else _packed(widths, each), places, foreign)


def _packed(widths: Iterable[int], each: int) -> int:
    """How many parts hold signs of these widths; no sign is cut in two."""
    parts, used = 1, 0
    for width in widths:
        if used + width > each:
            parts, used = parts + 1, 0
        used += width
    return parts
