"""What has reached its time limit, kind by kind, and how it goes. What a hold keeps is never among it."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, column, exists, func, select, table, text
from sqlalchemy.orm import Session

from gateway.callbacks.models import Callback
from gateway.concerns.models import Concern
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import DIGEST
from gateway.feedback.models import Feedback
from gateway.privacy import copies, removal, vault
from gateway.privacy.holds import held_conversations
from gateway.privacy.models import ErasureNotice, ErasureRequest, RetentionHold
from gateway.suspects.models import SuspectMessage

# Rasa counts the events of a conversation while it takes a message in, so none that is being talked in is touched.
QUIET_SECONDS = 3600.0

Due = Select[str, datetime]


@dataclass(frozen=True)
class Kind:
    """How to find what is older than a moment (its id as text, and its time), and how to delete it."""

    find: Callable[[datetime], Due]
    drop: Callable[[Session, Sequence[str]], object]
    table: str | None = None  # of another program, and perhaps not there


def _free(conversation: Any) -> ColumnElement[bool]:
    return conversation.not_in(held_conversations())


def _concerns(before: datetime) -> Due:
    query = select(cast(Concern.id, String), Concern.closed_at).where(Concern.closed_at < before)
    return query.where(Concern.erased_at.is_(None), _free(Concern.conversation_id))  # type: ignore[return-value]


def _empty_concerns(session: Session, items: Sequence[str]) -> None:
    for concern in session.scalars(select(Concern).where(Concern.id.in_(map(int, items))).with_for_update()):
        removal.empty_concern(session, concern)


def _messages(before: datetime) -> Due:
    """Answered messages of conversations in which no concern is left, nor was opened by them."""
    with_concern = select(Concern.conversation_id).where(Concern.erased_at.is_(None))
    return select(cast(Message.id, String), Message.at).where(
        Message.at < before,
        Message.state.not_in(["accepted", "held"]),
        Message.conversation_id.not_in(with_concern),
        ~exists().where(Concern.opened_by == Message.id),
        _free(Message.conversation_id),
    )


def _was_possible() -> ColumnElement[bool]:
    return exists().where(Assessment.message_id == Message.id, Assessment.level == "possible")


def _possible(before: datetime) -> Due:
    return _messages(before).where(_was_possible())


def _chats(before: datetime) -> Due:
    return _messages(before).where(~_was_possible())


def _assessments(before: datetime) -> Due:
    return _chats(before).where(exists().where(Assessment.message_id == Message.id))


def _drop_messages(session: Session, items: Sequence[str]) -> None:
    removal.remove_messages(session, [int(item) for item in items])


def _drop_assessments(session: Session, items: Sequence[str]) -> None:
    for assessment in session.scalars(select(Assessment).where(Assessment.message_id.in_(map(int, items)))):
        session.delete(assessment)


_events = table("events", column("id"), column("sender_id"), column("timestamp"), schema="rasa")


def _tracker(before: datetime) -> Due:
    quiet = select(_events.c.sender_id).group_by(_events.c.sender_id)
    quiet = quiet.having(func.max(_events.c.timestamp) < func.extract("epoch", func.now()) - QUIET_SECONDS)
    held = select(cast(RetentionHold.conversation_id, String)).where(
        RetentionHold.conversation_id.in_(held_conversations())
    )
    return select(cast(_events.c.id, String), func.to_timestamp(_events.c.timestamp)).where(
        _events.c.timestamp < before.timestamp(), _events.c.sender_id.in_(quiet), _events.c.sender_id.not_in(held)
    )


def _drop_events(session: Session, items: Sequence[str]) -> None:
    session.execute(text("DELETE FROM rasa.events WHERE id = ANY(:ids)"), {"ids": [int(item) for item in items]})


def _callbacks(before: datetime) -> Due:
    query = select(cast(Callback.id, String), Callback.done_at)
    return query.where(Callback.done_at < before, _free(Callback.conversation_id))  # type: ignore[return-value]


def _feedback(before: datetime) -> Due:
    query = select(cast(Feedback.id, String), Feedback.at)
    return query.where(Feedback.at < before, _free(Feedback.conversation_id))


def _digests(before: datetime) -> Due:
    query = select(cast(Delivery.id, String), Delivery.queued_at).where(Delivery.reason == DIGEST)
    about_nobody = Delivery.message_id.is_(None), Delivery.concern_id.is_(None)  # as the index has it
    return query.where(Delivery.queued_at < before, *about_nobody)


def _drop_digests(session: Session, items: Sequence[str]) -> None:
    copies.forget_deliveries(map(int, items))
    removal.delete_from(session, Delivery, map(int, items))


def _suspects(before: datetime) -> Due:
    query = select(cast(SuspectMessage.id, String), SuspectMessage.came_at)
    return query.where(SuspectMessage.came_at < before, SuspectMessage.state != "released")


def _requests(before: datetime) -> Due:
    query = select(cast(ErasureRequest.id, String), ErasureRequest.settled_at)
    return query.where(ErasureRequest.settled_at < before)  # type: ignore[return-value]


def _notices(before: datetime) -> Due:
    return select(ErasureNotice.mark, ErasureNotice.erased_at).where(ErasureNotice.erased_at < before)


def _drop_notices(session: Session, items: Sequence[str]) -> None:
    for notice in session.scalars(select(ErasureNotice).where(ErasureNotice.mark.in_(items))):
        session.delete(notice)


def _conversations(before: datetime) -> Due:
    """Threads in which nothing is left. Who texted STOP stays known, so that nothing is sent to them by mistake."""
    return select(cast(Conversation.id, String), Conversation.opened_at).where(
        Conversation.opened_at < before,
        Conversation.stopped_at.is_(None),
        *(
            ~exists().where(model.conversation_id == Conversation.id)
            for model in (Message, Concern, Callback, Feedback, RetentionHold)
        ),
    )


def _drop_conversations(session: Session, items: Sequence[str]) -> None:
    for item in items:
        session.delete(session.get_one(Conversation, uuid.UUID(item)))
        vault.destroy(session, uuid.UUID(item))


def _by_id(model: type) -> Callable[[Session, Sequence[str]], object]:
    return lambda session, items: removal.delete_from(session, model, map(int, items))


KINDS: dict[str, Kind] = {
    "concerns": Kind(_concerns, _empty_concerns),
    "possible_concerns": Kind(_possible, _drop_messages),
    "assessments": Kind(_assessments, _drop_assessments),
    "chats": Kind(_chats, _drop_messages),
    "rasa_tracker": Kind(_tracker, _drop_events, table="rasa.events"),
    "callbacks": Kind(_callbacks, _by_id(Callback)),
    "feedback": Kind(_feedback, _by_id(Feedback)),
    "digests": Kind(_digests, _drop_digests),
    "suspect_messages": Kind(_suspects, _by_id(SuspectMessage)),
    "erasure_requests": Kind(_requests, _by_id(ErasureRequest)),
    "erasure_notices": Kind(_notices, _drop_notices),
    "conversations": Kind(_conversations, _drop_conversations),
}
