"""Deliveries: each attempt to bring a text, an e-mail, a call or a webhook to one person."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now
from gateway.privacy.sealed import Private, Sealed


class Delivery(Base):
    """One thing to bring to one address, with how often it was tried and how it ended."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("medium IN ('sms', 'email', 'call', 'webhook', 'path')", name="delivery_medium"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="delivery_state"),
        CheckConstraint("receipt IN ('on_its_way', 'arrived', 'did_not_arrive')", name="delivery_receipt"),
        Index("delivery_unfinished", "queued_at", postgresql_where="state IN ('queued', 'sending')"),
        Index("delivery_alarm", "reason", "queued_at", postgresql_where="message_id IS NULL AND concern_id IS NULL"),
        Index(
            "delivery_silent",
            "sent_at",
            postgresql_where="medium = 'sms' AND state = 'sent' AND (receipt IS NULL OR receipt = 'on_its_way')",
        ),
        # What Twilio took once is one delivery, whatever is found when it is asked after a crash.
        Index("delivery_text", "provider_reference", unique=True, postgresql_where="medium = 'sms'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    medium: Mapped[str]  # path: the stand-in that takes what synthetic messages cause
    address: Mapped[Private] = mapped_column(Sealed)
    subject: Mapped[Private | None] = mapped_column(Sealed)
    body: Mapped[Private] = mapped_column(Sealed)
    # A reply to a family goes with its message.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), unique=True)
    concern_id: Mapped[int | None] = mapped_column(ForeignKey("concern.id"), index=True)  # an alert to staff
    reason: Mapped[str]  # reply, alert, update, escalation, review, test, invitation, digest or alarm:<kind>
    step: Mapped[int | None]  # of an alert: the concern's step on its route when it was queued
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    provider_reference: Mapped[str | None] = mapped_column(index=True)  # receipts come with nothing but this
    last_error: Mapped[str | None]
    receipt: Mapped[str | None]  # what became of it after the provider took it, as the provider says
    receipt_code: Mapped[str | None]  # and its code for what went wrong
    receipt_at: Mapped[datetime | None]
    queued_at: Mapped[datetime] = mapped_column(default=now)
    first_tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
