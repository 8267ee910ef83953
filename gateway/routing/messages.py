"""What an alert says, by each medium. Only an e-mail holds the family's words and names people."""

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.concerns.links import earlier_reports
from gateway.concerns.models import Concern, ConcernWords
from gateway.config import settings
from gateway.conversations.models import Message
from gateway.inert import inert
from gateway.prisons.models import Prison
from gateway.spoken import spoken_time
from gateway.wording import choices, say


def subject(session: Session, concern: Concern, medium: str, reason: str) -> str | None:
    """The line above an e-mail; nothing else has one."""
    return say(f"staff.{reason}.subject", **_facts(session, concern)) if medium == "email" else None


def body(session: Session, concern: Concern, medium: str, reason: str) -> str:
    """What goes out; for a call, what stands in the list of those told."""
    if medium == "webhook":
        return _webhook(session, concern, reason)
    return _email(session, concern, reason) if medium == "email" else _sms(session, concern, reason)


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
    said = [say(f"staff.{reason}.sms", **_facts(session, concern)), *_earlier(session, concern)]
    return " ".join(said)


def _email(session: Session, concern: Concern, reason: str) -> str:
    """The whole of what is known: it goes only to the people whose work it is."""
    query = select(Message.text).join(ConcernWords, ConcernWords.message_id == Message.id)
    texts = session.scalars(query.where(ConcernWords.concern_id == concern.id).order_by(Message.id)).all()
    known = [
        f"{label}: {inert(_shown(value))}"
        for name, label in choices("fields").items()
        if (value := getattr(concern, name)) not in (None, "")
    ]
    known += _earlier(session, concern)
    return say(
        f"staff.{reason}.email", words=inert("\n\n".join(texts)), known="\n".join(known), **_facts(session, concern)
    )


def _webhook(session: Session, concern: Concern, reason: str) -> str:
    """The same facts as a text, as JSON with codes in place of words. Described in docs/routing.md."""
    facts = _facts(session, concern)
    due = concern.next_alarm_at
    about = {
        "reason": reason,
        "prison_id": concern.prison_id,
        "urgency": concern.urgency,
        "category": concern.category,
        "subject": concern.subject,
        "opened_at": concern.opened_at.isoformat(),
        "next_alarm_at": due.isoformat() if due else None,
        "earlier_reports": earlier_reports(session, concern),
    }
    return json.dumps({name: facts[name] for name in ("reference", "prison", "link")} | about)


def _earlier(session: Session, concern: Concern) -> list[str]:
    count = earlier_reports(session, concern)
    return [say("staff.earlier_reports", count=count)] if count else []


def _shown(value: object) -> str:
    return say("desk.yes" if value else "desk.no") if isinstance(value, bool) else str(value)
