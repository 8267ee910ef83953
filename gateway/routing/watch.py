"""The promise of never being silent, checked each minute: every open concern has a next alarm that is not overdue."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway.concerns.models import Concern, Status
from gateway.db import now
from gateway.deliveries.alarms import raise_alarm

logger = logging.getLogger(__name__)
MOST_OVERDUE = timedelta(minutes=1)


def silent(session: Session) -> Sequence[Concern]:
    """The concerns that are not closed and whose alarm is absent or more than a minute overdue."""
    broken = or_(Concern.next_alarm_at.is_(None), Concern.next_alarm_at < now() - MOST_OVERDUE)
    return session.scalars(
        select(Concern).where(Concern.status != Status.CLOSED.value, broken).order_by(Concern.id)
    ).all()


def watch(session: Session) -> int:
    """Make every silent concern loud: an error in the logs, and one mail to ALARM_EMAIL. Gives how many there are."""
    found = silent(session)
    for concern in found:
        logger.error("concern.silent", extra={"concern": concern.id, "reference": concern.reference})
    if found:
        raise_alarm(session, "silent", count=len(found), references=", ".join(one.reference for one in found))
    return len(found)
