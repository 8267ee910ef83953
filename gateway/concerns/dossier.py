"""All that a member of staff may read about one concern, gathered for its page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import history
from gateway.concerns import acts
from gateway.concerns.closing import told_on_closing
from gateway.concerns.corrections import corrections_of
from gateway.concerns.links import Linked, linked
from gateway.concerns.models import (
    Concern,
    ConcernAction,
    ConcernCorrection,
    ConcernNote,
    ConcernWords,
    NoteKind,
    Status,
)
from gateway.concerns.questions import Asked, asked
from gateway.concerns.standing import overdue_since
from gateway.concerns.thread import Thread, raised_together, thread
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.deliveries.models import Delivery
from gateway.media.models import Media
from gateway.media.service import of_messages as media_of
from gateway.prisons.models import Prison
from gateway.staff.models import Staff
from gateway.staff.service import may_see, names


@dataclass(frozen=True)
class Happening:
    """A line of the log; one person's views in a row are one happening."""

    entry: LogEntry
    times: int


@dataclass(frozen=True)
class Dossier:
    """One concern, as its page shows it."""

    concern: Concern
    prison: Prison | None
    conversation: Conversation
    overdue_since: datetime | None
    words: Sequence[tuple[Message, Assessment | None]]
    thread: Thread
    alerts: Sequence[Delivery]
    notes: Sequence[ConcernNote]
    handover: ConcernNote | None  # what the last to hand it over wrote for the next
    actions: Sequence[ConcernAction]
    asked: Sequence[Asked]
    corrections: Sequence[ConcernCorrection]
    linked: Sequence[Linked]
    family: Sequence[Concern]  # other concerns from the same conversation
    history: Sequence[Happening]
    media: dict[int, Sequence[Media]]  # by message, of all that is shown
    names: dict[int, str]
    prisons: dict[str, str]  # the names of those that it was moved from and to
    would_tell: str | None  # what the family would hear if its closing were confirmed


def dossier(session: Session, concern: Concern, staff: Staff | None) -> Dossier:
    """Everything on a concern that `staff` may see; whether they may see the concern itself was asked before.

    None is a reader of this concern and of no other.
    """
    words, said = _words(session, concern), thread(session, concern, staff)
    shown = {message.id for message, _ in words} | {one.message.id for one in said.said}
    notes = acts.notes(session, concern)
    log = history(session, concern.id)
    together = raised_together(session, concern)
    alerts = select(Delivery).where(Delivery.concern_id == concern.id).order_by(Delivery.id)
    return Dossier(
        concern=concern,
        prison=session.get(Prison, concern.prison_id) if concern.prison_id else None,
        conversation=session.get_one(Conversation, concern.conversation_id),
        overdue_since=overdue_since(concern),
        words=words,
        thread=said,
        alerts=session.scalars(alerts).all(),
        notes=notes,
        handover=_handover(concern, notes),
        actions=_actions(session, concern),
        asked=asked(session, concern),
        corrections=corrections_of(session, concern),
        linked=[one for one in linked(session, concern) if staff and may_see(staff, one.concern)],
        family=[other for other in together if staff and may_see(staff, other)],
        history=list(_gathered(log)),
        media=media_of(session, shown),
        names=names(session),
        prisons=_prisons(session, log),
        would_tell=told_on_closing(concern, concern.proposed_outcome, str(concern.proposed_told))
        if concern.proposed_outcome
        else None,
    )


def _words(session: Session, concern: Concern) -> Sequence[tuple[Message, Assessment | None]]:
    query = (
        select(Message, Assessment)
        .join(ConcernWords, ConcernWords.message_id == Message.id)
        .outerjoin(Assessment, Assessment.message_id == Message.id)
        .where(ConcernWords.concern_id == concern.id)
        .order_by(Message.id)
    )
    return session.execute(query).all()


def _handover(concern: Concern, notes: Sequence[ConcernNote]) -> ConcernNote | None:
    last = next((note for note in reversed(notes) if note.kind == NoteKind.HANDOVER.value), None)
    left = last is not None and concern.assigned_to != last.staff_id and concern.status != Status.CLOSED.value
    return last if left else None


def _actions(session: Session, concern: Concern) -> Sequence[ConcernAction]:
    query = select(ConcernAction).where(ConcernAction.concern_id == concern.id)
    return session.scalars(query.order_by(ConcernAction.id)).all()


def _prisons(session: Session, log: Sequence[LogEntry]) -> dict[str, str]:
    moves = [entry.details for entry in log if entry.event == LogEvent.CONCERN_MOVED.value]
    ids = {prison_id for move in moves for prison_id in (move["before"], move["after"])}
    return {prison.id: prison.name for prison in session.scalars(select(Prison).where(Prison.id.in_(ids)))}


def _gathered(entries: Iterable[LogEntry]) -> Iterable[Happening]:
    last: Happening | None = None
    for entry in entries:
        if last and _same_view(last.entry, entry):
            last = Happening(entry, last.times + 1)
            continue
        if last:
            yield last
        last = Happening(entry, 1)
    if last:
        yield last


def _same_view(one: LogEntry, other: LogEntry) -> bool:
    return one.event == other.event == LogEvent.CONCERN_VIEWED.value and one.actor == other.actor
