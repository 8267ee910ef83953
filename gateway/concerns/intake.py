"""Record first, ask later: what the worker does with the risk of a message, before any dialogue."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.adapters.rasa import Risk
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns import service
from gateway.concerns.details import extract
from gateway.concerns.models import Concern, ConcernWords, Status, Urgency
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.db import now
from gateway.prisons.service import find_prisons
from gateway.routing.service import alert

# A further worry in the same conversation within this time is taken as news of the same concern.
SAME_CONCERN_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Turn:
    """What the dialogue is told of a message: the conversation's prison, and the concern that it touched."""

    prison: str | None
    concern: dict[str, Any] | None


def take_in(session: Session, message_id: int, risk: Risk, recent: list[str]) -> Turn:
    """Store the assessment, remember the prison named, open or extend the concern. Repeating it adds nothing."""
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    _store(session, message, risk, recent)
    _remember_prison(session, conversation, message.text)
    concern, event = _concern_of(session, conversation, message, risk)
    if concern is None:
        return Turn(conversation.prison_id, None)
    return Turn(conversation.prison_id, service.summary_for_dialogue(concern) | {"event": event})


def _store(session: Session, message: Message, risk: Risk, recent: list[str]) -> None:
    read = "\n".join([*recent, message.text])
    values = dict(
        message_id=message.id, level=risk.level, urgency=risk.urgency, category=risk.category, subject=risk.subject,
        scores=risk.scores, model_version=risk.model_version, text=read, at=now(),
    )
    session.execute(insert(Assessment).values(**values).on_conflict_do_nothing())


def _remember_prison(session: Session, conversation: Conversation, text: str) -> None:
    found = find_prisons(session, text)
    if len(found) == 1:
        conversation.prison_id = found[0].id


def _concern_of(
    session: Session, conversation: Conversation, message: Message, risk: Risk
) -> tuple[Concern | None, str | None]:
    """The concern that a message belongs to, and whether it opened it, added to it, or only came while it was open."""
    told = session.get(ConcernWords, {"message_id": message.id, "concern_id": _concern_id_of(session, message.id)})
    current = current_concern(session, conversation.id)
    if told is not None:
        concern = session.get_one(Concern, told.concern_id)
        return concern, "opened" if concern.opened_by == message.id else "words_added"
    if risk.level != "likely":
        return current, None
    if current is not None and _is_same(session, current, message.text, risk):
        return current, "urgency_raised" if _add(session, current, message, risk) else "words_added"
    return open_concern(session, conversation, message, risk), "opened"


def _concern_id_of(session: Session, message_id: int) -> int | None:
    return session.scalar(select(ConcernWords.concern_id).where(ConcernWords.message_id == message_id))


def current_concern(session: Session, conversation_id: uuid.UUID) -> Concern | None:
    """The newest concern of a conversation, while it is not closed and not old."""
    query = (
        select(Concern)
        .where(
            Concern.conversation_id == conversation_id,
            Concern.status != Status.CLOSED.value,
            Concern.opened_at > now() - SAME_CONCERN_FOR,
        )
        .order_by(Concern.id.desc())
        .limit(1)
    )
    return session.scalar(query)


def _is_same(session: Session, concern: Concern, text: str, risk: Risk) -> bool:
    """Another prison, or another kind of person at risk, makes another concern."""
    named = {prison.id for prison in find_prisons(session, text)}
    elsewhere = concern.prison_id is not None and bool(named) and concern.prison_id not in named
    return not elsewhere and (risk.subject == "caller") == (concern.subject == "caller")


def _add(session: Session, concern: Concern, message: Message, risk: Risk) -> bool:
    """Put further words to a concern and tell staff. True when it became more urgent."""
    service.add_words(session, concern, message.id)
    service.enrich(session, concern, message.id, **service.missing_only(concern, extract(message.text)))
    if service.raise_urgency(session, concern, Urgency(risk.urgency or Urgency.URGENT), message.id):
        alert(session, concern, reason="alert")
        return True
    alert(session, concern, reason="update")
    return False


def open_concern(session: Session, conversation: Conversation, message: Message, risk: Risk) -> Concern:
    """A new row in the log, with the words as they came, and the first people told."""
    about_caller = risk.subject == "caller"
    concern = Concern(
        reference=service.free_reference(session),
        conversation_id=conversation.id,
        opened_by=message.id,
        channel=conversation.channel,
        urgency=risk.urgency or Urgency.URGENT.value,
        category=risk.category or "other",
        subject=risk.subject or "prisoner",
        model_version=risk.model_version,
        # The caller's own risk is never sent to a prison's wing.
        prison_id=None if about_caller else conversation.prison_id,
        # Set for good by `alert` below; the table refuses an open concern without one.
        next_alarm_at=now(),
    )
    session.add(concern)
    session.flush()
    record(
        session, LogEvent.CONCERN_OPENED, actor="family", concern=concern.id, message=message.id,
        urgency=concern.urgency, category=concern.category, subject=concern.subject, level=risk.level,
    )
    service.add_words(session, concern, message.id)
    service.enrich(session, concern, message.id, **extract(message.text))
    alert(session, concern, reason="alert")
    return concern
