"""What can be done to a concern, by the family's answers and by staff. Every act is a line in the log."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.links import TELLS_WHO, link
from gateway.concerns.models import Concern, ConcernAct, ConcernNote, ConcernWords, Status, Urgency
from gateway.concerns.reference import new_reference
from gateway.concerns.search_index import put_down
from gateway.concerns.search_index import words as words
from gateway.conversations.models import Conversation
from gateway.conversations.service import Reply, say_to_family
from gateway.db import now
from gateway.privacy.sealed import private, sealed
from gateway.routing.service import alert, next_alarm
from gateway.spoken import spoken_time
from gateway.wording import choices, lists, say

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
_RANK = {Urgency.ROUTINE.value: 0, Urgency.URGENT.value: 1, Urgency.EMERGENCY.value: 2}


class AlreadyClosed(Exception):
    """The concern was closed before, so this can no longer be done."""


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
    if _RANK[urgency.value] <= _RANK[concern.urgency]:
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
        _reopen(session, concern, message_id)
    return True


def _reopen(session: Session, concern: Concern, message_id: int) -> None:
    """Whoever answered for it did not know how bad it is: it must be read again, from the first step on."""
    concern.status, concern.acknowledged_at, concern.acknowledged_by = Status.OPEN.value, None, None
    concern.escalation_step = 0
    record(session, LogEvent.CONCERN_REOPENED, concern=concern.id, message=message_id)


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


def acknowledge(session: Session, concern: Concern, staff_id: int, *, means: str = "console") -> bool:
    """A named person has read it and answers for it; the family is told when. False when somebody had before.

    `means`: console, text or call.
    """
    session.refresh(concern, with_for_update=True)
    if concern.status != Status.OPEN.value:
        return False
    concern.status, concern.acknowledged_at, concern.acknowledged_by = Status.ACKNOWLEDGED.value, now(), staff_id
    concern.next_alarm_at = next_alarm(concern)
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
    note = private(session, concern.conversation_id, text)
    session.add(ConcernNote(concern_id=concern.id, staff_id=staff_id, text=note))
    record(session, LogEvent.CONCERN_NOTED, actor=f"staff:{staff_id}", concern=concern.id)
    return True


def notes(session: Session, concern: Concern) -> Sequence[ConcernNote]:
    """The notes on a concern, oldest first."""
    return session.scalars(
        select(ConcernNote).where(ConcernNote.concern_id == concern.id).order_by(ConcernNote.id)
    ).all()


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


def close(session: Session, concern: Concern, staff_id: int, outcome: str) -> None:
    """Finish a concern with an outcome from the closed list. Raises KeyError for any other, AlreadyClosed."""
    session.refresh(concern, with_for_update=True)
    if concern.status == Status.CLOSED.value:
        raise AlreadyClosed(concern.reference)
    if outcome not in choices("outcomes"):
        raise KeyError(outcome)
    if concern.acknowledged_at is None:
        acknowledge(session, concern, staff_id)
    concern.status, concern.outcome, concern.closed_at, concern.closed_by = (
        Status.CLOSED.value,
        outcome,
        now(),
        staff_id,
    )
    concern.next_alarm_at = None
    record(session, LogEvent.CONCERN_CLOSED, actor=f"staff:{staff_id}", concern=concern.id, outcome=outcome)
    tell(session, concern, say(f"closed.{choices('closed_for')[outcome]}", reference=concern.reference))


def tell(session: Session, concern: Concern, text: str, sender: str = "system") -> None:
    """Put words into the conversation that raised a concern. Whether they may be said was asked before."""
    conversation = session.get_one(Conversation, concern.conversation_id)
    say_to_family(session, conversation, Reply(text), sender=sender)
