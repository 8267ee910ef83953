"""What is kept of the watching itself: each synthetic message's way, and the watcher's sign of life."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity
from sqlalchemy.orm import Mapped, mapped_column

from gateway.db import Base, now

STEPS = ("received", "understood", "logged", "delivered", "answered")


class Probe(Base):
    """One synthetic message on its way from the webhook to the delivery. A time is empty until the step was seen."""

    __tablename__ = "path_probe"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sid: Mapped[str] = mapped_column(unique=True)  # the provider id that its message has
    started_at: Mapped[datetime] = mapped_column(default=now)
    received_at: Mapped[datetime | None]
    understood_at: Mapped[datetime | None]
    logged_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)  # all steps were seen and the concern is closed


class WatcherSign(Base):
    """When the watcher last wrote to the database: one row."""

    __tablename__ = "watcher_sign"

    name: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
