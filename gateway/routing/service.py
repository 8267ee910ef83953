"""Telling the people on a concern's route, and telling the next when nobody answers."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern, ConcernWords, Status
from gateway.config import settings
from gateway.conversations.models import Conversation, Message, is_real
from gateway.db import now
from gateway.deliveries.service import queue_alert
from gateway.prisons.models import Prison
from gateway.routing.routes import Contact, Step, routing
from gateway.spoken import spoken_time
from gateway.wording import choices, say

# Where alerts about the watcher's own concerns end, whoever stands on the ladder.
NOBODY = Contact("path", "synthetic")


def steps_of(concern: Concern) -> tuple[Step, ...]:
    """The ladder of a concern as it stands now."""
    return routing().ladder(concern.prison_id, concern.category, concern.subject)


def next_alarm(concern: Concern) -> datetime:
    """When somebody must next have acted: acknowledged while it is open, finished or reviewed after that."""
    clocks = routing().clocks if concern.status == Status.OPEN.value else routing().acknowledged_clocks
    return now() + clocks[concern.urgency]


def alert(session: Session, concern: Concern, *, reason: str) -> None:
    """Tell everyone on the current step.

    `reason`: alert (new or worse), update (more is known), escalation (nobody answered in time) or review (somebody
    answers for it, and it is not finished in time).
    """
    session.flush()
    steps = steps_of(concern)
    step = steps[min(concern.escalation_step, len(steps) - 1)]
    told = (NOBODY,) if session.get_one(Conversation, concern.conversation_id).synthetic else step.tell
    for contact in told:
        _queue(session, concern, contact, reason)
    if reason != "update":
        concern.next_alarm_at = next_alarm(concern)
    record(session, LogEvent.CONCERN_ROUTED, concern=concern.id, step=step.name, people=len(told), reason=reason)


def escalate_due(session: Session, limit: int = 50) -> int:
    """Tell the next step about every concern whose alarm has come; each then has its next alarm. Gives how many."""
    due = session.scalars(
        select(Concern)
        .where(Concern.status != Status.CLOSED.value, Concern.next_alarm_at <= now(), is_real(Concern.conversation_id))
        .order_by(Concern.next_alarm_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for concern in due:
        concern.escalation_step += 1
        alert(session, concern, reason="escalation" if concern.status == Status.OPEN.value else "review")
        record(session, LogEvent.CONCERN_ESCALATED, concern=concern.id, step=concern.escalation_step)
    return len(due)


def _queue(session: Session, concern: Concern, contact: Contact, reason: str) -> None:
    body = _sms(session, concern, reason) if contact.medium == "sms" else _email(session, concern, reason)
    subject = None if contact.medium == "sms" else say(f"staff.{reason}.subject", **_facts(session, concern))
    queue_alert(
        session, concern.id, medium=contact.medium, address=contact.address, subject=subject, body=body, reason=reason
    )


def _facts(session: Session, concern: Concern) -> dict[str, str]:
    """What every alert may say: nothing in it names a person."""
    prison = session.get(Prison, concern.prison_id) if concern.prison_id else None
    return {
        "reference": concern.reference,
        "prison": prison.name if prison else say("staff.prison_unknown"),
        "urgency": choices("urgencies")[concern.urgency],
        # A new category that has no words yet must not keep anybody from being told.
        "category": choices("categories").get(concern.category, concern.category),
        "subject": choices("subjects")[concern.subject],
        "opened": spoken_time(concern.opened_at),
        "link": f"{settings().public_url}/console/concerns/{concern.reference}",
    }


def _sms(session: Session, concern: Concern, reason: str) -> str:
    return say(f"staff.{reason}.sms", **_facts(session, concern))


def _email(session: Session, concern: Concern, reason: str) -> str:
    """The whole of what is known: it goes only to the people whose work it is."""
    query = select(Message.text).join(ConcernWords, ConcernWords.message_id == Message.id)
    texts = session.scalars(query.where(ConcernWords.concern_id == concern.id).order_by(Message.id)).all()
    known = [
        f"{label}: {_shown(value)}"
        for name, label in choices("fields").items()
        if (value := getattr(concern, name)) not in (None, "")
    ]
    return say(f"staff.{reason}.email", words="\n\n".join(texts), known="\n".join(known), **_facts(session, concern))


def _shown(value: object) -> str:
    return say("desk.yes" if value else "desk.no") if isinstance(value, bool) else str(value)
