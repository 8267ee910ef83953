"""What staff decide of a message that opened no concern by itself: it becomes one, or it is dismissed with a reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.adapters.rasa import Risk
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.category import OTHER
from gateway.concerns.decision_models import MessageDecision
from gateway.concerns.intake import open_concern, told_in
from gateway.concerns.models import Concern, Urgency
from gateway.concerns.unsorted import UNDO_FOR
from gateway.conversations.models import Assessment, Conversation, Message, is_real
from gateway.db import now
from gateway.prisons.models import Prison
from gateway.privacy.sealed import private
from gateway.wording import choices

# What stands in place of a level and a model where the computer did not come to read the message.
NOT_READ = "not read"


class AlreadyDecided(Exception):
    """Somebody has decided of this message, or the family's next words made it a concern."""


class CannotBringBack(Exception):
    """It was dismissed too long ago."""


@dataclass(frozen=True)
class Chosen:
    """What a concern begins as. `prison_id`: none is the prison that the family named, if it named one."""

    urgency: str
    category: str
    subject: str
    prison_id: str | None = None


def likeliest(assessment: Assessment | None) -> Chosen:
    """What to begin with if nobody chooses otherwise: what the computer thought, and the same day where it did not."""
    return Chosen(
        urgency=(assessment.urgency if assessment else None) or Urgency.URGENT.value,
        category=(assessment.category if assessment else None) or OTHER,
        subject=(assessment.subject if assessment else None) or "prisoner",
    )


def prisons(session: Session) -> Sequence[Prison]:
    """The prisons that such a concern may be about, by their names."""
    return session.scalars(select(Prison).where(Prison.active).order_by(Prison.name)).all()


def lock(session: Session, message_id: int) -> None:
    """Nobody else decides of a message until this transaction ends."""
    session.get_one(Message, message_id, with_for_update=True, populate_existing=True)


def make(session: Session, message_id: int, staff_id: int, chosen: Chosen) -> Concern:
    """Open a concern from a message, with its people told as ever. Raises AlreadyDecided, KeyError."""
    _of_the_lists(chosen)
    _refuse_if_decided(session, message_id)
    message, assessment = session.get_one(Message, message_id), session.get(Assessment, message_id)
    concern = open_concern(
        session,
        session.get_one(Conversation, message.conversation_id),
        message,
        Risk(
            level=assessment.level if assessment else NOT_READ,
            urgency=chosen.urgency,
            category=chosen.category,
            subject=chosen.subject,
            scores={},
            model_version=assessment.model_version if assessment else NOT_READ,
        ),
        actor=f"staff:{staff_id}",
        prison_id=chosen.prison_id,
    )
    session.add(MessageDecision(message_id=message_id, staff_id=staff_id, concern_id=concern.id))
    session.flush()
    return concern


def dismiss(session: Session, message_id: int, staff_id: int, reason: str, words: str = "") -> None:
    """Take a message off the list, with a reason from the closed list. Raises AlreadyDecided, KeyError."""
    if reason not in choices("dismissal_reasons"):
        raise KeyError(reason)
    _refuse_if_decided(session, message_id)
    owner = session.get_one(Message, message_id).conversation_id
    kept = private(session, owner, words) if words else None
    session.add(MessageDecision(message_id=message_id, staff_id=staff_id, reason=reason, words=kept))
    session.flush()
    record(session, LogEvent.MESSAGE_DISMISSED, actor=f"staff:{staff_id}", message=message_id, reason=reason)


def bring_back(session: Session, message_id: int, staff_id: int) -> bool:
    """Undo a dismissal. False when none stands. Raises CannotBringBack."""
    lock(session, message_id)
    decision = _standing(session, message_id)
    if decision is None or decision.reason is None:
        return False
    if decision.at <= now() - UNDO_FOR:
        raise CannotBringBack(message_id)
    decision.undone_at, decision.undone_by = now(), staff_id
    session.flush()
    record(session, LogEvent.MESSAGE_BROUGHT_BACK, actor=f"staff:{staff_id}", message=message_id)
    return True


def decisions(session: Session) -> Iterator[dict[str, Any]]:
    """Every decision that stands with the family's words and what the computer thought, oldest first."""
    query = (
        select(MessageDecision, Message, Assessment, Concern.reference)
        .join(Message, Message.id == MessageDecision.message_id)
        .outerjoin(Assessment, Assessment.message_id == Message.id)
        .outerjoin(Concern, Concern.id == MessageDecision.concern_id)
        .where(MessageDecision.undone_at.is_(None), is_real(Message.conversation_id))
        .order_by(MessageDecision.id)
    )
    for decision, message, found, reference in session.execute(query):
        yield {
            "at": decision.at.isoformat(),
            "decision": "dismissed" if decision.reason else "made a concern",
            "reference": reference,
            "reason": decision.reason,
            "note": decision.words,
            "words": message.text,
            "read": found.text if found else None,
            "level": found.level if found else None,
            "urgency": found.urgency if found else None,
            "category": found.category if found else None,
            "subject": found.subject if found else None,
            "model_version": found.model_version if found else None,
        }


def _standing(session: Session, message_id: int) -> MessageDecision | None:
    return session.scalar(
        select(MessageDecision).where(MessageDecision.message_id == message_id, MessageDecision.undone_at.is_(None))
    )


def _refuse_if_decided(session: Session, message_id: int) -> None:
    lock(session, message_id)
    if _standing(session, message_id) is not None or told_in(session, message_id) is not None:
        raise AlreadyDecided(message_id)


def _of_the_lists(chosen: Chosen) -> None:
    for value, group in (
        (chosen.urgency, "urgencies"), (chosen.category, "categories"), (chosen.subject, "subjects")
    ):  # fmt: skip
        if value not in choices(group):
            raise KeyError(value)
