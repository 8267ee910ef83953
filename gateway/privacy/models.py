"""Requests to delete what is kept of a family, holds that keep it, memories of what was deleted, and data keys."""

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
    # Both are none once the row that they named is gone.
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), unique=True)
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


class RetentionHold(Base):
    """Keeps a conversation and all its concerns, as for an inquest, until it is released or `until` has come."""

    __tablename__ = "retention_hold"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    concern_id: Mapped[int | None] = mapped_column(ForeignKey("concern.id"))  # the one it was placed for
    reason: Mapped[str]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime | None]
    released_by: Mapped[str | None]
    released_at: Mapped[datetime | None]


class RetentionListed(Base):
    """Something that goes tomorrow. Nothing is deleted at night that did not stand here the night before."""

    __tablename__ = "retention_listed"

    kind: Mapped[str] = mapped_column(primary_key=True)  # of data/retention.yml
    item: Mapped[str] = mapped_column(primary_key=True)  # the id of the row
    listed_at: Mapped[datetime] = mapped_column(default=now)


class SpentId(Base):
    """The fingerprint of a provider's id whose message is gone: should it come again, it is known."""

    __tablename__ = "spent_id"

    digest: Mapped[str] = mapped_column(primary_key=True)  # see gateway/privacy/spent.py


class ErasureNotice(Base):
    """Somebody whose data was deleted and who has not been told so since."""

    __tablename__ = "erasure_notice"

    mark: Mapped[str] = mapped_column(primary_key=True)  # see gateway/privacy/notices.py
    state: Mapped[str]  # deleted or part_kept
    erased_at: Mapped[datetime] = mapped_column(default=now)
