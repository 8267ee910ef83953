"""Adding to the gateway log and reading it back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.chain import as_stored
from gateway.audit.chaining import wait
from gateway.audit.models import LogEntry, LogEvent


def record(
    session: Session,
    event: LogEvent,
    *,
    actor: str = "system",
    concern: int | None = None,
    message: int | None = None,
    delivery: int | None = None,
    **details: Any,
) -> None:
    """Add one line in the caller's transaction, so that the fact and its record commit together."""
    wait(
        session,
        {
            "event": event.value,
            "actor": actor,
            "concern_id": concern,
            "message_id": message,
            "delivery_id": delivery,
            "details": as_stored(details),
        },
    )


def history(session: Session, concern_id: int) -> Sequence[LogEntry]:
    """Everything that befell a concern, oldest first."""
    query = select(LogEntry).where(LogEntry.concern_id == concern_id).order_by(LogEntry.id)
    return session.scalars(query).all()
