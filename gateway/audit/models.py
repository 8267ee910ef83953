"""The gateway log: what befell whom and when. Rows are only ever added; a trigger refuses anything else."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now


class LogEvent(StrEnum):
    """What can befall a message or a concern, as `subject:fact`. Values are stored: add, never rename."""

    MESSAGE_RECEIVED = "message:received"
    MESSAGE_ANSWERED = "message:answered"
    MESSAGE_HELD = "message:held"
    MESSAGE_NOT_PROCESSED = "message:not_processed"
    MESSAGE_KEYWORD = "message:keyword"
    MESSAGE_SLOWED = "message:slowed"
    MESSAGE_SPOOLED = "message:spooled"
    MESSAGE_DISMISSED = "message:dismissed"
    MESSAGE_BROUGHT_BACK = "message:brought_back"
    CONCERN_OPENED = "concern:opened"
    CONCERN_ENRICHED = "concern:enriched"
    CONCERN_WORDS_ADDED = "concern:words_added"
    CONCERN_URGENCY_RAISED = "concern:urgency_raised"
    CONCERN_CATEGORY_CHANGED = "concern:category_changed"
    CONCERN_ROUTED = "concern:routed"
    CONCERN_ESCALATED = "concern:escalated"
    CONCERN_REOPENED = "concern:reopened"
    CONCERN_LINKED = "concern:linked"
    CONCERN_FAMILY_CHASED = "concern:family_told_not_read"
    CONCERN_RECEIPT_GIVEN = "concern:receipt_given"
    CONCERN_STATUS_ASKED = "concern:status_asked"
    CONCERN_LISTED = "concern:listed_by_staff"
    CONCERN_VIEWED = "concern:viewed_by_staff"
    CONCERN_ACKNOWLEDGED = "concern:acknowledged"
    CONCERN_NOTED = "concern:noted"
    CONCERN_FAMILY_TOLD = "concern:family_told"
    CONCERN_CLOSED = "concern:closed"
    CONCERN_CLAIMED = "concern:claimed"
    CONCERN_ASSIGNED = "concern:assigned"
    CONCERN_HANDED_OVER = "concern:handed_over"
    CONCERN_ACTION = "concern:action_recorded"
    CONCERN_CORRECTED = "concern:corrected"
    CONCERN_MOVED = "concern:moved"
    CONCERN_LINKED_BY_STAFF = "concern:linked_by_staff"
    CONCERN_UNLINKED_BY_STAFF = "concern:unlinked_by_staff"
    CONCERN_FAMILY_ASKED = "concern:family_asked"
    CONCERN_FAMILY_ANSWERED = "concern:family_answered"
    CONCERN_CLOSE_PROPOSED = "concern:close_proposed"
    CONCERN_KEPT_OPEN = "concern:kept_open"
    CONCERN_FILED = "concern:filed"
    CONCERN_EMPTIED = "concern:emptied"
    DELIVERY_TRIED = "delivery:tried"
    DELIVERY_SENT = "delivery:sent"
    DELIVERY_FAILED = "delivery:failed"
    DELIVERY_RECEIPT = "delivery:receipt"
    DELIVERY_TAKEN_UP = "delivery:taken_up_again"
    MESSAGE_TAKEN_UP = "message:taken_up_again"
    MEDIA_KEPT = "media:kept"
    MEDIA_REFUSED = "media:refused"
    MEDIA_VIEWED = "media:viewed_by_staff"
    ALARM_RAISED = "alarm:raised"
    SUSPECT_RELEASED = "suspect:released"
    SUSPECT_DISMISSED = "suspect:dismissed"
    CALLBACK_ASKED = "callback:asked"
    CALLBACK_ENRICHED = "callback:enriched"
    CALLBACK_TAKEN_BACK = "callback:taken_back"
    CALLBACK_DONE = "callback:done"
    CALLBACK_UNDONE = "callback:undone"
    FEEDBACK_GIVEN = "feedback:given"
    ERASURE_ASKED = "erasure:asked"
    ERASURE_SETTLED = "erasure:settled"
    ERASURE_DONE = "erasure:done"
    RETENTION_LISTED = "retention:listed"
    RETENTION_DELETED = "retention:deleted"
    HOLD_PLACED = "hold:placed"
    HOLD_RELEASED = "hold:released"
    FORGED_WEBHOOK = "webhook:forged"
    STAFF_SIGNED_IN = "staff:signed_in"
    STAFF_SIGNED_OUT = "staff:signed_out"
    STAFF_SIGN_IN_FAILED = "staff:sign_in_failed"
    STAFF_TRIES_FORGIVEN = "staff:tries_forgiven"
    STAFF_SECOND_FACTOR_SET = "staff:second_factor_set"
    STAFF_SECOND_FACTOR_RESET = "staff:second_factor_reset"
    STAFF_RECOVERY_CODES_MADE = "staff:recovery_codes_made"
    STAFF_RECOVERY_CODE_USED = "staff:recovery_code_used"
    STAFF_SECURITY_KEY_ADDED = "staff:security_key_added"
    STAFF_SECURITY_KEY_REMOVED = "staff:security_key_removed"
    STAFF_SECURITY_KEY_WENT_BACK = "staff:security_key_went_back"
    STAFF_IDENTITY_LINKED = "staff:identity_linked"
    STAFF_VIEWED_LIST = "staff:viewed_list"
    STAFF_FILTER_KEPT = "staff:filter_kept"
    STAFF_SEARCHED = "staff:searched"
    STAFF_ADDED = "staff:added"
    STAFF_CHANGED = "staff:changed"
    STAFF_INVITED = "staff:invited"
    STAFF_PASSWORD_SET = "staff:password_set"
    STAFF_DEACTIVATED = "staff:deactivated"
    STAFF_ACTIVATED = "staff:activated"
    STAFF_DIGEST_CHANGED = "staff:digest_changed"
    DIGEST_QUEUED = "digest:queued"
    STAFF_PHONE_ADDED = "staff:phone_added"
    STAFF_PHONE_REMOVED = "staff:phone_removed"
    ROUTE_TESTED = "route:tested"
    SETTINGS_CHANGED = "settings:changed"
    LOG_VERIFYING = "log:verification_asked"
    LOG_VERIFIED = "log:verified"


class LogEntry(Base):
    """One line of the gateway log. `details` holds codes, ids and changed field names, never a message's text.

    Rows are made by `gateway.audit.service.record` alone, which chains them.
    """

    __tablename__ = "log_entry"
    # Counted at each sign-in, so that passwords cannot be guessed at speed.
    __table_args__ = (
        Index("log_entry_sign_in_failed", "happened_at", postgresql_where="event = 'staff:sign_in_failed'"),
        # For whoever looks through the log.
        Index("log_entry_event", "event", "id"),
        Index("log_entry_actor", "actor", "id"),
        Index("log_entry_happened_at", "happened_at"),
        # For the prison that a concern has left, which sees nothing else of it.
        Index("log_entry_concern_moved", "happened_at", postgresql_where="event = 'concern:moved'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # the place in the chain, from 1
    happened_at: Mapped[datetime]  # when it was chained
    event: Mapped[str]
    actor: Mapped[str]  # 'system', 'family' or 'staff:<id>'
    # No foreign keys: the log outlives what it speaks of, and waits for nobody's lock on it.
    concern_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    message_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    delivery_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    previous_hash: Mapped[str]
    hash: Mapped[str]
    hmac: Mapped[str]


class LogVerification(Base):
    """A reading of the whole log that somebody asked for: how far it came, and what was wrong."""

    __tablename__ = "log_verification"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="log_verification_state"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default="queued")
    rows_read: Mapped[int] = mapped_column(BigInteger, default=0)
    rows_in_all: Mapped[int] = mapped_column(BigInteger, default=0)  # when it began
    anchors: Mapped[int | None] = mapped_column(BigInteger)
    last_anchor_at: Mapped[datetime | None]
    faults: Mapped[list[str]] = mapped_column(JSONB, default=list)  # in words, the first of them
