"""A stand-in for a telephone: calls that would be made are written to a file that anyone can read."""

import fcntl
import json
import logging
from collections.abc import Sequence
from pathlib import Path

from gateway.db import now
from gateway.deliveries.call_token import sign
from gateway.deliveries.models import Delivery

logger = logging.getLogger(__name__)


class ConsoleVoice:
    """Appends each call to `calls.jsonl` in the outbox, with the address whose TwiML would be spoken."""

    def __init__(self, outbox: Path, public_url: str) -> None:
        outbox.mkdir(parents=True, exist_ok=True)
        self._file, self._webhook = outbox / "calls.jsonl", f"{public_url}/voice/twilio/concern"

    def send(self, delivery: Delivery) -> str:
        reference = f"console-{delivery.id}"
        line = {
            "reference": reference,
            "at": now().isoformat(),
            "to": delivery.address,
            "url": f"{self._webhook}/{sign(delivery.id)}",
        }
        with self._file.open("a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # an erasure may be rewriting it: gateway/privacy/copies.py
            file.write(json.dumps(line) + "\n")
        logger.info("call.stand_in", extra={"delivery": delivery.id, "file": str(self._file)})
        return reference

    def find(self, delivery: Delivery) -> Sequence[str]:
        reference = f"console-{delivery.id}"
        if not self._file.exists():
            return []
        lines = self._file.read_text(encoding="utf-8").splitlines()
        return [reference for line in lines if json.loads(line)["reference"] == reference]
