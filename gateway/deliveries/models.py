"""Deliveries: each attempt to bring a text or an e-mail to one person."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now


class Delivery(Base):
    """One thing to bring to one address, with how often it was tried and how it ended."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("medium IN ('sms', 'email')", name="delivery_medium"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="delivery_state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    medium: Mapped[str]
    address: Mapped[str]
    subject: Mapped[str | None]
    body: Mapped[str]
    # A reply to a family goes with its message.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), unique=True)
    concern_id: Mapped[int | None] = mapped_column(ForeignKey("concern.id"), index=True)  # an alert to staff
    reason: Mapped[str]  # reply, alert, update, escalation or review
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    provider_reference: Mapped[str | None] = mapped_column(index=True)  # receipts come with nothing but this
    last_error: Mapped[str | None]
    queued_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
