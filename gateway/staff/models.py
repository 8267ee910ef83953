"""The people who answer for concerns, and the prisons that each may see."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Table, Text, false
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from gateway.db import Base, now
from gateway.prisons.models import Prison
from gateway.staff.roles import Role

staff_prison = Table(
    "staff_prison",
    Base.metadata,
    Column("staff_id", ForeignKey("staff.id"), primary_key=True),
    Column("prison_id", ForeignKey("prison.id"), primary_key=True),
)


class Staff(Base):
    """A member of staff. The columns are those that Flask-Security asks of a user, and a name."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "roles <@ ARRAY['officer', 'duty_manager', 'family_worker', 'analyst', 'administrator']", name="staff_roles"
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=lambda: [Role.OFFICER.value])
    # The fallback route, where concerns go whose prison is not known, is read by these people too.
    reads_unrouted: Mapped[bool] = mapped_column(default=False)
    # The daily mail of counts and references, from when on a UK clock if not as data/shifts.yml has it, and the UK day
    # of the last that was sent.
    wants_digest: Mapped[bool] = mapped_column(default=False, server_default=false())
    digest_at: Mapped[time | None]
    digest_sent_for: Mapped[date | None]
    # With what their list of open concerns opens: gateway/concerns/filtering.py. Empty: with all of them.
    queue_filter: Mapped[dict[str, list[str]] | None] = mapped_column(JSONB(none_as_null=True))
    added_at: Mapped[datetime] = mapped_column(default=now)
    prisons: Mapped[list[Prison]] = relationship(secondary=staff_prison, lazy="selectin")
