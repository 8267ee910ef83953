"""Photos, voice notes and the like that families send by text."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from gateway.db import Base, now
from gateway.media.kinds import name_of
from gateway.privacy.sealed import Private, PrivateBytes, Sealed, SealedBytes


class Media(Base):
    """One thing that came with a message: waiting to be fetched, kept whole, or refused for a reason."""

    __tablename__ = "media"
    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        CheckConstraint("state IN ('waiting', 'kept', 'refused')", name="media_state"),
        CheckConstraint("(state = 'kept') = (content IS NOT NULL)", name="media_content"),
        CheckConstraint("(state = 'refused') = (reason IS NOT NULL)", name="media_reason"),
        Index("media_waiting", "came_at", postgresql_where="state = 'waiting'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    position: Mapped[int]  # place among those of its message, from 0
    url: Mapped[Private] = mapped_column(Sealed)  # at Twilio, where whoever knows it may be able to open it
    state: Mapped[str] = mapped_column(default="waiting")
    reason: Mapped[str | None]  # why it is not kept: a key of `media_refused` in data/wording.yml
    claimed_type: Mapped[str | None]  # as Twilio says
    type: Mapped[str | None]  # as its first bytes say
    size: Mapped[int | None]
    sha256: Mapped[str | None]  # of what was sent, not of its encrypted form
    content: Mapped[PrivateBytes | None] = deferred(
        mapped_column(SealedBytes)
    )  # megabytes: read only where it is shown
    came_at: Mapped[datetime] = mapped_column(default=now)
    settled_at: Mapped[datetime | None]

    @property
    def kind_name(self) -> str:
        """What staff call it: a key of `media_kinds` in data/wording.yml."""
        return name_of(self.type or self.claimed_type)
