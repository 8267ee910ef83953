"""The arithmetic of the chain: pure functions over the fields of a row. docs/gateway-log.md describes it for others.

A change here makes every row that was ever written look tampered with: add, never alter.
"""

import hashlib
import hmac
import json
from typing import Any

# What stands as the hash before the first row.
GENESIS = "0" * 64

# In the order in which they are hashed; `hash` and `hmac` follow.
HASHED = (
    "previous_hash", "id", "happened_at", "event", "actor", "concern_id", "message_id", "delivery_id", "details",
)  # fmt: skip
FIELDS = (*HASHED, "hash", "hmac")

# A row: the values of FIELDS in their order, `happened_at` as text in UTC such as 2026-03-01T09:00:00.000000+00:00.
Row = tuple[Any, ...]

_encode = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def digest(hashed: Row) -> str:
    """The SHA-256 of a row's fields up to `details`, as a JSON array in ASCII with sorted keys and no spaces."""
    return hashlib.sha256(_encode(hashed).encode()).hexdigest()


def seal(hashed: str, key: bytes) -> str:
    """The HMAC-SHA256 of a hash as it is written: only who has the key can make it."""
    return hmac.digest(key, hashed.encode(), "sha256").hex()


def seal_of(values: list[Any], key: bytes) -> str:
    """The HMAC-SHA256 of a JSON array, for what stands outside the log."""
    return hmac.digest(key, _encode(values).encode(), "sha256").hex()


def as_stored(details: dict[str, Any]) -> dict[str, Any]:
    """Details as they come back from the database, byte for byte: PostgreSQL writes some numbers in another way,
    so that what is not whole is kept as text."""
    return json.loads(json.dumps(details, default=str), parse_float=str, parse_constant=str)
