"""Taking rows away, with every copy of them. What may go is decided elsewhere: retention.py, erasure.py."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence

from sqlalchemy import CursorResult, Executable, delete, func, or_, select, text
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.decision_models import MessageDecision
from gateway.concerns.models import Concern, ConcernLink, ConcernNote, ConcernWords
from gateway.concerns.service import FAMILY_FIELDS
from gateway.conversations.models import Assessment, Message
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.figures.tally import keep_tally
from gateway.media.models import Media
from gateway.privacy import copies, spent
from gateway.privacy.sealed import Private, private

# Of what a family told, the prison stays with the emptied concern: it says whose staff may see it.
PERSONAL_FIELDS = sorted(FAMILY_FIELDS - {"prison_id"})


def emptied(session: Session, owner: uuid.UUID) -> Private:
    """What stands in place of words that are gone; `owner` is their conversation."""
    return private(session, owner, "")


def remove_messages(session: Session, ids: Sequence[int]) -> Counter[str]:
    """Delete messages with what hangs on them. The one that opened a concern is emptied: the concern names it."""
    messages = session.scalars(select(Message).where(Message.id.in_(ids)).with_for_update()).all()
    spent.spend(session, [(m.provider, m.provider_id) for m in messages if m.provider and m.provider_id])
    keep_tally(session, ids)
    session.execute(delete(Media).where(Media.message_id.in_(ids)))
    # With the message that opened a concern, which stays as a shell, it would not go by itself.
    session.execute(delete(MessageDecision).where(MessageDecision.message_id.in_(ids)))
    deliveries = session.scalars(select(Delivery.id).where(Delivery.message_id.in_(ids))).all()
    opening = set(session.scalars(select(Concern.opened_by).where(Concern.opened_by.in_(ids))).all())
    done = Counter(
        copies=copies.forget_deliveries(deliveries),
        assessments=_gone(session, delete(Assessment).where(Assessment.message_id.in_(ids))),
        deliveries=_gone(session, delete(Delivery).where(Delivery.message_id.in_(ids))),
        messages=len(messages),
    )
    for message in messages:
        if message.id in opening:
            _empty_message(session, message)
    session.flush()
    session.execute(delete(Message).where(Message.id.in_({m.id for m in messages} - opening)))
    return done


def _empty_message(session: Session, message: Message) -> None:
    message.text = emptied(session, message.conversation_id)
    message.media, message.buttons, message.sources = [], [], []
    message.provider = message.provider_id = message.answer = message.reply_to = None


def empty_concern(session: Session, concern: Concern) -> Counter[str]:
    """Take all that is personal out of a closed concern: its reference, times, category and outcome stay."""
    told = session.scalars(select(ConcernWords.message_id).where(ConcernWords.concern_id == concern.id)).all()
    session.execute(delete(ConcernWords).where(ConcernWords.concern_id == concern.id))
    # Another concern's facts would tell who this one was about.
    linked = or_(ConcernLink.concern_id == concern.id, ConcernLink.other_id == concern.id)
    session.execute(delete(ConcernLink).where(linked))
    for name in PERSONAL_FIELDS:
        setattr(concern, name, None)
    for note in session.scalars(select(ConcernNote).where(ConcernNote.concern_id == concern.id)):
        note.text = emptied(session, concern.conversation_id)
    alerts = session.scalars(select(Delivery).where(Delivery.concern_id == concern.id)).all()
    for alert in alerts:
        alert.subject, alert.body = None, emptied(session, concern.conversation_id)
    concern.erased_at = now()
    record(session, LogEvent.CONCERN_EMPTIED, concern=concern.id)
    session.flush()
    done = Counter(concerns=1, alerts=len(alerts), copies=copies.forget_deliveries(alert.id for alert in alerts))
    return done + remove_messages(session, [*told, concern.opened_by])


def forget_in_rasa(session: Session, conversations: Iterable[uuid.UUID]) -> int:
    """Empty Rasa's memory of conversations. Gives how many events there were."""
    if not has_table(session, "rasa.events"):
        return 0
    statement = text("DELETE FROM rasa.events WHERE sender_id = ANY(:ids)")
    return _gone(session, statement, {"ids": [str(one) for one in conversations]})


def forget_jobs(session: Session, conversation: uuid.UUID) -> int:
    """Jobs name the conversation that they send to, and those that failed stay in the queue."""
    statement = text("DELETE FROM procrastinate_jobs WHERE lock = :lock AND status <> 'doing'")
    return _gone(session, statement, {"lock": f"sms-{conversation}"})


def delete_from(session: Session, model: type, ids: Iterable[int]) -> int:
    """Delete rows by their `id`."""
    return _gone(session, delete(model).where(model.id.in_(list(ids))))  # type: ignore[attr-defined]


def has_table(session: Session, name: str) -> bool:
    """Whether a table is there: Rasa makes its own when it first starts."""
    return session.scalar(select(func.to_regclass(name))) is not None


def shorten_assessments(session: Session, ids: Iterable[int]) -> None:
    """An assessment repeats what came before its message: leave it the message alone."""
    query = select(Assessment, Message).join(Message, Message.id == Assessment.message_id)
    for assessment, message in session.execute(query.where(Message.id.in_(list(ids)))):
        assessment.text = message.text


def _gone(session: Session, statement: Executable, values: dict[str, object] | None = None) -> int:
    result = session.execute(statement, values or {})
    assert isinstance(result, CursorResult)
    return result.rowcount
