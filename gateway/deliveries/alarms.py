"""Telling whoever runs the service that something is wrong with it, and not more often than anyone would read."""

import logging
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import queue_alarm
from gateway.wording import say

logger = logging.getLogger(__name__)

ONE_IN = timedelta(minutes=15)


def raise_alarm(session: Session, kind: str, **facts: object) -> bool:
    """Mail ALARM_EMAIL about a kind of trouble, once in fifteen minutes; False when that was done or it is not set.

    `kind` names the words under `operator` in data/wording.yml; `facts` fill them and hold nothing about a person.
    """
    logger.error("alarm.raised", extra={"kind": kind} | facts)
    address = settings().alarm_email
    if not address or _was_told(session, kind):
        return False
    delivery = queue_alarm(
        session,
        kind,
        address=address,
        subject=say(f"operator.{kind}.subject"),
        body=say(f"operator.{kind}.email", **facts),
    )
    record(session, LogEvent.ALARM_RAISED, delivery=delivery.id, kind=kind)
    return True


def _was_told(session: Session, kind: str) -> bool:
    """Two processes at once must not both find that nobody was told."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"alarm:{kind}"))))
    about_nobody = Delivery.message_id.is_(None), Delivery.concern_id.is_(None)  # as the index has it
    alike = Delivery.reason == f"alarm:{kind}", Delivery.queued_at > now() - ONE_IN
    earlier = select(Delivery.id).where(*alike, *about_nobody)
    return session.scalar(earlier.limit(1)) is not None
