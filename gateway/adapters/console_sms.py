"""A stand-in for an SMS provider: what would be sent is written to a file that anyone can read."""

import logging
from collections.abc import Sequence
from pathlib import Path

from gateway.adapters.outbox_file import OutboxFile
from gateway.deliveries.models import Delivery

logger = logging.getLogger(__name__)


class ConsoleSms:
    """Appends each text to `sms.jsonl` in the outbox."""

    def __init__(self, outbox: Path) -> None:
        self._file = OutboxFile(outbox / "sms.jsonl")

    def send(self, delivery: Delivery) -> str:
        reference = self._file.add(delivery, text=delivery.body)
        logger.info("sms.stand_in", extra={"delivery": delivery.id, "file": str(self._file.path)})
        return reference

    def find(self, delivery: Delivery) -> Sequence[str]:
        return self._file.find(delivery)

    def receipt(self, reference: str) -> None:
        """Nobody says what became of it: it reaches nobody."""
