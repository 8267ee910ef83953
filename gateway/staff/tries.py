"""How often somebody has tried to sign in and failed: enough for a slip of the finger, too few for guessing."""

import hashlib
import hmac
from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

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
    query = select(func.count(LogEntry.id)).where(*_counted(), LogEntry.details[name].astext == digest)
    return session.scalar(query) or 0


def _counted() -> list[ColumnElement[bool]]:
    """The failed attempts that still count: lately, and not forgiven since."""
    later = aliased(LogEntry)
    forgiven = select(later.id).where(
        later.event == LogEvent.STAFF_TRIES_FORGIVEN.value,
        later.details["staff"] == LogEntry.details["staff"],
        later.id > LogEntry.id,
    )
    lately = LogEntry.happened_at > now() - WITHIN
    return [LogEntry.event == LogEvent.STAFF_SIGN_IN_FAILED.value, lately, ~forgiven.exists()]


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


def waits_until(session: Session, staff: Staff) -> datetime | None:
    """Until when this person has to wait, in one place at least; None when they have not."""
    theirs = LogEntry.details["staff"].as_integer() == staff.id
    found = defaultdict[str | None, list[datetime]](list)
    for entry in session.scalars(select(LogEntry).where(*_counted(), theirs).order_by(LogEntry.id.desc())):
        found[entry.details.get("who")].append(entry.happened_at)
    return max((times[MOST_TRIES - 1] + WITHIN for times in found.values() if len(times) >= MOST_TRIES), default=None)


def forgive(session: Session, staff: Staff, actor: str = "system") -> bool:
    """Let somebody try again at once, everywhere. False when they had not to wait."""
    if waits_until(session, staff) is None:
        return False
    record(session, LogEvent.STAFF_TRIES_FORGIVEN, actor=actor, staff=staff.id)
    return True


def _digest(*parts: str) -> str:
    """An e-mail is counted with its address: from elsewhere nobody can lock a duty officer out by guessing wrongly.

    Only a keyed digest is kept, for what is typed into the wrong field may be a password.
    """
    key = settings().derived_key("failed sign-ins").encode()
    return hmac.new(key, " ".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
