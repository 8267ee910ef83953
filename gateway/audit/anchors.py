"""Anchors: what the log's end was at a moment, kept where who holds the database does not reach it."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.chain import GENESIS, canonical, seal, sealing
from gateway.audit.models import LogEntry
from gateway.db import now


@dataclass(frozen=True)
class Anchor:
    """How many rows the log had, the position and hash of the last, and when; sealed like a row."""

    count: int
    position: int
    hash: str
    at: str
    hmac: str

    def is_sealed_with(self, key: bytes) -> bool:
        return self.hmac == seal(canonical([self.count, self.position, self.hash, self.at]), sealing(key))

    def as_json(self) -> str:
        return json.dumps(asdict(self))


class BadAnchor(ValueError):
    """A line that is no anchor. The argument is its number in the file."""


def take(session: Session, key: bytes) -> Anchor:
    """The anchor of this moment."""
    last = select(LogEntry.id, LogEntry.hash).order_by(LogEntry.id.desc()).limit(1)
    position, hashed = session.execute(last).one_or_none() or (0, GENESIS)
    count = session.scalar(select(func.count(LogEntry.id)).where(LogEntry.id <= position)) or 0
    at = now().isoformat(timespec="microseconds")
    return Anchor(count, position, hashed, at, seal(canonical([count, position, hashed, at]), sealing(key)))


def append(file: Path, anchor: Anchor) -> None:
    """Add it to a file, on the disk when this returns. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as opened:
        # Each line begins a new one, so that one that was cut short by a full disk spoils no other.
        opened.write(b"\n" + anchor.as_json().encode())
        opened.flush()
        os.fsync(opened.fileno())


def read(file: Path) -> Iterator[Anchor | BadAnchor]:
    """Every anchor of a file, and a BadAnchor in place of a line that is none."""
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").split("\n"), start=1):
        if line.strip():
            try:
                yield _parsed(json.loads(line))
            except (ValueError, TypeError):
                yield BadAnchor(number)


def _parsed(fields: dict[str, Any]) -> Anchor:
    anchor = Anchor(**fields)
    if [type(value) for value in astuple(anchor)] != [int, int, str, str, str]:
        raise TypeError("a field of another kind")
    return anchor
