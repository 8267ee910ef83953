"""Keeping the calls that families ask for, and who may see and finish them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.callbacks.models import Callback
from gateway.concerns.reference import new_reference
from gateway.conversations.models import Message
from gateway.db import now
from gateway.prisons.models import Prison
from gateway.privacy import vault
from gateway.privacy.sealed import private, sealed
from gateway.staff.models import Staff, staff_prison
from gateway.staff.service import prison_ids
from gateway.wording import choices

PAGE_LENGTH = 50
# What the family's answers may set once the number is kept.
FAMILY_FIELDS = frozenset({"good_time", "prison_id", "about"})
TAKEN_BACK = "taken_back"


class AlreadyDone(Exception):
    """Somebody has finished this call, or the family took it back."""


@dataclass(frozen=True)
class Line:
    """One call on the list."""

    callback: Callback
    prison: Prison | None


@dataclass(frozen=True)
class Page:
    """Some of the list, and how long all of it is."""

    lines: Sequence[Line]
    total: int
    number: int
    pages: int


def ask(session: Session, message_id: int, number: str) -> Callback:
    """Keep that a family wants a call on this number, once for each message."""
    message = session.get_one(Message, message_id)
    values = dict(
        reference=free_reference(session), conversation_id=message.conversation_id, message_id=message_id,
        number=private(session, message.conversation_id, number), asked_at=now(),
    )  # fmt: skip
    new = session.scalar(insert(Callback).values(**values).on_conflict_do_nothing().returning(Callback.id))
    callback = session.scalars(select(Callback).where(Callback.message_id == message_id)).one()
    if new is not None:
        record(session, LogEvent.CALLBACK_ASKED, actor="family", message=message_id, callback=callback.id)
    return callback


def free_reference(session: Session) -> str:
    """A reference that no call has yet."""
    while session.scalar(select(Callback.id).where(Callback.reference == (reference := new_reference()))):
        pass
    return reference


def by_reference(session: Session, reference: str) -> Callback | None:
    """The call of a reference."""
    return session.scalar(select(Callback).where(Callback.reference == reference))


def enrich(session: Session, callback: Callback, message_id: int, **answers: Any) -> list[str]:
    """Set what the family has said besides the number. Raises ValueError for a field that is not theirs to set."""
    if unknown := set(answers) - FAMILY_FIELDS:
        raise ValueError(f"not the family's to set: {', '.join(sorted(unknown))}")
    changed = sorted(name for name, value in answers.items() if getattr(callback, name) != value)
    news = {name: answers[name] for name in changed}
    for name, value in sealed(session, callback.conversation_id, Callback, news).items():
        setattr(callback, name, value)
    if changed:
        record(
            session, LogEvent.CALLBACK_ENRICHED, actor="family", message=message_id,
            callback=callback.id, fields=changed,
        )  # fmt: skip
    return changed


def take_back(session: Session, callback: Callback, message_id: int) -> None:
    """The family does not want the call after all. Doing it twice, or after somebody rang, changes nothing."""
    session.refresh(callback, with_for_update=True)
    if callback.done_at is not None:
        return
    callback.done_at, callback.outcome = now(), TAKEN_BACK
    session.flush()
    record(session, LogEvent.CALLBACK_TAKEN_BACK, actor="family", message=message_id, callback=callback.id)


def finish(session: Session, callback: Callback, staff_id: int, outcome: str, note: str = "") -> None:
    """Mark a call as done, with what came of it. Raises KeyError for an outcome not on the list, AlreadyDone."""
    if outcome not in outcomes():
        raise KeyError(outcome)
    session.refresh(callback, with_for_update=True)
    if callback.done_at is not None:
        raise AlreadyDone(callback.reference)
    callback.done_at, callback.done_by, callback.outcome = now(), staff_id, outcome
    callback.note = private(session, callback.conversation_id, note) if note else callback.note
    session.flush()
    record(session, LogEvent.CALLBACK_DONE, actor=f"staff:{staff_id}", callback=callback.id, outcome=outcome)


def undo(session: Session, callback: Callback, staff_id: int) -> bool:
    """Have a call wait again, with its note. False when it waits already, or the family took it back."""
    session.refresh(callback, with_for_update=True)
    if callback.done_at is None or callback.outcome == TAKEN_BACK:
        return False
    before = callback.outcome
    callback.done_at = callback.done_by = callback.outcome = None
    session.flush()
    record(session, LogEvent.CALLBACK_UNDONE, actor=f"staff:{staff_id}", callback=callback.id, before=before)
    return True


def outcomes() -> dict[str, str]:
    """The outcomes that staff may choose from."""
    return {key: words for key, words in choices("callback_outcomes").items() if key != TAKEN_BACK}


def reader_prison(session: Session, callback: Callback) -> Prison | None:
    """The prison whose staff see this call; None when only the duty desk does, as where a prison has no staff here."""
    prison = session.get(Prison, callback.prison_id) if callback.prison_id else None
    return prison if prison and session.scalar(select(_has_staff(prison.id))) else None


def may_see(session: Session, staff: Staff, callback: Callback) -> bool:
    """Whether a call is this person's business."""
    return session.scalar(select(Callback.id).where(Callback.id == callback.id, seen_by(staff))) is not None


def seen_by(staff: Staff) -> ColumnElement[bool]:
    """The calls of a person's prisons. Those of no prison, or of one without staff, are for who reads the unrouted."""
    theirs = Callback.prison_id.in_(prison_ids(staff))
    unrouted = or_(Callback.prison_id.is_(None), ~_has_staff(Callback.prison_id))
    return or_(theirs, unrouted) if staff.reads_unrouted else theirs


def waiting(session: Session, staff: Staff, number: int = 1) -> Page:
    """The calls that nobody has made yet, the one that has waited longest first."""
    return _page(session, staff, Callback.done_at.is_(None), Callback.asked_at, number)


def done(session: Session, staff: Staff, number: int = 1) -> Page:
    """The calls that were made or taken back, the last first."""
    return _page(session, staff, Callback.done_at.is_not(None), Callback.done_at.desc(), number)


def _page(session: Session, staff: Staff, which: ColumnElement[bool], order: Any, number: int) -> Page:
    wanted = (which, seen_by(staff))
    total = session.scalar(select(func.count(Callback.id)).where(*wanted)) or 0
    pages = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, number), pages)
    query = (
        select(Callback, Prison)
        .outerjoin(Prison, Prison.id == Callback.prison_id)
        .where(*wanted)
        .order_by(order, Callback.id)
        .limit(PAGE_LENGTH)
        .offset((number - 1) * PAGE_LENGTH)
    )
    vault.remember(session, query.with_only_columns(Callback.conversation_id))
    return Page([Line(*row) for row in session.execute(query)], total, number, pages)


def _has_staff(prison_id: Any) -> ColumnElement[bool]:
    return exists().where(
        staff_prison.c.prison_id == prison_id, staff_prison.c.staff_id == Staff.id, Staff.active.is_(True)
    )
