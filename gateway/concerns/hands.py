"""In whose hands a concern is: taken, given to a colleague, handed over at the end of a shift."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.acts import acknowledge, first_time, keep_note, lock
from gateway.concerns.models import Concern, NoteKind, Status
from gateway.deliveries.service import queue_alert
from gateway.routing import messages
from gateway.staff.models import Staff
from gateway.staff.service import answers, may_see


class NotAColleague(Exception):
    """Nobody of this id may see the concern, so it cannot be given to them."""


def colleagues(session: Session, concern: Concern, but: int) -> Sequence[Staff]:
    """Those who may answer for a concern, less one, by their names."""
    active = session.scalars(select(Staff).where(Staff.active, Staff.id != but).order_by(Staff.name, Staff.id))
    return [one for one in active if may_see(one, concern) and answers(one)]


def claim(session: Session, concern: Concern, staff_id: int) -> bool:
    """Take a concern in hand, from whoever had it. One that nobody has acknowledged is acknowledged by it.

    False when it is in their hands already, or closed.
    """
    lock(session, concern)
    if concern.status == Status.CLOSED.value:
        return False
    read = acknowledge(session, concern, staff_id)
    if concern.assigned_to == staff_id:
        return read
    before, concern.assigned_to = concern.assigned_to, staff_id
    record(session, LogEvent.CONCERN_CLAIMED, actor=f"staff:{staff_id}", concern=concern.id, before=before)
    return True


def assign(session: Session, concern: Concern, staff_id: int, to: int) -> bool:
    """Give a concern to a colleague, who is told by e-mail. The clocks go on as they were.

    False when they have it already, or it is closed. Raises NotAColleague.
    """
    lock(session, concern)
    if concern.status == Status.CLOSED.value or concern.assigned_to == to:
        return False
    colleague = _colleague(session, concern, to)
    concern.assigned_to = colleague.id
    record(session, LogEvent.CONCERN_ASSIGNED, actor=f"staff:{staff_id}", concern=concern.id, to=colleague.id)
    _tell(session, concern, colleague)
    return True


def hand_over(
    session: Session, concern: Concern, staff_id: int, to: int | None, note: str, act: uuid.UUID | None = None
) -> bool:
    """Leave a concern to a colleague, or to whoever comes next (None), with what they must know.

    False when it is closed, or this act was done before. Raises NotAColleague.
    """
    lock(session, concern)
    if concern.status == Status.CLOSED.value or not first_time(session, concern, staff_id, act):
        return False
    colleague = _colleague(session, concern, to) if to is not None else None
    concern.assigned_to = to
    kept = keep_note(session, concern, staff_id, note, NoteKind.HANDOVER)
    record(session, LogEvent.CONCERN_HANDED_OVER, actor=f"staff:{staff_id}", concern=concern.id, to=to, note=kept)
    if colleague:
        _tell(session, concern, colleague)
    return True


def _colleague(session: Session, concern: Concern, staff_id: int) -> Staff:
    staff = session.get(Staff, staff_id)
    if staff is None or not (staff.active and may_see(staff, concern) and answers(staff)):
        raise NotAColleague(staff_id)
    return staff


def _tell(session: Session, concern: Concern, colleague: Staff) -> None:
    queue_alert(
        session, concern.id, medium="email", address=colleague.email, reason="assigned",
        subject=messages.subject(session, concern, "email", "assigned"),
        body=messages.body(session, concern, "email", "assigned"),
    )  # fmt: skip
