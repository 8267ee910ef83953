"""Trying whether somebody on a route can be reached: an alert that says that it is none, brought as a real one is."""

import json
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import queue_to_staff
from gateway.routing.places import key_of
from gateway.routing.roster import Contact
from gateway.wording import say

REASON = "test"
# Whoever presses twice sends one.
NOT_AGAIN_WITHIN = timedelta(minutes=1)


def try_out(session: Session, contact: Contact, *, place: str, actor: str) -> bool:
    """Send a test. False when one went to the same contact a moment ago."""
    key = key_of(contact)
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"test {key}"))))
    last = last_trials(session, [contact]).get(key)
    if last is not None and last.queued_at > now() - NOT_AGAIN_WITHIN:
        return False
    subject = say("staff.test.subject") if contact.medium == "email" else None
    delivery = queue_to_staff(
        session, REASON, medium=contact.medium, address=contact.address, subject=subject, body=_body(contact, place)
    )
    record(session, LogEvent.ROUTE_TESTED, actor=actor, delivery=delivery.id, contact=key, medium=contact.medium)
    return True


def last_trials(session: Session, contacts: Iterable[Contact]) -> dict[str, Delivery]:
    """The newest test of each contact that was ever tested, by its key, as long as it is kept."""
    key = LogEntry.details["contact"].astext
    asked = LogEntry.event == LogEvent.ROUTE_TESTED.value, key.in_({key_of(one) for one in contacts})
    newest = select(key, func.max(LogEntry.delivery_id)).where(*asked).group_by(key)
    by_id = {delivery: found for found, delivery in session.execute(newest)}
    kept = session.scalars(select(Delivery).where(Delivery.id.in_(by_id)))
    return {by_id[delivery.id]: delivery for delivery in kept}


def _body(contact: Contact, place: str) -> str:
    if contact.medium == "webhook":
        return json.dumps({"reason": REASON, "prison": place})
    return say(f"staff.test.{contact.medium}", place=place)
