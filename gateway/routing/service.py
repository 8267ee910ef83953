"""Telling the people on a concern's route, and telling the next when nobody answers."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.links import link
from gateway.concerns.models import Concern, Status
from gateway.conversations.models import Conversation, is_real
from gateway.db import now
from gateway.deliveries.service import queue_alert
from gateway.routing import family, messages
from gateway.routing.clocks import Clock, due
from gateway.routing.roster import on_duty, who
from gateway.routing.routes import Contact, Step, routing
from gateway.spoken import spoken_time
from gateway.wording import choices, say

logger = logging.getLogger(__name__)

# Where alerts about the watcher's own concerns end, whoever stands on the ladder.
NOBODY = Contact("path", "synthetic")


def steps_of(concern: Concern) -> tuple[Step, ...]:
    """The ladder of a concern as it stands now."""
    return routing().ladder(concern.prison_id, concern.category, concern.subject)


def clock_of(concern: Concern) -> Clock:
    """The clock that runs: for an acknowledgement while it is open, for its review after that."""
    clocks = routing().clocks if concern.status == Status.OPEN.value else routing().acknowledged_clocks
    return clocks[concern.urgency]


def next_alarm(concern: Concern) -> datetime:
    """When somebody must next have acted: acknowledged while it is open, finished or reviewed after that."""
    return due(clock_of(concern), now())


def alert(session: Session, concern: Concern, *, reason: str, why: str | None = None) -> None:
    """Tell everyone of the current step who is on duty. The log keeps why, in which hours of duty, and the next alarm.

    `reason`: alert (new or worse), update (more is known), escalation (nobody answered in time) or review (somebody
    answers for it, and it is not finished in time). `why`: the reason in words, where more is to be said.
    """
    session.flush()
    at, step = now(), _step(concern)
    told = (NOBODY,) if session.get_one(Conversation, concern.conversation_id).synthetic else who(step, at)
    why = why or say(f"why.{reason}", due=_due_in_words(concern), clock=clock_in_words(clock_of(concern)))
    if reason != "update":
        concern.next_alarm_at = _never_later(concern, at)
    for contact in told:
        queue_alert(
            session, concern.id, medium=contact.medium, address=contact.address, reason=reason,
            subject=messages.subject(session, concern, contact.medium, reason),
            body=messages.body(session, concern, contact.medium, reason),
        )  # fmt: skip
    record(
        session, LogEvent.CONCERN_ROUTED, concern=concern.id, step=step.name, people=len(told), reason=reason,
        why=why, due=concern.next_alarm_at.isoformat() if concern.next_alarm_at else None,
        hours=sorted({str(contact.on_duty(at)) for contact in on_duty(step, at)}),  # none: nobody was on duty
    )  # fmt: skip


def _step(concern: Concern) -> Step:
    steps = steps_of(concern)
    return steps[min(concern.escalation_step, len(steps) - 1)]


def _never_later(concern: Concern, at: datetime) -> datetime:
    """The next alarm. One that is still to come stands if it is sooner: the family may have been told its time."""
    planned, earlier = due(clock_of(concern), at), concern.next_alarm_at
    return min(planned, earlier) if earlier and earlier > at else planned


def escalate_due(session: Session, limit: int = 50) -> int:
    """Tell the next step about every concern whose alarm has come; each then has its next alarm. Gives how many.

    One that cannot be told of holds up no other; the watch over the alarms makes it loud.
    """
    found = session.scalars(
        select(Concern)
        .where(Concern.status != Status.CLOSED.value, Concern.next_alarm_at <= now(), is_real(Concern.conversation_id))
        .order_by(Concern.next_alarm_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return sum(_escalated(session, concern) for concern in found)


def escalate_at_once(session: Session, concern_id: int, *, step: int | None) -> None:
    """Tell the next step, because somebody on `step` cannot be reached; nothing when that was done or none is left."""
    concern = session.get_one(Concern, concern_id, with_for_update=True)
    if concern.status != Status.OPEN.value or concern.escalation_step != step:
        return
    if step >= len(steps_of(concern)) - 1:
        return  # the last step is told again when its clock says so
    escalate(session, concern, why=say("why.not_reached"))


def _escalated(session: Session, concern: Concern) -> bool:
    concern_id = concern.id
    try:
        with session.begin_nested():
            escalate(session, concern)
    except Exception as error:
        # The kind alone: the error itself may quote what the family wrote.
        logger.error("concern.not_escalated", extra={"concern": concern_id, "error": type(error).__name__})
        return False
    return True


def escalate(session: Session, concern: Concern, why: str | None = None) -> None:
    """Tell the next step. `why`: in words, where it is another reason than that the clock ran out.

    A family that waits is told when its clock ran out; an alarm that is still to come is not put off.
    """
    reason = "escalation" if concern.status == Status.OPEN.value else "review"
    ran_out = concern.next_alarm_at is not None and concern.next_alarm_at <= now()
    before = _step(concern)
    concern.escalation_step += 1
    concern.escalated_at = concern.escalated_at or now()  # the alarm itself moves on
    link(session, concern)
    alert(session, concern, reason=reason, why=why)
    record(session, LogEvent.CONCERN_ESCALATED, concern=concern.id, step=concern.escalation_step)
    if reason == "escalation" and ran_out:
        family.tell_not_read(session, concern, another_step=_step(concern) != before)


def _due_in_words(concern: Concern) -> str:
    return spoken_time(concern.next_alarm_at) if concern.next_alarm_at else ""


def clock_in_words(clock: Clock) -> str:
    """As staff read it: `5 minutes`, or `until 09:00 on the next working day`."""
    if isinstance(clock, timedelta):
        return choices("clocks")["minutes"].format(minutes=clock // timedelta(minutes=1))
    return choices("clocks")["next_working_day"].format(time=f"{clock.begins:%H:%M}")
