"""Delivery receipts: what became of a text after Twilio took it."""

import logging
import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.deliveries.models import Delivery

logger = logging.getLogger(__name__)

# Every status that Twilio gives an outgoing message, and what it means for the person waiting for it.
MEANINGS = {
    "accepted": "on its way",
    "scheduled": "on its way",
    "queued": "on its way",
    "sending": "on its way",
    "sent": "on its way",
    "delivered": "arrived",
    "partially_delivered": "arrived",
    "read": "arrived",
    "undelivered": "did not arrive",
    "failed": "did not arrive",
    "canceled": "did not arrive",
}


def note(session: Session, reference: str, status: str, error: str) -> None:
    """Add a receipt to the log of the delivery that it is about, once for each status."""
    status = status.strip().lower()
    meaning = MEANINGS.get(status)
    if meaning is None:
        logger.error("sms.unknown_status", extra={"status": re.sub(r"[^a-z_]", "?", status)[:32]})
        return
    delivery = session.scalar(select(Delivery).where(Delivery.provider_reference == reference).with_for_update())
    if delivery is None:
        # Sent by something else with the same account, or not yet committed: the later statuses will find it.
        logger.info("sms.receipt_unmatched", extra={"status": status})
        return
    if _is_noted(session, delivery.id, status):
        return
    code = _code(error)
    record(
        session, LogEvent.DELIVERY_RECEIPT, concern=delivery.concern_id, delivery=delivery.id,
        status=status, meaning=meaning, error=code,
    )  # fmt: skip
    if meaning == "did not arrive":
        logger.warning("sms.did_not_arrive", extra={"delivery": delivery.id, "status": status, "error": code})


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
