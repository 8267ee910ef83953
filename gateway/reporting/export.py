"""Concerns and messages as plain dictionaries, in the form that the design promises to other programs."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ARRAY, func, literal, select, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from gateway.concerns.models import Concern, ConcernWords
from gateway.conversations.models import Conversation, Message, is_real
from gateway.conversations.tokens import sign
from gateway.deliveries.models import Delivery
from gateway.prisons.models import Prison
from gateway.privacy.sealed import Sealed
from gateway.staff.models import Staff

# Rows fetched at a time: an export of years does not fill the memory.
AT_ONCE = 500


def concerns(session: Session, since: datetime | None = None) -> Iterator[dict[str, Any]]:
    """Every concern opened at `since` or later, oldest first. The fields' names and order are a promise."""
    query = (
        select(Concern, Conversation, Prison.name, Staff.name, _words())
        .join(Conversation, Conversation.id == Concern.conversation_id)
        .outerjoin(Prison, Prison.id == Concern.prison_id)
        .outerjoin(Staff, Staff.id == Concern.acknowledged_by)
        .where(is_real(Concern.conversation_id))
        .order_by(Concern.id)
    )
    if since is not None:
        query = query.where(Concern.opened_at >= since)
    for concern, conversation, prison_name, reader, words in session.execute(
        query.execution_options(yield_per=AT_ONCE)
    ):
        yield concern_facts(concern, conversation, prison_name, reader, words)


def _words() -> Any:
    """The texts that told of a concern, in the order they came."""
    ordered = func.array_agg(aggregate_order_by(Message.text, Message.id))
    told = (
        select(type_coerce(ordered, ARRAY(Sealed)))
        .join(ConcernWords, ConcernWords.message_id == Message.id)
        .where(ConcernWords.concern_id == Concern.id)
        .correlate(Concern)
        .scalar_subquery()
    )
    return func.coalesce(told, literal([], ARRAY(Sealed)))


def concern_facts(
    concern: Concern, conversation: Conversation, prison_name: str | None, reader: str | None, words: list[str]
) -> dict[str, Any]:
    """One concern in the promised form. `reader`: the name of who acknowledged it."""
    return {
        "reference": concern.reference,
        "opened_at": iso(concern.opened_at),
        "status": concern.status,
        "urgency": concern.urgency,
        "category": concern.category,
        "subject": concern.subject,
        "prison_id": concern.prison_id,
        "prison_name": prison_name,
        "prisoner_name": concern.prisoner_name,
        "prisoner_number": concern.prisoner_number,
        "prisoner_dob": concern.prisoner_dob.isoformat() if concern.prisoner_dob else None,
        "words": words,
        "summary": concern.summary,
        "reporter_name": concern.reporter_name,
        "reporter_relationship": concern.reporter_relationship,
        "reporter_contact": concern.reporter_contact,
        "reporter_anonymous": concern.reporter_anonymous,
        "contact_allowed": concern.contact_allowed,
        "tell_prisoner": concern.tell_prisoner,
        "channel": concern.channel,
        "conversation": address_of(conversation),
        "acknowledged_at": iso(concern.acknowledged_at),
        "acknowledged_by": reader,
        "outcome": concern.outcome,
        "closed_at": iso(concern.closed_at),
        "model_version": concern.model_version,
    }


def messages(session: Session, conversation_id: uuid.UUID | None = None) -> Iterator[dict[str, Any]]:
    """Every message in and out, of one conversation or of all, oldest first."""
    query = (
        select(Message, Conversation, Delivery.state)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(is_real(Message.conversation_id))
        .order_by(Message.id)
    )
    if conversation_id is not None:
        query = query.where(Message.conversation_id == conversation_id)
    for message, conversation, delivery in session.execute(query.execution_options(yield_per=AT_ONCE)):
        yield _message(message, conversation, delivery)


def _message(message: Message, conversation: Conversation, delivery: str | None) -> dict[str, Any]:
    return {
        "id": message.id,
        "conversation": address_of(conversation),
        "channel": conversation.channel,
        "at": iso(message.at),
        "from": message.sender,
        "text": message.text,
        "media": message.media,
        "buttons": message.buttons,
        "sources": message.sources,
        "reply_to": message.reply_to,
        "state": message.state,
        "answered_at": iso(message.answered_at),
        "provider_id": message.provider_id,
        "delivery": delivery,
    }


def address_of(conversation: Conversation) -> str:
    """How a conversation is named outside: by its telephone number, or by the token that its browser holds."""
    return conversation.address or sign(conversation.id)


def iso(moment: datetime | None) -> str | None:
    """A time in UTC as other programs read it."""
    return moment.astimezone(UTC).isoformat() if moment else None
