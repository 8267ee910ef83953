"""What staff decide of messages that opened no concern by themselves."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now
from gateway.privacy.sealed import Private, Sealed


class MessageDecision(Base):
    """A message that staff made a concern or dismissed. Kept to teach the computer with, and gone with the message."""

    __tablename__ = "message_decision"
    __table_args__ = (
        CheckConstraint("(reason IS NULL) = (concern_id IS NOT NULL)", name="message_decision_either"),
        CheckConstraint("(undone_at IS NULL) = (undone_by IS NULL)", name="message_decision_undone"),
        # Of two people who decide at once, one does.
        Index("message_decision_stands", "message_id", unique=True, postgresql_where="undone_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    concern_id: Mapped[int | None] = mapped_column(ForeignKey("concern.id"), index=True)  # what it became, or
    reason: Mapped[str | None]  # why it was dismissed: a key of dismissal_reasons in data/wording.yml
    words: Mapped[Private | None] = mapped_column(Sealed)  # what staff wrote about that
    at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
