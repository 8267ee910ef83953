"""What is done with a webhook that failed the check: counted, alarmed and, if it may be a text, kept apart."""

import logging
import threading
import time
from contextlib import suppress

from flask import current_app, request
from twilio.request_validator import SIGNATURE_HEADER

from gateway import reach
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import Settings
from gateway.db import unit_of_work
from gateway.deliveries.alarms import raise_alarm
from gateway.suspects import service
from web.sms.incoming import storable

logger = logging.getLogger(__name__)

# Rows in the log for forged webhooks in one minute of one process: enough to notice, too few to fill the log with.
MOST_ROWS_A_MINUTE = 10
# What tells a setting that is wrong from somebody at the door.
HEADERS = ("Host", "User-Agent", "Content-Type", "I-Twilio-Idempotency-Token", "X-Forwarded-Host", SIGNATURE_HEADER)
LONGEST_HEADER = 256


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
    """Put a forged webhook in the logs without anything that it held, and a forged text apart.

    While the database is away there is only the application log: whoever is forging must not fill the disk.
    """
    kept = request.endpoint == "sms.message" and keep("signature")
    logger.warning("sms.forged_webhook", extra={"endpoint": request.endpoint, "kept": kept})
    rows: RowsAMinute = current_app.extensions.setdefault("forged_webhook_rows", RowsAMinute())
    left_out = rows.take()
    if left_out is not None:
        endpoint = request.endpoint
        with suppress(reach.DatabaseAway):
            reach.ask(lambda: _add_row(endpoint, left_out))


def _add_row(endpoint: str | None, left_out: int) -> None:
    with unit_of_work() as session:
        record(session, LogEvent.FORGED_WEBHOOK, endpoint=endpoint, left_out_before=left_out)


def keep(reason: str) -> bool:
    """Keep the posted form apart and tell the operator. False when there is nothing in it or no room for it."""
    form = [[storable(name), storable(value)] for name, value in request.form.items(multi=True)]
    if not form:
        return False
    configuration: Settings = current_app.config["SETTINGS"]
    account = configuration.twilio_account_sid
    headers = {name: storable(request.headers[name])[:LONGEST_HEADER] for name in HEADERS if name in request.headers}
    sender = request.remote_addr or ""
    ours = bool(account) and request.form.get("AccountSid") == account

    def put_apart() -> bool:
        with unit_of_work() as session:
            suspect = service.keep(
                session, reason=reason, form=form, headers=headers, sender=sender, names_account=ours
            )
            raise_alarm(session, "suspect")
        return suspect is not None

    try:
        return reach.ask(put_apart)
    except reach.DatabaseAway:
        return False
