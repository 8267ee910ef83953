"""A concern that belongs to another prison goes there with its history; the prison that it leaves sees that it went."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.concerns.acts import first_time, keep_note, lock
from gateway.concerns.closing import forget_proposal
from gateway.concerns.links import link
from gateway.concerns.models import Concern, NoteKind, Status
from gateway.concerns.service import to_be_read_again
from gateway.prisons.models import Prison
from gateway.routing.service import alert
from gateway.staff.models import Staff
from gateway.staff.service import may_see, prison_ids
from gateway.wording import say

MOVED_SHOWN = 50


class CannotMove(Exception):
    """The caller's own risk goes to no prison, and nothing goes to a prison that holds nobody."""


@dataclass(frozen=True)
class Moved:
    """A concern that left a prison: its reference, where it went, and the line of the log that says so."""

    reference: str
    prison: str
    entry: LogEntry


def destinations(session: Session, concern: Concern) -> Sequence[Prison]:
    """The prisons that a concern may go to, by their names; none for the caller's own risk."""
    if concern.subject == "caller":
        return []
    query = select(Prison).where(Prison.active, Prison.id != (concern.prison_id or ""))
    return session.scalars(query.order_by(Prison.name)).all()


def move(
    session: Session, concern: Concern, staff_id: int, prison_id: str, note: str, act: uuid.UUID | None = None
) -> bool:
    """Give a concern to another prison, whose people are told from the first step on; somebody there must read it.

    False when it is there already, is closed, or this act was done before. Raises CannotMove.
    """
    lock(session, concern)
    if concern.prison_id == prison_id or concern.status == Status.CLOSED.value:
        return False
    prison = session.get(Prison, prison_id)
    if prison is None or not prison.active or concern.subject == "caller":
        raise CannotMove(prison_id)
    if not first_time(session, concern, staff_id, act):
        return False
    kept, actor = keep_note(session, concern, staff_id, note, NoteKind.MOVED), f"staff:{staff_id}"
    before, concern.prison_id = concern.prison_id, prison.id
    record(session, LogEvent.CONCERN_MOVED, actor=actor, concern=concern.id, before=before, after=prison.id, note=kept)
    _begin_anew(session, concern, actor)
    return True


def _begin_anew(session: Session, concern: Concern, actor: str) -> None:
    """What was agreed in the other prison binds nobody here."""
    forget_proposal(concern)
    holder = session.get(Staff, concern.assigned_to) if concern.assigned_to else None
    if holder is None or not may_see(holder, concern):
        concern.assigned_to = None
    if concern.status == Status.ACKNOWLEDGED.value:
        to_be_read_again(session, concern, actor=actor)
    concern.escalation_step = 0
    session.flush()
    link(session, concern)
    alert(session, concern, reason="alert", why=say("why.moved"))


def moved_away(session: Session, staff: Staff) -> Sequence[Moved]:
    """The concerns that left this person's prisons and that they no longer see, the last first."""
    query = (
        select(LogEntry, Concern, Prison.name)
        .join(Concern, Concern.id == LogEntry.concern_id)
        .join(Prison, Prison.id == LogEntry.details["after"].astext)
        .where(LogEntry.event == LogEvent.CONCERN_MOVED.value)
        .where(LogEntry.details["before"].astext.in_(prison_ids(staff)))
        .order_by(LogEntry.happened_at.desc(), LogEntry.id.desc())
        .limit(MOVED_SHOWN)
    )
    found = session.execute(query).all()
    return [Moved(concern.reference, name, entry) for entry, concern, name in found if not may_see(staff, concern)]
