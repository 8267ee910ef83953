"""Calls that families have asked for."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now
from gateway.privacy.sealed import Private, Sealed


class Callback(Base):
    """One call that a family wants. Kept as soon as there is a number to ring; later answers enrich it."""

    __tablename__ = "callback"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name="callback_outcome"),
        Index("callback_waiting", "asked_at", postgresql_where="done_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    # One message asks for one call, which may outlive it.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="SET NULL"), unique=True)
    number: Mapped[Private] = mapped_column(Sealed)  # the family's, in E.164 form
    good_time: Mapped[Private | None] = mapped_column(Sealed)  # in their own words
    prison_id: Mapped[str | None] = mapped_column(ForeignKey("prison.id"))
    about: Mapped[Private | None] = mapped_column(Sealed)  # in their own words
    asked_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # none: the family took it back
    note: Mapped[Private | None] = mapped_column(Sealed)  # what staff wrote when they marked it as done
    outcome: Mapped[str | None]  # a key of callback_outcomes in data/wording.yml
