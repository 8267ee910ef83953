"""Concerns: a worry for somebody's safety, one row with a history."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, validates

from gateway.db import Base, now
from gateway.privacy.blind import prisoner_name_index, prisoner_number_index
from gateway.privacy.sealed import Private, PrivateDate, Sealed, SealedDate


class Urgency(StrEnum):
    """How soon somebody must act. Stored: add, never rename."""

    EMERGENCY = "emergency"  # life at risk now
    URGENT = "urgent"  # the same day
    ROUTINE = "routine"  # log and review


class Status(StrEnum):
    """Where a concern stands. Stored: add, never rename."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class Concern(Base):
    """One worry. Opened from the first risky message; later answers enrich it, nothing replaces the words."""

    __tablename__ = "concern"
    __table_args__ = (
        CheckConstraint("urgency IN ('emergency', 'urgent', 'routine')", name="concern_urgency"),
        CheckConstraint("status IN ('open', 'acknowledged', 'closed')", name="concern_status"),
        CheckConstraint("subject IN ('prisoner', 'caller', 'other')", name="concern_subject"),
        # Never silence: what is open has a next alarm; what is closed has an outcome.
        CheckConstraint("status = 'closed' OR next_alarm_at IS NOT NULL", name="concern_open_has_alarm"),
        CheckConstraint(
            "status <> 'closed' OR (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="concern_outcome"
        ),
        Index("concern_due", "next_alarm_at", postgresql_where="status <> 'closed'"),
        Index("concern_queue", "prison_id", "status"),
        # The newest come first when staff look for one.
        Index("concern_opened", "opened_at", "id"),
        Index("concern_opened_in", "prison_id", "opened_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    opened_by: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)  # one message opens one concern
    channel: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[str] = mapped_column(default=Status.OPEN.value)
    urgency: Mapped[str]
    category: Mapped[str]
    subject: Mapped[str]
    model_version: Mapped[str]

    prison_id: Mapped[str | None] = mapped_column(ForeignKey("prison.id"))
    prisoner_name: Mapped[Private | None] = mapped_column(Sealed)
    prisoner_name_index: Mapped[str | None] = mapped_column(index=True)
    prisoner_number: Mapped[Private | None] = mapped_column(Sealed)
    prisoner_number_index: Mapped[str | None] = mapped_column(index=True)
    prisoner_dob: Mapped[PrivateDate | None] = mapped_column(SealedDate)
    # What is happening, since when, how they know: the family's own answer.
    summary: Mapped[Private | None] = mapped_column(Sealed)
    reporter_name: Mapped[Private | None] = mapped_column(Sealed)
    reporter_relationship: Mapped[Private | None] = mapped_column(Sealed)  # may be in their own words
    reporter_contact: Mapped[Private | None] = mapped_column(Sealed)
    reporter_anonymous: Mapped[bool | None]
    contact_allowed: Mapped[bool | None]
    contact_when: Mapped[Private | None] = mapped_column(Sealed)
    tell_prisoner: Mapped[bool | None]
    receipt_at: Mapped[datetime | None]  # the questions are done and the receipt was given

    next_alarm_at: Mapped[datetime | None]
    escalation_step: Mapped[int] = mapped_column(default=0)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    outcome: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    erased_at: Mapped[datetime | None]  # all that was personal in it is gone: see gateway/privacy

    @validates("prisoner_name", "prisoner_number")
    def _index(self, name: str, value: Private | None) -> Private | None:
        """Whoever sets what is looked up sets its blind index."""
        index = prisoner_name_index if name == "prisoner_name" else prisoner_number_index
        setattr(self, f"{name}_index", index(value) if value else None)
        return value


class ConcernSearch(Base):
    """What a concern is found by, as keyed hashes in no order: gateway/concerns/search_index.py keeps it."""

    __tablename__ = "concern_search"
    # Without a list of what is still to be sorted in, every look-up takes the same time.
    __table_args__ = (
        Index("concern_search_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), primary_key=True)
    tokens: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class ConcernWords(Base):
    """Which messages a concern was told in. Their texts are the verbatim words."""

    __tablename__ = "concern_words"
    __table_args__ = (UniqueConstraint("message_id"),)

    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)


class ConcernNote(Base):
    """What a member of staff wrote about a concern; the family does not see it."""

    __tablename__ = "concern_note"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[Private] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(default=now)


class ConcernAct(Base):
    """An act of staff that must not happen twice. The id comes with the form, so a form sent again is known."""

    __tablename__ = "concern_act"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class ConcernLink(Base):
    """Two concerns about what is likely one person, the later one first. They are linked, never merged."""

    __tablename__ = "concern_link"
    __table_args__ = (
        CheckConstraint("other_id < concern_id", name="concern_link_to_earlier"),
        CheckConstraint("reason IN ('number', 'name')", name="concern_link_reason"),
    )

    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), primary_key=True, index=True)
    reason: Mapped[str]  # number (the same prison number) or name (the same prison and name)
    at: Mapped[datetime] = mapped_column(default=now)
