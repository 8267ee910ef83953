"""Webhooks that failed the check: kept apart, because one of them may be a family's text after all."""

import json
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now
from gateway.privacy.sealed import Private, Sealed


class SuspectMessage(Base):
    """One posted form as it came. Nobody was answered and nothing was done with it."""

    __tablename__ = "suspect_message"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'released', 'dismissed')", name="suspect_message_state"),
        Index("suspect_message_waiting", "id", postgresql_where="state = 'waiting'"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    came_at: Mapped[datetime] = mapped_column(default=now, index=True)
    reason: Mapped[str]  # 'signature', or 'lacks <parameter>' of one that was rightly signed
    names_account: Mapped[bool]  # it holds our AccountSid, which strangers do not know
    form: Mapped[Private] = mapped_column(Sealed)  # `fields` as JSON
    address_index: Mapped[str | None] = mapped_column(index=True)  # of its `From`, so that erasure finds it
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    sender: Mapped[str]  # the network address that posted it
    state: Mapped[str] = mapped_column(default="waiting")
    settled_at: Mapped[datetime | None]

    @property
    def fields(self) -> list[list[str]]:
        """Pairs of name and value, in order, repeated ones too. If they cannot be read, one that says so."""
        try:
            return json.loads(self.form)  # type: ignore[no-any-return]
        except json.JSONDecodeError:
            return [["", str(self.form)]]
