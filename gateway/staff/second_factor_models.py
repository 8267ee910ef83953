"""What staff prove with, besides a password, that it is they who sign in."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity
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


class SecurityKey(Base):
    """A security key or a passkey. What it signs with never leaves it, so nothing here is secret."""

    __tablename__ = "security_key"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]  # as its owner calls it
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]  # in COSE, as it came
    sign_count: Mapped[int] = mapped_column(BigInteger)  # as the key counted last; 0 for ever where it does not count
    added_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime | None]


class SecurityKeyChallenge(Base):
    """What a key of this person was asked to sign. Whoever takes it deletes it, so that it is taken once."""

    __tablename__ = "security_key_challenge"

    challenge: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
