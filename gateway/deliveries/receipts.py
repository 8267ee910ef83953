"""Delivery receipts: what became of a text after Twilio took it."""

import logging
import re
from contextlib import suppress
from datetime import timedelta

import procrastinate
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.db import now, unit_of_work
from gateway.deliveries import undelivered
from gateway.deliveries.models import Delivery
from gateway.jobs import defer

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()

LOOK_AGAIN = timedelta(seconds=30)
ON_ITS_WAY, ARRIVED, DID_NOT_ARRIVE = "on_its_way", "arrived", "did_not_arrive"

# Every status that Twilio gives an outgoing message, and what it means for the person waiting for it.
MEANINGS = {
    "accepted": ON_ITS_WAY,
    "scheduled": ON_ITS_WAY,
    "queued": ON_ITS_WAY,
    "sending": ON_ITS_WAY,
    "sent": ON_ITS_WAY,
    "delivered": ARRIVED,
    "partially_delivered": ARRIVED,
    "read": ARRIVED,
    "undelivered": DID_NOT_ARRIVE,
    "failed": DID_NOT_ARRIVE,
    "canceled": DID_NOT_ARRIVE,
}
# Receipts come late and out of order. What has arrived stays so, and what did not is no longer on its way.
_RANK = {None: 0, ON_ITS_WAY: 1, DID_NOT_ARRIVE: 2, ARRIVED: 3}


class NotOurs(Exception):
    """No delivery has this reference: something else sent it, or our own commit is yet to come."""


def note(session: Session, reference: str, status: str, error: str) -> None:
    """Put a receipt on its delivery and, once for each status, in the log. Raises NotOurs."""
    status = status.strip().lower()
    meaning = MEANINGS.get(status)
    if meaning is None:
        logger.error("sms.unknown_status", extra={"status": re.sub(r"[^a-z_]", "?", status)[:32]})
        return
    delivery = session.scalar(select(Delivery).where(Delivery.provider_reference == reference).with_for_update())
    if delivery is None:
        logger.info("sms.receipt_unmatched", extra={"status": status})
        raise NotOurs
    if _is_noted(session, delivery.id, status):
        return
    code = _code(error)
    record(
        session, LogEvent.DELIVERY_RECEIPT, concern=delivery.concern_id, delivery=delivery.id,
        status=status, meaning=meaning, error=code,
    )  # fmt: skip
    if _RANK[meaning] > _RANK[delivery.receipt]:
        _settle(session, delivery, meaning, code)


def note_later(session: Session, reference: str, status: str, error: str) -> None:
    """Look once more in a while: Twilio may be quicker with its receipt than we with our commit."""
    defer(
        session,
        "receipts:note_late",
        schedule_in=LOOK_AGAIN,
        reference=reference[:64],
        status=status[:32],
        error=error[:16],
    )


@tasks.task(name="note_late")
def note_late(reference: str, status: str, error: str) -> None:
    """The second look, which is the last."""
    with unit_of_work() as session, suppress(NotOurs):
        note(session, reference, status, error)


def _settle(session: Session, delivery: Delivery, meaning: str, code: str | None) -> None:
    delivery.receipt, delivery.receipt_code, delivery.receipt_at = meaning, code, now()
    if meaning == DID_NOT_ARRIVE:
        logger.warning("sms.did_not_arrive", extra={"delivery": delivery.id, "error": code})
        session.flush()
        undelivered.act_on(session, delivery.id, gave_up=False)
    elif meaning == ARRIVED:
        delivery.receipt_code = None


def _is_noted(session: Session, delivery_id: int, status: str) -> bool:
    query = select(LogEntry.id).where(
        LogEntry.delivery_id == delivery_id,
        LogEntry.event == LogEvent.DELIVERY_RECEIPT.value,
        LogEntry.details["status"].astext == status,
    )
    return session.scalar(query.limit(1)) is not None


def _code(error: str) -> str | None:
    """Twilio's number for what went wrong, such as 30003."""
    return error.strip() if re.fullmatch(r"\s*\d{1,9}\s*", error) else None
