"""Finding or beginning the thread that a message belongs to: one for each telephone, one for each browser."""

import uuid

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.config import settings
from gateway.conversations.models import Conversation
from gateway.db import now
from gateway.privacy.blind import address_index
from gateway.privacy.sealed import private


def open_web_conversation(session: Session, conversation_id: uuid.UUID | None = None) -> Conversation:
    """The thread of a browser, made with its first message; a new one when it has no id yet."""
    conversation_id = conversation_id or uuid.uuid4()
    session.execute(
        insert(Conversation)
        .values(id=conversation_id, channel="web", opened_at=now())
        .on_conflict_do_nothing(index_elements=["id"])
    )
    return session.get_one(Conversation, conversation_id)


def sms_conversation(session: Session, number: str, channel: str = "sms") -> Conversation:
    """The one thread of a telephone number, made on its first text; safe when two arrive at once.

    It cannot be deleted before this transaction ends; where it just was, a new one is made.
    """
    query = _of_number(number, channel).with_for_update(read=True, key_share=True)
    while (conversation := session.scalar(query)) is None:
        _open_for(session, number, channel)
    if conversation.address != number:  # its key was destroyed, and they write again
        conversation.address = private(session, conversation.id, number)
    return conversation


def known_number(session: Session, number: str, channel: str = "sms") -> Conversation | None:
    """The thread of a telephone number, if it has texted before."""
    return session.scalar(_of_number(number, channel))


def _of_number(number: str, channel: str) -> Select[Conversation]:
    return select(Conversation).where(
        Conversation.channel == channel, Conversation.address_index == address_index(number)
    )


def _open_for(session: Session, number: str, channel: str) -> None:
    id = uuid.uuid4()
    address = private(session, id, number)
    session.execute(
        insert(Conversation)
        .values(
            id=id,
            channel=channel,
            address=address,
            address_index=address_index(number),
            opened_at=now(),
            synthetic=number == settings().probe_number,
        )  # fmt: skip
        .on_conflict_do_nothing(index_elements=["channel", "address_index"])
    )
