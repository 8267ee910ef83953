"""What staff prove with, besides a password, that it is they who sign in."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now
from gateway.privacy.sealed import Private, Sealed


class SecondFactor(Base):
    """The app on somebody's phone that shows a new code every half minute."""

    __tablename__ = "second_factor"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    secret: Mapped[Private] = mapped_column(Sealed)  # in base 32, as the app has it
    last_counter: Mapped[int] = mapped_column(BigInteger)  # the half minute of the last code that was taken
    set_up_at: Mapped[datetime] = mapped_column(default=now)


class RecoveryCode(Base):
    """A code that lets somebody in once without their phone."""

    __tablename__ = "recovery_code"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    # Itself, until the person has said that they kept it; from then on only the digest is left.
    code: Mapped[Private | None] = mapped_column(Sealed)
