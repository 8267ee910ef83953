"""Holds: what must be kept, as for an inquest, whatever its time limit and whoever asks for its deletion."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.db import now
from gateway.privacy.models import RetentionHold

# A hold waits for the deletion that has begun; one that begins after the hold sees it.
_LOCK = 4_720_012


def one_at_a_time(session: Session) -> None:
    """Nobody else deletes, or places a hold, until this transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _stands() -> ColumnElement[bool]:
    return RetentionHold.released_at.is_(None) & or_(RetentionHold.until.is_(None), RetentionHold.until > now())


def held_conversations() -> Select[uuid.UUID]:
    """The conversations that a hold keeps now."""
    return select(RetentionHold.conversation_id).where(_stands())


def standing(session: Session, conversation_id: uuid.UUID | None = None) -> Sequence[tuple[RetentionHold, str | None]]:
    """The holds that stand now, of one conversation or of all, each with the reference of its concern."""
    query = select(RetentionHold, Concern.reference).outerjoin(Concern, Concern.id == RetentionHold.concern_id)
    if conversation_id is not None:
        query = query.where(RetentionHold.conversation_id == conversation_id)
    rows = session.execute(query.where(_stands()).order_by(RetentionHold.id))
    return [(hold, reference) for hold, reference in rows]


def place(
    session: Session,
    conversation_id: uuid.UUID,
    *,
    concern_id: int | None,
    reason: str,
    by: str,
    until: datetime | None = None,
) -> RetentionHold:
    """Keep a conversation and all its concerns from now on."""
    one_at_a_time(session)
    hold = RetentionHold(
        conversation_id=conversation_id, concern_id=concern_id, reason=reason, placed_by=by, until=until
    )
    session.add(hold)
    session.flush()
    record(session, LogEvent.HOLD_PLACED, concern=concern_id, hold=hold.id, conversation=str(conversation_id))
    return hold


def release(session: Session, conversation_id: uuid.UUID, *, by: str) -> int:
    """End every hold on a conversation. Gives how many there were."""
    one_at_a_time(session)
    found = standing(session, conversation_id)
    for hold, _ in found:
        hold.released_at, hold.released_by = now(), by
        record(session, LogEvent.HOLD_RELEASED, concern=hold.concern_id, hold=hold.id)
    return len(found)
