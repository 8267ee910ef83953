"""The arithmetic of the chain: pure functions over the fields of a row. docs/gateway-log.md describes it for others.

A change here makes every row that was ever written look tampered with: add, never alter.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

# What stands as the hash before the first row.
GENESIS = "0" * 64

# A row: the nine values that are hashed, then `hash` and `hmac`. The time is text in UTC, such as
# 2026-03-01T09:00:00.000000+00:00.
HASHED = (
    "previous_hash", "id", "happened_at", "event", "actor", "concern_id", "message_id", "delivery_id", "details",
)  # fmt: skip
Row = tuple[Any, ...]

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def canonical(values: Sequence[Any]) -> str:
    """Values as the one JSON array that stands for them: ASCII, keys sorted, no spaces."""
    return _encode(values)


def digest(hashed: Row) -> str:
    """The SHA-256 of what is hashed of a row."""
    return hashlib.sha256(_encode(hashed).encode()).hexdigest()


def sealing(key: bytes) -> hmac.HMAC:
    """A key made ready for many seals."""
    return hmac.new(key, digestmod="sha256")


def seal(text: str, keyed: hmac.HMAC) -> str:
    """The HMAC-SHA256 of a hash as it is written, or of an array: only who has the key can make it."""
    sealed = keyed.copy()
    sealed.update(text.encode())
    return sealed.hexdigest()


def as_stored(details: dict[str, Any]) -> dict[str, Any]:
    """Details as they come back from the database, byte for byte: PostgreSQL writes some numbers in another way,
    so that what is not whole is kept as text."""
    return json.loads(json.dumps(details, default=str), parse_float=str, parse_constant=str)
