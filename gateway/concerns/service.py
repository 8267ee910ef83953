"""What a family's words and answers do to a concern; what staff do stands in acts.py. Each is a line in the log."""

import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.links import TELLS_WHO, link
from gateway.concerns.models import Concern, ConcernWords, Status, Urgency
from gateway.concerns.reference import new_reference
from gateway.concerns.search_index import put_down
from gateway.concerns.search_index import words as words
from gateway.db import now
from gateway.privacy.sealed import sealed
from gateway.routing.service import alert
from gateway.spoken import spoken_time
from gateway.wording import say

# What the family's answers may set; anything else is a programming error.
FAMILY_FIELDS = frozenset(
    {
        "prison_id",
        "prisoner_name",
        "prisoner_number",
        "prisoner_dob",
        "summary",
        "reporter_name",
        "reporter_relationship",
        "reporter_contact",
        "reporter_anonymous",
        "contact_allowed",
        "contact_when",
        "tell_prisoner",
    }
)
RANK = {Urgency.ROUTINE.value: 0, Urgency.URGENT.value: 1, Urgency.EMERGENCY.value: 2}


def free_reference(session: Session) -> str:
    """A reference that no concern has yet."""
    while session.scalar(select(Concern.id).where(Concern.reference == (reference := new_reference()))):
        pass
    return reference


def by_reference(session: Session, reference: str) -> Concern | None:
    """The concern of a reference."""
    return session.scalar(select(Concern).where(Concern.reference == reference))


def add_words(session: Session, concern: Concern, message_id: int) -> None:
    """Count a message as telling of this concern, once."""
    added = session.scalar(
        insert(ConcernWords)
        .values(concern_id=concern.id, message_id=message_id)
        .on_conflict_do_nothing()
        .returning(ConcernWords.message_id)
    )
    if added is not None:
        record(session, LogEvent.CONCERN_WORDS_ADDED, actor="family", concern=concern.id, message=message_id)
        put_down(session, concern)


def enrich(session: Session, concern: Concern, message_id: int, **answers: Any) -> list[str]:
    """Set what the family has said. Gives the names of what changed; a new prison is told at once.

    Raises ValueError for a field that is not the family's to set.
    """
    if unknown := set(answers) - FAMILY_FIELDS:
        raise ValueError(f"not the family's to set: {', '.join(sorted(unknown))}")
    if answers.get("reporter_anonymous"):
        answers["reporter_name"] = None  # who wants no name on it has none, even one given before
    changed = sorted(name for name, value in answers.items() if getattr(concern, name) != value)
    news = {name: answers[name] for name in changed}
    for name, value in sealed(session, concern.conversation_id, Concern, news).items():
        setattr(concern, name, value)
    if changed:
        record(
            session, LogEvent.CONCERN_ENRICHED, actor="family", concern=concern.id, message=message_id, fields=changed
        )
        session.flush()
    if TELLS_WHO.intersection(changed):
        link(session, concern)
    if "prison_id" in changed and concern.status != Status.CLOSED.value:
        concern.escalation_step = 0  # another prison has its own ladder, which begins at its first step
        alert(session, concern, reason="alert", why=say("why.prison_named"))
    return changed


def missing_only(concern: Concern, found: dict[str, Any]) -> dict[str, Any]:
    """Of what was found in a text, that which the concern does not hold yet."""
    return {name: value for name, value in found.items() if getattr(concern, name) is None}


def raise_urgency(session: Session, concern: Concern, urgency: Urgency, message_id: int) -> bool:
    """Make a concern more urgent; it is never made less so by a message. True when it changed."""
    if RANK[urgency.value] <= RANK[concern.urgency]:
        return False
    before, concern.urgency = concern.urgency, urgency.value
    record(
        session,
        LogEvent.CONCERN_URGENCY_RAISED,
        concern=concern.id,
        message=message_id,
        before=before,
        after=urgency.value,
    )
    if concern.status == Status.ACKNOWLEDGED.value:
        to_be_read_again(session, concern, message=message_id)
    return True


def to_be_read_again(session: Session, concern: Concern, *, actor: str = "system", **details: Any) -> None:
    """Whoever answered for it did not know how bad it is, or no longer does: from the first step of its route on.

    The caller tells that step.
    """
    concern.status, concern.acknowledged_at, concern.acknowledged_by = Status.OPEN.value, None, None
    concern.escalation_step, concern.escalated_at = 0, None
    record(session, LogEvent.CONCERN_REOPENED, actor=actor, concern=concern.id, **details)


def give_receipt(session: Session, concern: Concern, message_id: int) -> None:
    """The questions are done: staff are told that the details are complete."""
    if concern.receipt_at is not None:
        return
    concern.receipt_at = now()
    record(session, LogEvent.CONCERN_RECEIPT_GIVEN, concern=concern.id, message=message_id)
    if concern.status != Status.CLOSED.value:
        alert(session, concern, reason="update")


def summary_for_dialogue(concern: Concern) -> dict[str, Any]:
    """What the dialogue may know of a concern: its state and which questions are already answered."""
    return {
        "reference": concern.reference,
        "urgency": concern.urgency,
        "category": concern.category,
        "subject": concern.subject,
        "prison": concern.prison_id,
        "next_check": spoken_time(concern.next_alarm_at) if concern.next_alarm_at else None,
        "receipt_given": concern.receipt_at is not None,
    }


def status_for_family(session: Session, conversation_id: uuid.UUID, reference: str) -> dict[str, str] | None:
    """What a family may hear of a concern: only in the conversation that raised it, only whether and when it was read.

    Gives `state` (open, acknowledged or closed), and `at` in words; None for anybody else's reference.
    """
    concern = by_reference(session, reference)
    if concern is None or concern.conversation_id != conversation_id:
        return None
    record(session, LogEvent.CONCERN_STATUS_ASKED, actor="family", concern=concern.id)
    when = concern.closed_at or concern.acknowledged_at or concern.next_alarm_at
    return {"reference": reference, "state": concern.status, "at": spoken_time(when) if when else ""}


def newest_reference(session: Session, conversation_id: uuid.UUID) -> str | None:
    """The reference of the last concern that a conversation raised."""
    query = select(Concern.reference).where(Concern.conversation_id == conversation_id).order_by(Concern.id.desc())
    return session.scalar(query.limit(1))
