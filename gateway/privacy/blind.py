"""Blind indexes: what is encrypted can be looked up by a keyed hash of it, which tells nothing by itself."""

import hashlib
import hmac
import unicodedata
from functools import lru_cache

from gateway.config import Settings, settings


def address_index(number: str) -> str:
    """For a telephone number in E.164 form."""
    return _index("address index", number)


def contact_index(medium: str, address: str) -> str:
    """For somebody on a route."""
    return _index("contact index", f"{medium} {address}")


def prisoner_number_index(number: str) -> str:
    """For a prisoner number, in whatever way its letters and spaces were written."""
    return _index("prisoner number index", "".join(number.split()).upper())


def prisoner_name_index(name: str) -> str:
    """For a name: capitals, accents, hyphens and apostrophes make no difference."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(sign if sign.isalpha() else " " for sign in plain if not _is_part_of_a_letter(sign))
    return _index("prisoner name index", " ".join(letters.split()))


def find_token(kind: str, value: str) -> int:
    """For one thing that a concern is found by: 64 bits, which do not show of what kind they are."""
    made = hmac.digest(_find_key(settings()), f"{kind}:{value}".encode(), "sha256")
    return int.from_bytes(made[:8], "big", signed=True)


@lru_cache(1)
def _find_key(configuration: Settings) -> bytes:
    return configuration.derived_key("find").encode()


def _is_part_of_a_letter(sign: str) -> bool:
    return bool(unicodedata.combining(sign)) or sign in "'’"


def _index(purpose: str, value: str) -> str:
    return hmac.new(settings().derived_key(purpose).encode(), value.encode(), hashlib.sha256).hexdigest()
