"""Conversations, the messages in them and what the bot made of each."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    false,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now
from gateway.privacy.sealed import Private, Sealed


class Conversation(Base):
    """One family's thread on one channel. A telephone number has one; a browser has one for each token.

    What a duty phone texts to acknowledge concerns is a thread by itself, on the channel `duty`.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("channel", "address_index"),
        CheckConstraint("channel IN ('sms', 'web', 'duty')", name="conversation_channel"),
        Index("conversation_synthetic", "id", postgresql_where="synthetic"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    channel: Mapped[str]
    # The telephone's number in E.164 form; none on the web. It is looked up by its blind index.
    address: Mapped[Private | None] = mapped_column(Sealed)
    address_index: Mapped[str | None]
    prison_id: Mapped[str | None] = mapped_column(ForeignKey("prison.id"))  # the prison last named
    stopped_at: Mapped[datetime | None]  # STOP was texted; START empties it
    opened_at: Mapped[datetime] = mapped_column(default=now)
    # The watcher's own message, which shows that the whole path works: no person wrote it and none is told.
    synthetic: Mapped[bool] = mapped_column(default=False, server_default=false())


def is_real(conversation_id: Any) -> ColumnElement[bool]:
    """A condition on the column that names a conversation: people wrote it, so it is shown, counted and exported."""
    return conversation_id.not_in(select(Conversation.id).where(Conversation.synthetic))


class Message(Base):
    """One message in or out. The text of an inbound message is never changed."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("provider", "provider_id"),  # a repeated delivery changes nothing
        UniqueConstraint("reply_to", "position"),  # a repeated answer adds nothing
        CheckConstraint("sender IN ('family', 'bot', 'staff', 'system')", name="message_sender"),
        CheckConstraint("state IN ('accepted', 'answered', 'held', 'kept', 'out')", name="message_state"),
        Index("message_conversation", "conversation_id", "id"),
        # All that figures ask of an answer stands in it: the messages themselves are not read for them.
        Index(
            "message_answer",
            "at",
            postgresql_include=["answer", "conversation_id"],
            postgresql_where="answer IS NOT NULL",
        ),
        Index("message_waiting", "id", postgresql_where="state IN ('accepted', 'held')"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"))
    sender: Mapped[str]
    text: Mapped[Private] = mapped_column(Sealed)
    # accepted: waits for the bot · held: waits, and the family has had the holding reply · answered ·
    # kept: needs no answer from the bot (STOP and the like) · out: not from the family
    state: Mapped[str]
    provider: Mapped[str | None]
    provider_id: Mapped[str | None]  # the provider's own id, MessageSid at Twilio
    # Of what kind each thing is that came with it, as the sender says; the things themselves: gateway/media.
    media: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"))
    position: Mapped[int | None]  # place among the replies to one message, from 0; -1 is the holding reply
    buttons: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list)
    sources: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list)
    answer: Mapped[str | None]  # which of the bot's answers it is, such as visits/book_visit
    at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]


class Assessment(Base):
    """What the safeguarding component found in one message, and with which model."""

    __tablename__ = "assessment"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    level: Mapped[str] = mapped_column(index=True)  # none, possible or likely
    urgency: Mapped[str | None]
    category: Mapped[str | None]
    subject: Mapped[str | None]
    scores: Mapped[dict[str, Any]] = mapped_column(JSONB)
    model_version: Mapped[str]
    text: Mapped[Private] = mapped_column(Sealed)  # what was read: this message, with the recent ones before it
    at: Mapped[datetime] = mapped_column(default=now)
