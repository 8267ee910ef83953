"""Families who text, and Twilio in front of them: a text is posted again, with the same id, until it is accepted."""

import itertools
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
from twilio.request_validator import RequestValidator

from faults.world import TOKEN

NUMBERS = tuple(f"+447700900{number:03d}" for number in range(900))
# Twilio itself gives up earlier; here each text is to come through in the end, so that it can be looked for.
PATIENCE_SECONDS = 120
WORRY_SHARE = 0.3


@dataclass(frozen=True)
class Text:
    """One text as Twilio posts it."""

    sid: str
    number: str
    body: str


class Twilio:
    """Posts texts to the service, and keeps which were accepted."""

    def __init__(self, public_url: str, ports: Sequence[int], chance: random.Random) -> None:
        self._public, self._ports, self._random = public_url, ports, chance
        self._serial, self._lock = itertools.count(1), threading.Lock()
        self._http = httpx.Client(timeout=15, limits=httpx.Limits(max_keepalive_connections=0))
        self.accepted: dict[str, Text] = {}
        self.refused = 0

    def write(self, number: str | None = None) -> Text:
        """A new text, from anybody unless a number is given."""
        serial = next(self._serial)
        with self._lock:
            number = number or self._random.choice(NUMBERS)
            worry = self._random.random() < WORRY_SHARE
        words = f"worry {serial} he said goodbye" if worry else f"question {serial} how do i book a visit"
        return Text(f"SM{serial:032x}", number, words)

    def post(self, text: Text, port: int | None = None) -> bool:
        """Post it once; True when it was accepted."""
        form = {"MessageSid": text.sid, "From": text.number, "To": "+447700900999", "Body": text.body, "NumMedia": "0"}
        signature = RequestValidator(TOKEN).compute_signature(f"{self._public}/sms/twilio", form)
        address = f"http://127.0.0.1:{port or self._ports[0]}/sms/twilio"
        try:
            response = self._http.post(address, data=form, headers={"X-Twilio-Signature": signature})
        except httpx.HTTPError:
            return False
        with self._lock:
            if response.status_code == 200:
                self.accepted[text.sid] = text
            else:
                self.refused += 1
        return response.status_code == 200

    def bring(self, text: Text) -> None:
        """Post it until it is accepted. Raises TimeoutError."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.post(text):
            if time.monotonic() > until:
                raise TimeoutError(f"{text.sid} was not accepted within {PATIENCE_SECONDS} s")
            time.sleep(0.02)
