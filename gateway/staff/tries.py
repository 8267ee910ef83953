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
from gateway.staff.models import Staff
from gateway.staff.service import staff_by_email

MOST_TRIES = 10
# One address that goes through the names of many. An office of ten that mistypes all morning stays below it.
MOST_FROM_ONE_ADDRESS = 50
WITHIN = timedelta(minutes=15)


def too_many(session: Session, email: str, address: str) -> bool:
    """Whether this network address has to wait before it tries this e-mail, or any, again."""
    return (
        _failed(session, "who", _digest(email.strip().lower(), address)) >= MOST_TRIES
        or _failed(session, "where", _digest(address)) >= MOST_FROM_ONE_ADDRESS
    )


def _failed(session: Session, name: str, digest: str) -> int:
    query = select(func.count(LogEntry.id)).where(
        LogEntry.event == LogEvent.STAFF_SIGN_IN_FAILED.value,
        LogEntry.happened_at > now() - WITHIN,
        LogEntry.details[name].astext == digest,
    )
    return session.scalar(query) or 0


def failed(session: Session, email: str, address: str) -> None:
    """Put a failed attempt in the log."""
    staff = staff_by_email(session, email)
    who, where = _digest(email.strip().lower(), address), _digest(address)
    record(session, LogEvent.STAFF_SIGN_IN_FAILED, who=who, where=where, staff=staff.id if staff else None)


def too_many_codes(session: Session, staff: Staff, address: str) -> bool:
    """Whether this person, or this network address, has to wait before the next code.

    Codes are counted for the person wherever they came from: whoever tries one has the password already, and six
    figures could be guessed from many addresses at once.
    """
    return (
        _failed(session, "code_of", _digest(staff.email)) >= MOST_TRIES
        or _failed(session, "where", _digest(address)) >= MOST_FROM_ONE_ADDRESS
    )


def wrong_code(session: Session, staff: Staff, address: str) -> None:
    """Put a failed code in the log."""
    code_of, where = _digest(staff.email), _digest(address)
    record(session, LogEvent.STAFF_SIGN_IN_FAILED, code_of=code_of, where=where, staff=staff.id)


def one_at_a_time(session: Session, staff: Staff) -> None:
    """Let this person's next try wait for the end of this transaction, so that none is missed in the count."""
    session.scalar(select(Staff.id).where(Staff.id == staff.id).with_for_update())


def _digest(*parts: str) -> str:
    """An e-mail is counted with its address: from elsewhere nobody can lock a duty officer out by guessing wrongly.

    Only a keyed digest is kept, for what is typed into the wrong field may be a password.
    """
    key = settings().derived_key("failed sign-ins").encode()
    return hmac.new(key, " ".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
