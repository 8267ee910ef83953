"""What staff put right of what the computer made of a concern, and those corrections as they are kept for teaching."""

import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.acts import first_time, keep_note, lock
from gateway.concerns.links import link
from gateway.concerns.models import Concern, ConcernCorrection, ConcernNote, NoteKind, Status
from gateway.concerns.service import RANK, to_be_read_again, words
from gateway.conversations.models import is_real
from gateway.routing.service import alert, steps_of
from gateway.wording import choices, say

# What may be put right, each with its closed list in data/wording.yml.
FIELDS = {"urgency": "urgencies", "category": "categories", "subject": "subjects"}


def correct(
    session: Session, concern: Concern, staff_id: int, reason: str, act: uuid.UUID | None = None, **right: str
) -> list[str]:
    """Set urgency, category or subject, with a reason that is kept as a note. Gives what changed.

    What becomes more urgent, or goes another route, is told from the first step of its route on, and somebody must read
    it again. Raises KeyError for what is not in the closed lists.
    """
    if wrong := {field: value for field, value in right.items() if value not in choices(FIELDS[field])}:
        raise KeyError(f"{wrong}")
    lock(session, concern)
    changed = [field for field, value in right.items() if getattr(concern, field) != value]
    if not changed or not first_time(session, concern, staff_id, act):
        return []
    urgency, route = concern.urgency, steps_of(concern)
    note = keep_note(session, concern, staff_id, reason, NoteKind.CORRECTION)
    for field in changed:
        _set(session, concern, staff_id, field, right[field], note)
    if "subject" in changed:
        link(session, concern)
    if concern.status != Status.CLOSED.value:
        _alarm(session, concern, f"staff:{staff_id}", raised=RANK[concern.urgency] > RANK[urgency], before=route)
    return changed


def _set(session: Session, concern: Concern, staff_id: int, field: str, value: str, note: int) -> None:
    before = getattr(concern, field)
    setattr(concern, field, value)
    session.add(
        ConcernCorrection(
            concern_id=concern.id, staff_id=staff_id, field=field, before=before, after=value,
            model_version=concern.model_version, note_id=note,
        )
    )  # fmt: skip
    record(
        session, LogEvent.CONCERN_CORRECTED, actor=f"staff:{staff_id}", concern=concern.id,
        field=field, before=before, after=value, note=note,
    )  # fmt: skip


def _alarm(session: Session, concern: Concern, actor: str, *, raised: bool, before: object) -> None:
    rerouted = steps_of(concern) != before
    if not raised and not rerouted:
        return
    if concern.status == Status.ACKNOWLEDGED.value:
        to_be_read_again(session, concern, actor=actor)
    concern.escalation_step = 0
    alert(session, concern, reason="alert", why=say("why.raised" if raised else "why.corrected"))


def corrections_of(session: Session, concern: Concern) -> Sequence[ConcernCorrection]:
    """What was put right of one concern, oldest first."""
    query = select(ConcernCorrection).where(ConcernCorrection.concern_id == concern.id)
    return session.scalars(query.order_by(ConcernCorrection.id)).all()


def is_corrected(session: Session, concern: Concern, field: str) -> bool:
    """Whether a person has decided this, so that the computer no longer does."""
    return any(one.field == field for one in corrections_of(session, concern))


def corrections(session: Session) -> Iterator[dict[str, Any]]:
    """Every correction with the family's words and the reason, oldest first. Those of deleted concerns hold neither."""
    query = (
        select(ConcernCorrection, Concern, ConcernNote)
        .join(Concern, Concern.id == ConcernCorrection.concern_id)
        .join(ConcernNote, ConcernNote.id == ConcernCorrection.note_id)
        .where(is_real(Concern.conversation_id))
        .order_by(ConcernCorrection.id)
    )
    for correction, concern, note in session.execute(query):
        yield {
            "reference": concern.reference,
            "at": correction.at.isoformat(),
            "field": correction.field,
            "before": correction.before,
            "after": correction.after,
            "reason": note.text,
            "words": words(session, concern),
            "model_version": correction.model_version,
        }
