"""Passwords as Flask-Security keeps them: an HMAC with this installation's own key, then argon2."""

import base64
import hashlib
import hmac
import unicodedata

from argon2 import PasswordHasher

from gateway.config import Settings, settings

# Long ones are safe ones: no rule about signs and figures, which only makes people write them down.
SHORTEST = 12


def salt(configuration: Settings) -> str:
    """The key that goes into every hash, so that a copy of the table alone is of no use."""
    return configuration.derived_key("staff passwords")


def hashed(password: str) -> str:
    """What is stored in place of a password."""
    plain = unicodedata.normalize("NFKD", password).encode()
    keyed = hmac.new(salt(settings()).encode(), plain, hashlib.sha512).digest()
    return PasswordHasher().hash(base64.b64encode(keyed))
