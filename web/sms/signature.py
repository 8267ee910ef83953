"""Whether a webhook really comes from Twilio, and a trace of those that do not."""

import logging
import threading
import time
from contextlib import suppress

from flask import current_app, request
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from gateway import reach
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import Settings
from gateway.db import unit_of_work

logger = logging.getLogger(__name__)

# Rows for forged webhooks in one minute of one process: enough to notice, too few to fill the log with.
MOST_ROWS_A_MINUTE = 10


def is_from_twilio() -> bool:
    """Check the signature over everything posted, as it came, and the address that Twilio was given.

    That address is PUBLIC_URL: behind a proxy the request itself names another host or scheme.
    """
    configuration: Settings = current_app.config["SETTINGS"]
    query = request.query_string.decode("latin-1")
    address = configuration.public_url + request.path + (f"?{query}" if query else "")
    validator = RequestValidator(configuration.sms_signing_key)
    return bool(validator.validate(address, request.form, request.headers.get(SIGNATURE_HEADER, "")))


class RowsAMinute:
    """Counts what may still be written in this minute, and what was left out."""

    def __init__(self, most: int = MOST_ROWS_A_MINUTE) -> None:
        self._most, self._lock = most, threading.Lock()
        self._minute, self._written, self._left_out = -1, 0, 0

    def take(self) -> int | None:
        """None when there is no room; otherwise how many were left out since the last that had room."""
        minute = int(time.monotonic() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._written = minute, 0
            if self._written >= self._most:
                self._left_out += 1
                return None
            self._written += 1
            left_out, self._left_out = self._left_out, 0
            return left_out


def record_forgery() -> None:
    """Put a forged webhook in the logs, without anything that it held."""
    logger.warning("sms.forged_webhook", extra={"endpoint": request.endpoint})
    rows: RowsAMinute = current_app.extensions.setdefault("forged_webhook_rows", RowsAMinute())
    left_out = rows.take()
    if left_out is not None:
        with suppress(reach.DatabaseAway):  # the line above stands in the application log
            endpoint = request.endpoint
            reach.ask(lambda: _add_row(endpoint, left_out))


def _add_row(endpoint: str | None, left_out: int) -> None:
    with unit_of_work() as session:
        record(session, LogEvent.FORGED_WEBHOOK, endpoint=endpoint, left_out_before=left_out)
