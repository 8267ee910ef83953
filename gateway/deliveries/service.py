"""Queueing what must reach a person, and recording each attempt."""

from sqlalchemy.orm import Session

from gateway import jobs
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.conversations.models import Message
from gateway.db import now
from gateway.deliveries.models import Delivery


def queue_reply(session: Session, message: Message, number: str) -> Delivery:
    """Send a message of a conversation to the family's telephone."""
    delivery = Delivery(medium="sms", address=number, body=message.text, message_id=message.id, reason="reply")
    # One lock for each number keeps a family's texts in order and lets a slow one delay nobody else.
    return _queue(session, delivery, lock=f"sms-{number}")


def queue_alert(
    session: Session, concern_id: int, *, medium: str, address: str, subject: str | None, body: str, reason: str
) -> Delivery:
    """Tell a member of staff about a concern."""
    delivery = Delivery(
        medium=medium, address=address, subject=subject, body=body, concern_id=concern_id, reason=reason
    )
    return _queue(session, delivery, lock=None)


def _queue(session: Session, delivery: Delivery, lock: str | None) -> Delivery:
    session.add(delivery)
    session.flush()
    jobs.defer(session, "deliveries:deliver", lock=lock, delivery_id=delivery.id)
    return delivery


def begin_attempt(session: Session, delivery_id: int) -> tuple[Delivery, bool] | None:
    """Claim a delivery for one attempt.

    Gives it with whether an earlier attempt may have got through unrecorded (its process died between the
    provider's acceptance and our commit), or None when there is nothing left to do.
    """
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.state in ("sent", "failed"):  # none: it was deleted with its message
        return None
    unclear = delivery.state == "sending"
    delivery.state = "sending"
    delivery.attempts += 1
    record(
        session, LogEvent.DELIVERY_TRIED, concern=delivery.concern_id, delivery=delivery.id, attempt=delivery.attempts
    )
    return delivery, unclear


def sent(session: Session, delivery_id: int, provider_reference: str) -> None:
    """The provider has it."""
    delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
    delivery.state, delivery.sent_at, delivery.provider_reference, delivery.last_error = (
        "sent",
        now(),
        provider_reference,
        None,
    )
    record(session, LogEvent.DELIVERY_SENT, concern=delivery.concern_id, delivery=delivery.id, medium=delivery.medium)


def not_sent(session: Session, delivery_id: int, error: str, *, final: bool) -> None:
    """The attempt failed; `final` when trying again would not help or has gone on too long."""
    delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
    delivery.state, delivery.last_error = ("failed" if final else "queued"), error
    if final:
        record(session, LogEvent.DELIVERY_FAILED, concern=delivery.concern_id, delivery=delivery.id, error=error)
