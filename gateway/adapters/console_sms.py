"""A stand-in for an SMS provider: what would be sent is written to a file that anyone can read."""

import fcntl
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from gateway.db import now
from gateway.deliveries.models import Delivery

logger = logging.getLogger(__name__)


class ConsoleSms:
    """Appends each text to `sms.jsonl` in the outbox."""

    def __init__(self, outbox: Path) -> None:
        outbox.mkdir(parents=True, exist_ok=True)
        self._file = outbox / "sms.jsonl"

    def send(self, delivery: Delivery) -> str:
        reference = f"console-{delivery.id}"
        line = {"reference": reference, "at": now().isoformat(), "to": delivery.address, "text": delivery.body}
        with self._file.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # an erasure may be rewriting it: gateway/privacy/copies.py
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        logger.info("sms.stand_in", extra={"delivery": delivery.id, "file": str(self._file)})
        return reference

    def find(self, delivery: Delivery) -> Sequence[str]:
        reference = f"console-{delivery.id}"
        if not self._file.exists():
            return []
        lines = self._file.read_text(encoding="utf-8").splitlines()
        return [reference for line in lines if json.loads(line)["reference"] == reference]
