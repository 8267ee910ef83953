"""The promise of never being silent, checked each minute: every open concern has a next alarm that is not overdue."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway.concerns.models import Concern, Status
from gateway.config import settings
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import queue_alarm
from gateway.wording import say

logger = logging.getLogger(__name__)
MOST_OVERDUE = timedelta(minutes=1)
# One mail tells of all that are silent then; the next comes if it is not put right.
MAIL_EVERY = timedelta(minutes=15)


def silent(session: Session) -> Sequence[Concern]:
    """The concerns that are not closed and whose alarm is absent or more than a minute overdue."""
    broken = or_(Concern.next_alarm_at.is_(None), Concern.next_alarm_at < now() - MOST_OVERDUE)
    return session.scalars(
        select(Concern).where(Concern.status != Status.CLOSED.value, broken).order_by(Concern.id)
    ).all()


def watch(session: Session) -> int:
    """Make every silent concern loud: an error in the logs, and a mail to ALARM_EMAIL. Gives how many there are."""
    found = silent(session)
    for concern in found:
        logger.error("concern.silent", extra={"concern": concern.id, "reference": concern.reference})
    if found and settings().alarm_email and not _told_lately(session):
        said = say("operator.silent.email", count=len(found), references=", ".join(one.reference for one in found))
        queue_alarm(session, address=settings().alarm_email, subject=say("operator.silent.subject"), body=said)
    return len(found)


def _told_lately(session: Session) -> bool:
    query = select(Delivery.id).where(
        Delivery.reason == "alarm",
        Delivery.subject == say("operator.silent.subject"),
        Delivery.queued_at > now() - MAIL_EVERY,
    )
    return session.scalar(query.limit(1)) is not None
