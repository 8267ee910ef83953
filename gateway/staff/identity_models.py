"""The accounts at the organisation's own sign-in by which staff may come in."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gateway.db import Base, now
from gateway.staff.models import Staff


class StaffIdentity(Base):
    """One account at one provider. Whoever has linked it once is known by it, whatever their e-mail becomes."""

    __tablename__ = "staff_identity"
    __table_args__ = (UniqueConstraint("issuer", "staff_id"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    linked_at: Mapped[datetime] = mapped_column(default=now)
    staff: Mapped[Staff] = relationship(lazy="joined")
