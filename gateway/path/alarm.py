"""Raising the alarm without the database and the worker: by mail, by text and to an address, whichever are set."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import asdict, dataclass

import httpx

from gateway.adapters import email_provider, sms_provider
from gateway.config import settings
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.path.looking import in_thread

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
# Longer than the time-outs of mail and text; what is slower has failed.
SENT_WITHIN_SECONDS = 20.0
SIGNATURE_HEADER = "X-Gateway-Signature"


@dataclass(frozen=True)
class Alarm:
    """What operators are told: that something is wrong, or well again."""

    state: str  # wrong or well
    checks: list[str]
    subject: str
    body: str
    sms: str


def signing_key() -> str:
    """The key of the signature on what is posted to ALARM_URL."""
    return settings().derived_key("alarm webhook")


def raise_alarm(alarm: Alarm) -> bool:
    """Tell everybody who is set, all at once, and write it down. True when somebody was reached, or none is set."""
    _write_down(alarm)
    sent = {name: in_thread(send) for name, send in _channels(alarm)}
    wait(sent.values(), timeout=SENT_WITHIN_SECONDS)
    reached = {name: future.done() and future.exception() is None for name, future in sent.items()}
    for name in (name for name, got_there in reached.items() if not got_there):
        logger.error("alarm.not_sent", extra={"channel": name})
    return any(reached.values()) or not sent


def _write_down(alarm: Alarm) -> None:
    """On stderr and in alarms.jsonl, whatever becomes of the rest."""
    logger.critical("alarm.raised", extra={"state": alarm.state, "checks": alarm.checks, "sentences": alarm.body})
    try:
        with (settings().var_dir / "alarms.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"at": now().isoformat(), **asdict(alarm)}, ensure_ascii=False) + "\n")
    except OSError as error:
        logger.error("alarm.not_written", extra={"error": type(error).__name__})


def _channels(alarm: Alarm) -> Iterator[tuple[str, Callable[[], object]]]:
    if settings().alarm_email:
        yield "email", lambda: email_provider().send(_delivery("email", settings().alarm_email, alarm))
    if settings().alarm_sms:
        yield "sms", lambda: sms_provider().send(_delivery("sms", settings().alarm_sms, alarm))
    if settings().alarm_url:
        yield "url", lambda: _post(alarm)


def _delivery(medium: str, address: str, alarm: Alarm) -> Delivery:
    """In the form that the providers take, with an id that no other has: mails are told apart by it."""
    body = alarm.sms if medium == "sms" else alarm.body
    return Delivery(
        id=time.time_ns(),
        medium=medium,
        address=address,
        subject=alarm.subject,
        body=body,
        reason="alarm",
        queued_at=now(),
    )


def _post(alarm: Alarm) -> None:
    """JSON with `sha256=` and its HMAC-SHA256 in a header. Raises httpx.HTTPError."""
    content = json.dumps({"service": settings().public_url, "at": now().isoformat(), **asdict(alarm)}).encode()
    signature = hmac.new(signing_key().encode(), content, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", SIGNATURE_HEADER: f"sha256={signature}"}
    httpx.post(settings().alarm_url, content=content, headers=headers, timeout=TIMEOUT_SECONDS).raise_for_status()
