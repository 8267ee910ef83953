"""Concerns: a worry for somebody's safety, one row with a history."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, validates

from gateway.concerns.relations import group_of
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
        # A closing that waits for a second person has all of what it needs.
        CheckConstraint(
            "num_nonnulls(proposed_outcome, proposed_told, proposed_by, proposed_at) IN (0, 4)",
            name="concern_proposed_whole",
        ),
        Index("concern_due", "next_alarm_at", postgresql_where="status <> 'closed'"),
        Index("concern_queue", "prison_id", "status"),
        # The newest come first when staff look for one.
        Index("concern_opened", "opened_at", "id"),
        Index("concern_opened_in", "prison_id", "opened_at", "id"),
        # What was read and was closed in a shift or in some months.
        Index("concern_acknowledged", "acknowledged_at"),
        Index("concern_closed", "closed_at"),
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
    relationship_group: Mapped[str | None]  # one of few, in plain, so that who writes can be counted
    reporter_contact: Mapped[Private | None] = mapped_column(Sealed)
    reporter_anonymous: Mapped[bool | None]
    contact_allowed: Mapped[bool | None]
    contact_when: Mapped[Private | None] = mapped_column(Sealed)
    tell_prisoner: Mapped[bool | None]
    receipt_at: Mapped[datetime | None]  # the questions are done and the receipt was given

    next_alarm_at: Mapped[datetime | None]
    escalation_step: Mapped[int] = mapped_column(default=0)
    # When the next people were first told because nobody had acted, since it last began to wait.
    escalated_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    assigned_to: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)  # who has it in hand
    # An emergency that one person would close; it stays open until a second one confirms.
    proposed_outcome: Mapped[str | None]
    proposed_told: Mapped[str | None]
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime | None]
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

    @validates("reporter_relationship")
    def _group(self, name: str, value: Private | None) -> Private | None:
        """Whoever sets who writes sets what figures may count of it; it goes when that goes."""
        self.relationship_group = group_of(value)
        return value


class ConcernSearch(Base):
    """What a concern is found by, as keyed hashes in no order: gateway/concerns/search_index.py keeps it."""

    __tablename__ = "concern_search"
    # Without a list of what is still to be sorted in, every look-up takes the same time.
    __table_args__ = (
        Index("concern_search_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    )

    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id", ondelete="CASCADE"), primary_key=True)
    tokens: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class ConcernWords(Base):
    """Which messages a concern was told in. Their texts are the verbatim words."""

    __tablename__ = "concern_words"
    __table_args__ = (UniqueConstraint("message_id"),)

    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)


class NoteKind(StrEnum):
    """What a note was written for; `note_kinds` in data/wording.yml names them. Stored: add, never rename."""

    NOTE = "note"
    HANDOVER = "handover"
    ACTION = "action"
    CORRECTION = "correction"
    MOVED = "moved"
    KEPT_OPEN = "kept_open"
    REOPENED = "reopened"


class ConcernNote(Base):
    """What a member of staff wrote about a concern; the family does not see it."""

    __tablename__ = "concern_note"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[Private] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str] = mapped_column(default=NoteKind.NOTE.value, server_default=NoteKind.NOTE.value)


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
        CheckConstraint("reason IN ('number', 'name', 'staff', 'apart')", name="concern_link_reason"),
    )

    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), primary_key=True, index=True)
    # number (the same prison number), name (the same prison and name), staff (they say that it is one person) or
    # apart (they say that it is not: never linked by us again).
    reason: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class ConcernAction(Base):
    """Something that staff did about a concern, from the closed list `outcomes` in data/wording.yml."""

    __tablename__ = "concern_action"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[str]
    note_id: Mapped[int | None] = mapped_column(ForeignKey("concern_note.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class ConcernQuestion(Base):
    """Something that staff asked the family, and the first message that came after it."""

    __tablename__ = "concern_question"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    answered_at: Mapped[datetime | None]


class ConcernCorrection(Base):
    """What staff put right of what the computer made of a concern. Kept so that it can be taught better."""

    __tablename__ = "concern_correction"
    __table_args__ = (CheckConstraint("field IN ('urgency', 'category', 'subject')", name="concern_correction_field"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    concern_id: Mapped[int] = mapped_column(ForeignKey("concern.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    field: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    model_version: Mapped[str]
    note_id: Mapped[int] = mapped_column(ForeignKey("concern_note.id"))  # the reason
    at: Mapped[datetime] = mapped_column(default=now)
