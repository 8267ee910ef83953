"""What staff do most: read a concern and answer for it, keep a note, tell the family. Each is a line in the log."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern, ConcernAct, ConcernAction, ConcernNote, NoteKind, Status
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Reply, say_to_family
from gateway.db import now
from gateway.privacy.sealed import private
from gateway.routing.service import next_alarm
from gateway.spoken import spoken_time
from gateway.wording import choices, lists, say


def lock(session: Session, concern: Concern) -> None:
    """The concern as it stands now, and nobody else acts on it until this transaction ends."""
    session.flush()  # else what was set on it before and not yet written is lost
    session.refresh(concern, with_for_update=True)


def acknowledge(session: Session, concern: Concern, staff_id: int, *, means: str = "console") -> bool:
    """A named person has read it and answers for it; the family is told when. False when somebody had before.

    `means`: console, text or call.
    """
    lock(session, concern)
    if concern.status != Status.OPEN.value:
        return False
    concern.status, concern.acknowledged_at, concern.acknowledged_by = Status.ACKNOWLEDGED.value, now(), staff_id
    concern.assigned_to = concern.assigned_to or staff_id
    concern.next_alarm_at, concern.escalated_at = next_alarm(concern), None
    record(session, LogEvent.CONCERN_ACKNOWLEDGED, actor=f"staff:{staff_id}", concern=concern.id, means=means)
    tell(
        session,
        concern,
        say("family.acknowledged", reference=concern.reference, time=spoken_time(concern.acknowledged_at)),
    )
    return True


def first_time(session: Session, concern: Concern, staff_id: int, act: uuid.UUID | None) -> bool:
    """Whether this act of staff is new. One that comes again, by a second press or a reload, is not."""
    if act is None:
        return True
    claimed = session.execute(
        insert(ConcernAct)
        .values(id=act, concern_id=concern.id, staff_id=staff_id, at=now())
        .on_conflict_do_nothing()
        .returning(ConcernAct.id)
    )
    return claimed.scalar() is not None


def add_note(session: Session, concern: Concern, staff_id: int, text: str, act: uuid.UUID | None = None) -> bool:
    """Something staff want to remember; the family does not see it. False when this act was done before."""
    if not first_time(session, concern, staff_id, act):
        return False
    keep_note(session, concern, staff_id, text, NoteKind.NOTE)
    record(session, LogEvent.CONCERN_NOTED, actor=f"staff:{staff_id}", concern=concern.id)
    return True


def keep_note(session: Session, concern: Concern, staff_id: int, text: str, kind: NoteKind) -> int:
    """Keep what was written with an act, such as its reason; gives the note's id, for the log holds no words."""
    kept = private(session, concern.conversation_id, text)
    note = ConcernNote(concern_id=concern.id, staff_id=staff_id, text=kept, kind=kind.value)
    session.add(note)
    session.flush()
    return note.id


def notes(session: Session, concern: Concern) -> Sequence[ConcernNote]:
    """The notes on a concern, oldest first."""
    return session.scalars(
        select(ConcernNote).where(ConcernNote.concern_id == concern.id).order_by(ConcernNote.id)
    ).all()


def record_action(
    session: Session, concern: Concern, staff_id: int, kind: str, remark: str = "", act: uuid.UUID | None = None
) -> bool:
    """Something that was done, from the closed list of outcomes; KeyError for any other. False when done before."""
    if kind not in choices("outcomes"):
        raise KeyError(kind)
    if not first_time(session, concern, staff_id, act):
        return False
    note = keep_note(session, concern, staff_id, remark, NoteKind.ACTION) if remark else None
    session.add(ConcernAction(concern_id=concern.id, staff_id=staff_id, kind=kind, note_id=note))
    record(session, LogEvent.CONCERN_ACTION, actor=f"staff:{staff_id}", concern=concern.id, kind=kind, note=note)
    return True


def fitting_sentences(concern: Concern) -> dict[str, str]:
    """The approved sentences that are true of a concern as it stands: all while it is open, then its outcome's."""
    approved = choices("approved")
    keys = lists("approved_for")[concern.outcome] if concern.outcome else list(approved)
    return {key: approved[key].format(reference=concern.reference) for key in keys}


def tell_family(session: Session, concern: Concern, staff_id: int, sentence: str, act: uuid.UUID | None = None) -> bool:
    """Send one of the fitting sentences; KeyError for any other. False when this act was done before."""
    words_to_send = fitting_sentences(concern)[sentence]
    if not first_time(session, concern, staff_id, act):
        return False
    tell(session, concern, words_to_send, sender="staff")
    record(session, LogEvent.CONCERN_FAMILY_TOLD, actor=f"staff:{staff_id}", concern=concern.id, sentence=sentence)
    return True


def tell(session: Session, concern: Concern, text: str, sender: str = "system") -> Message:
    """Put words into the conversation that raised a concern. Whether they may be said was asked before."""
    conversation = session.get_one(Conversation, concern.conversation_id)
    return say_to_family(session, conversation, Reply(text), sender=sender)
