"""A stand-in for a telephone: calls that would be made are written to a file that anyone can read."""

import logging
from collections.abc import Sequence
from pathlib import Path

from gateway.adapters.outbox_file import OutboxFile
from gateway.deliveries.call_token import sign
from gateway.deliveries.models import Delivery

logger = logging.getLogger(__name__)


class ConsoleVoice:
    """Appends each call to `calls.jsonl` in the outbox, with the address whose TwiML would be spoken."""

    def __init__(self, outbox: Path, public_url: str) -> None:
        self._file, self._webhook = OutboxFile(outbox / "calls.jsonl"), f"{public_url}/voice/twilio/concern"

    def send(self, delivery: Delivery) -> str:
        reference = self._file.add(delivery, url=f"{self._webhook}/{sign(delivery.id)}")
        logger.info("call.stand_in", extra={"delivery": delivery.id, "file": str(self._file.path)})
        return reference

    def find(self, delivery: Delivery) -> Sequence[str]:
        return self._file.find(delivery)
