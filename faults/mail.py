"""A real mail server that refuses, hangs up and dawdles when told to."""

import asyncio
import threading
from collections import Counter
from typing import Any

from aiosmtpd.controller import Controller

from evaluation.service import free_port
from faults.mishaps import Mishaps

SLOW_SECONDS = 0.5


class MailServer:
    """Keeps how often each Message-ID was taken."""

    def __init__(self, seed: int) -> None:
        self.mishaps, self.taken = Mishaps(seed), Counter[str]()
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self._controller.start()

    @property
    def url(self) -> str:
        """What SMTP_URL must be."""
        return f"smtp://127.0.0.1:{self._controller.port}"

    def stop(self) -> None:
        """Close it."""
        self._controller.stop()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a mail, or do not."""
        mishap = self.mishaps.draw()
        if mishap == "451":
            return "451 not now"
        if mishap == "reset":
            server.transport.abort()
            return "421 gone"
        if mishap == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        self._take(envelope.content)
        if mishap == "reset after accept":
            server.transport.abort()
        return "250 taken"

    def _take(self, content: bytes) -> None:
        headers = content.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").splitlines()
        number = next(line.partition(":")[2].strip() for line in headers if line.lower().startswith("message-id:"))
        with self._lock:
            self.taken[number] += 1
