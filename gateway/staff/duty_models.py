"""The telephones from which staff may acknowledge a concern."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gateway.db import Base, now
from gateway.privacy.sealed import Private, Sealed
from gateway.staff.models import Staff


class DutyPhone(Base):
    """A telephone in the hands of one member of staff. What was taken off the register stays as a row."""

    __tablename__ = "duty_phone"
    __table_args__ = (Index("duty_phone_number", "number_index", unique=True, postgresql_where="active"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[Private] = mapped_column(Sealed)  # in E.164 form
    number_index: Mapped[str]  # its blind index, by which it is found
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    prison_id: Mapped[str | None] = mapped_column(ForeignKey("prison.id"))  # none: all their prisons
    active: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime] = mapped_column(default=now)
    staff: Mapped[Staff] = relationship(lazy="joined")
