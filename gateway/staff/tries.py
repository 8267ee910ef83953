"""How often somebody has tried to sign in and failed: enough for a slip of the finger, too few for guessing."""

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.db import now
from gateway.staff.service import staff_by_email

MOST_TRIES = 10
WITHIN = timedelta(minutes=15)


def too_many(session: Session, email: str, address: str) -> bool:
    """Whether this network address has to wait before it tries this e-mail again."""
    failed = select(func.count(LogEntry.id)).where(
        LogEntry.event == LogEvent.STAFF_SIGN_IN_FAILED.value,
        LogEntry.happened_at > now() - WITHIN,
        LogEntry.details["who"].astext == _who(email, address),
    )
    return (session.scalar(failed) or 0) >= MOST_TRIES


def failed(session: Session, email: str, address: str) -> None:
    """Put a failed attempt in the log."""
    staff = staff_by_email(session, email)
    record(session, LogEvent.STAFF_SIGN_IN_FAILED, who=_who(email, address), staff=staff.id if staff else None)


def _who(email: str, address: str) -> str:
    """The pair of them, counted together: from elsewhere nobody can lock a duty officer out by guessing wrongly.

    Only a keyed digest is kept, for what is typed into the wrong field may be a password.
    """
    pair = f"{email.strip().lower()} {address}".encode()
    return hmac.new(settings().derived_key("failed sign-ins").encode(), pair, hashlib.sha256).hexdigest()[:32]
