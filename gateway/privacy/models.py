"""Requests to delete what is kept of a family, and the keys that it is encrypted with."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now


class ErasureRequest(Base):
    """One request, which a person deals with: nothing is deleted by itself."""

    __tablename__ = "erasure_request"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'deleted', 'part_kept', 'refused')", name="erasure_request_state"),
        CheckConstraint("(state = 'asked') = (settled_at IS NULL)", name="erasure_request_settled"),
        # Asking again while one waits is the same request.
        Index("erasure_request_open", "conversation_id", unique=True, postgresql_where="state = 'asked'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    state: Mapped[str] = mapped_column(default="asked")  # asked, or a key of erasure_states in data/wording.yml
    settled_at: Mapped[datetime | None]


class DataKey(Base):
    """What one owner's texts are encrypted with, itself encrypted. Without its row they can never be read again."""

    __tablename__ = "data_key"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)  # stands before each text that it encrypted
    owner: Mapped[uuid.UUID] = mapped_column(unique=True)  # a conversation, or vault.NOBODY
    wrapped: Mapped[str]
    made_at: Mapped[datetime]
