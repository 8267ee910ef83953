"""Queueing what must reach a person, and recording each attempt."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import jobs
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.conversations.models import Message
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.privacy.sealed import sealed
from gateway.privacy.vault import NOBODY

# Counted from the first attempt. Later than this a text would surprise more than it helps: a person must act.
TRIED_FOR = timedelta(hours=4)
# What nobody may wait for because a slow server is busy with other things.
URGENT = {"alert", "escalation", "alarm"}
# The reason of the daily mails, which are about no concern.
DIGEST = "digest"


def queue_reply(session: Session, message: Message, number: str, *, synthetic: bool = False) -> Delivery:
    """Send a message of a conversation to the family's telephone, or to the stand-in where no person wrote."""
    medium = "path" if synthetic else "sms"
    values = dict(medium=medium, address=number, body=message.text, message_id=message.id, reason="reply")
    return _queue(session, message.conversation_id, values)


def queue_alert(
    session: Session, concern_id: int, *, medium: str, address: str, subject: str | None, body: str, reason: str
) -> Delivery:
    """Tell a member of staff about a concern."""
    concern = session.get_one(Concern, concern_id)
    values = dict(
        medium=medium, address=address, subject=subject, body=body, concern_id=concern_id, reason=reason,
        step=concern.escalation_step,
    )  # fmt: skip
    return _queue(session, concern.conversation_id, values)


def queue_alarm(session: Session, kind: str, *, address: str, subject: str, body: str) -> Delivery:
    """Tell whoever runs the service that something is wrong with it."""
    return queue_to_staff(session, f"alarm:{kind}", medium="email", address=address, subject=subject, body=body)


def queue_to_staff(
    session: Session, reason: str, *, medium: str, address: str, subject: str | None, body: str
) -> Delivery:
    """Bring something to a member of staff that is about no concern: a test of a route, an invitation."""
    values = dict(medium=medium, address=address, subject=subject, body=body, reason=reason)
    return _queue(session, NOBODY, values)


def queue_digest(session: Session, *, address: str, subject: str, body: str) -> Delivery:
    """Send somebody on the staff the daily mail of counts."""
    return _queue(session, NOBODY, dict(medium="email", address=address, subject=subject, body=body, reason=DIGEST))


def _queue(session: Session, owner: uuid.UUID, values: dict[str, Any]) -> Delivery:
    delivery = Delivery(**sealed(session, owner, Delivery, values))
    session.add(delivery)
    session.flush()
    put_on_queue(session, delivery)
    return delivery


def put_on_queue(session: Session, delivery: Delivery) -> None:
    """Have a delivery tried. One lock for each telephone keeps a family's texts in order and delays nobody else's."""
    message = session.get_one(Message, delivery.message_id) if delivery.message_id else None
    jobs.defer(
        session,
        "deliveries:deliver",
        queue=jobs.delivery_queue(delivery.medium, urgent=delivery.reason.partition(":")[0] in URGENT),
        lock=f"sms-{message.conversation_id}" if message else None,
        delivery_id=delivery.id,
    )


def begin_attempt(session: Session, delivery_id: int) -> tuple[Delivery, bool] | None:
    """Claim a delivery for one attempt.

    Gives it with whether an earlier attempt may have got through unrecorded (its process died, or the connection
    was lost, between the provider's acceptance and our commit), or None when there is nothing left to do.
    """
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.state in ("sent", "failed"):  # none: it was deleted with its message
        return None
    unclear = delivery.attempts > 0
    delivery.first_tried_at = delivery.first_tried_at or now()
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


def unclaimed(session: Session, references: Sequence[str]) -> str | None:
    """The first of the provider's references that no delivery of ours holds."""
    held = set(session.scalars(select(Delivery.provider_reference).where(Delivery.provider_reference.in_(references))))
    return next((reference for reference in references if reference not in held), None)


def has_gone_on_too_long(delivery: Delivery) -> bool:
    """Whether the time for trying is over."""
    return delivery.first_tried_at is not None and now() - delivery.first_tried_at >= TRIED_FOR


def not_sent(session: Session, delivery_id: int, error: str, *, final: bool) -> None:
    """The attempt failed; `final` when trying again would not help or has gone on too long."""
    delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
    delivery.state, delivery.last_error = ("failed" if final else "queued"), error
    if final:
        record(session, LogEvent.DELIVERY_FAILED, concern=delivery.concern_id, delivery=delivery.id, error=error)
