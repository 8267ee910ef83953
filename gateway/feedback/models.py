"""What families thought of an answer or of the service."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now
from gateway.privacy.sealed import Private, Sealed


class Feedback(Base):
    """One opinion: a score from 1 to 5, words, or both."""

    __tablename__ = "feedback"
    __table_args__ = (
        CheckConstraint("about IN ('answer', 'concern', 'service')", name="feedback_about"),
        CheckConstraint("score BETWEEN 1 AND 5", name="feedback_score"),
        CheckConstraint("score IS NOT NULL OR words IS NOT NULL", name="feedback_says_something"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    # The family's message that gave it or, where a button was pressed, the bot's message above the button. May be gone.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), unique=True)
    about: Mapped[str]
    answer: Mapped[str | None]  # the last answer before it, such as visits/book_visit
    score: Mapped[int | None]  # 1, no help, to 5, a lot of help
    words: Mapped[Private | None] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(default=now)
