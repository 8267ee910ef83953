"""A link by which somebody chooses a password of their own. It goes to their mailbox and is shown to nobody else."""

import hashlib
from datetime import timedelta

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import queue_to_staff
from gateway.staff.models import Staff
from gateway.staff.service import set_password
from gateway.wording import say

VALID_FOR = timedelta(hours=72)
# Whoever presses twice sends one mail.
NOT_AGAIN_WITHIN = timedelta(minutes=1)


def invite(session: Session, staff: Staff, actor: str) -> bool:
    """Mail somebody the link. False when that was done a moment ago."""
    last = last_invitation(session, staff)
    if last is not None and last.queued_at > now() - NOT_AGAIN_WITHIN:
        return False
    link = f"{settings().public_url}/console/invitation/{token(staff)}"
    delivery = queue_to_staff(
        session, "invitation", medium="email", address=staff.email,
        subject=say("staff.invitation.subject"), body=say("staff.invitation.email", person=staff.name, link=link),
    )  # fmt: skip
    record(session, LogEvent.STAFF_INVITED, actor=actor, delivery=delivery.id, staff=staff.id)
    return True


def last_invitation(session: Session, staff: Staff) -> Delivery | None:
    """The mail that went to them last."""
    sent = LogEntry.event == LogEvent.STAFF_INVITED.value, LogEntry.details["staff"].as_integer() == staff.id
    found = session.scalar(select(LogEntry.delivery_id).where(*sent).order_by(LogEntry.id.desc()).limit(1))
    return session.get(Delivery, found) if found else None


def token(staff: Staff) -> str:
    """What stands in the link: good for a while, and until their password is another."""
    expires = int((now() + VALID_FOR).timestamp())
    made = _serializer().dumps([staff.id, expires, _mark(staff)])
    return made if isinstance(made, str) else made.decode()


def invited(session: Session, given: str) -> Staff | None:
    """Whose link this is, if it may still be used."""
    try:
        staff_id, expires, mark = _serializer().loads(given)
    except (BadData, UnicodeError, ValueError):
        return None
    staff = session.get(Staff, staff_id, with_for_update=True)
    good = staff is not None and staff.active and expires > now().timestamp() and mark == _mark(staff)
    return staff if good else None


def accept(session: Session, given: str, password: str) -> Staff | None:
    """Set the password; the link is used up. None for one that may not be used. Raises CannotAdd."""
    staff = invited(session, given)
    if staff is not None:
        set_password(session, staff, password)
    return staff


def _mark(staff: Staff) -> str:
    """Stands for the password that they have now."""
    return hashlib.sha256(staff.password.encode()).hexdigest()[:16]


def _serializer() -> URLSafeSerializer:
    key = settings().derived_key("staff invitation")
    return URLSafeSerializer(key, signer_kwargs={"digest_method": hashlib.sha256})
