"""The synthetic message: begun, followed through each step, its concern closed, and its rows removed in the end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from gateway.adapters.own_webhook import PROVIDER
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern, ConcernWords, Status
from gateway.config import settings
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.conversations.threads import sms_conversation
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.path.models import STEPS, Probe
from gateway.privacy.models import DataKey

# How a synthetic concern ends. It is in no list of outcomes, so that staff cannot choose it.
OUTCOME = "synthetic"
SWEPT_AT_ONCE = 500


class NumberInUse(Exception):
    """PROBE_NUMBER has a conversation that is not synthetic, so a probe from it could alarm real people."""


@dataclass(frozen=True)
class PathHealth:
    """How long ago a synthetic message last came through, and how far the newest one has come."""

    ok: bool
    age_seconds: float | None  # since the last that came all the way was done
    last: datetime | None
    steps: dict[str, float | None]  # of the newest one: seconds from its start, None while it has not come so far


def begin(session: Session, sid: str) -> None:
    """Make way for a new synthetic message: a conversation of its own, as on a family's first text.

    One conversation for all of them would grow in the bot's memory for ever. What an earlier one that came too late
    left open is closed. Raises NumberInUse.
    """
    ours = select(Conversation.id).where(Conversation.synthetic)
    left_open = select(Concern).where(Concern.conversation_id.in_(ours), Concern.status != Status.CLOSED.value)
    for concern in session.scalars(left_open).all():
        _close(session, concern)
    session.execute(
        update(Conversation)
        .where(Conversation.synthetic, Conversation.address.is_not(None))
        .values(address=None, address_index=None)
    )
    if not sms_conversation(session, settings().probe_number).synthetic:
        raise NumberInUse
    session.add(Probe(sid=sid))


def follow(session: Session, sid: str) -> bool:
    """Note the steps that the message has done by now, and close its concern. True when it came all the way."""
    probe = session.scalars(select(Probe).where(Probe.sid == sid).with_for_update()).one()
    message, understood_at, concern, delivered_at = session.execute(_way_of(sid)).one_or_none() or (None,) * 4
    if message is not None:
        probe.received_at, probe.answered_at = message.at, message.answered_at
        probe.understood_at, probe.delivered_at = understood_at, delivered_at
        probe.logged_at = concern.opened_at if concern else None
    if any(getattr(probe, f"{step}_at") is None for step in STEPS):
        return False
    if concern is not None:
        _close(session, concern)
    probe.finished_at = probe.finished_at or now()
    return True


def _way_of(sid: str) -> Any:
    alerted = (
        select(func.min(Delivery.sent_at))
        .where(Delivery.concern_id == Concern.id, Delivery.reason == "alert", Delivery.state == "sent")
        .correlate(Concern)
        .scalar_subquery()
    )
    return (
        select(Message, Assessment.at, Concern, alerted)
        .outerjoin(Assessment, Assessment.message_id == Message.id)
        .outerjoin(Concern, Concern.opened_by == Message.id)
        .where(Message.provider == PROVIDER, Message.provider_id == sid)
    )


def _close(session: Session, concern: Concern) -> None:
    """So that no clock runs for it; nobody is told."""
    session.refresh(concern, with_for_update=True)
    if concern.status == Status.CLOSED.value:
        return
    concern.status, concern.outcome, concern.closed_at = Status.CLOSED.value, OUTCOME, now()
    concern.next_alarm_at = None
    record(session, LogEvent.CONCERN_CLOSED, concern=concern.id, outcome=OUTCOME)


def health(session: Session, late_after: timedelta) -> PathHealth:
    """How the path stands, as the database tells it."""
    last = session.scalar(select(func.max(Probe.finished_at)))
    newest = session.scalar(select(Probe).order_by(Probe.id.desc()).limit(1))
    age = (now() - last) if last else None
    return PathHealth(
        ok=age is not None and age <= late_after,
        age_seconds=round(age.total_seconds(), 1) if age is not None else None,
        last=last,
        steps={step: _seconds_to(newest, step) for step in STEPS} if newest else {},
    )


def _seconds_to(probe: Probe, step: str) -> float | None:
    at: datetime | None = getattr(probe, f"{step}_at")
    return round((at - probe.started_at).total_seconds(), 2) if at else None


def sweep(session: Session, keep: timedelta) -> int:
    """Delete what synthetic messages older than `keep` left behind, but for the log. Gives how many conversations.

    The newest that came through stays, however old, so that the path's age is known.
    """
    before = now() - keep
    last = select(func.max(Probe.finished_at)).scalar_subquery()
    session.execute(delete(Probe).where(Probe.started_at < before, func.coalesce(Probe.finished_at != last, True)))
    query = select(Conversation.id).where(Conversation.synthetic, Conversation.opened_at < before)
    old = session.scalars(query.order_by(Conversation.opened_at).limit(SWEPT_AT_ONCE)).all()
    if old:
        _delete(session, old)
    return len(old)


def _delete(session: Session, conversations: Sequence[Any]) -> None:
    messages = select(Message.id).where(Message.conversation_id.in_(conversations))
    concerns = select(Concern.id).where(Concern.conversation_id.in_(conversations))
    for statement in (
        delete(Delivery).where(Delivery.concern_id.in_(concerns) | Delivery.message_id.in_(messages)),
        delete(ConcernWords).where(ConcernWords.concern_id.in_(concerns)),
        delete(Concern).where(Concern.conversation_id.in_(conversations)),
        delete(Assessment).where(Assessment.message_id.in_(messages)),
        delete(Message).where(Message.conversation_id.in_(conversations)),
        delete(Conversation).where(Conversation.id.in_(conversations)),
        delete(DataKey).where(DataKey.owner.in_(conversations)),
    ):
        session.execute(statement, execution_options={"synchronize_session": False})
    # The bot's own memory of them; Rasa makes its table when it first starts.
    if session.scalar(text("SELECT to_regclass('rasa.events') IS NOT NULL")):
        session.execute(
            text("DELETE FROM rasa.events WHERE sender_id = ANY(:ids)"), {"ids": [str(one) for one in conversations]}
        )
