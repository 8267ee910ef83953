"""The file that a stand-in writes in place of sending: one JSON object a line, for anyone to read."""

import fcntl
import json
from collections.abc import Sequence
from pathlib import Path

from gateway.db import now
from gateway.deliveries.models import Delivery


class OutboxFile:
    """A file in the outbox to which deliveries are added, and in which they are found again."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path

    def add(self, delivery: Delivery, **content: str) -> str:
        """Write a delivery down and give its reference."""
        reference = _reference(delivery)
        line = {"reference": reference, "at": now().isoformat(), "to": delivery.address, **content}
        with self.path.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # an erasure may be rewriting it: gateway/privacy/copies.py
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return reference

    def find(self, delivery: Delivery) -> Sequence[str]:
        """The reference of a delivery, if it was written down."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines()
        reference = _reference(delivery)
        return [reference for line in lines if json.loads(line)["reference"] == reference]


def _reference(delivery: Delivery) -> str:
    return f"console-{delivery.id}"
