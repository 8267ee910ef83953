"""What a family is told while nobody has read their concern. Every time in it is that of a row written with it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern, Urgency
from gateway.conversations.models import Conversation
from gateway.conversations.service import Reply, say_to_family
from gateway.db import now
from gateway.prisons.models import Prison
from gateway.routing.routes import THREAT
from gateway.spoken import spoken_time
from gateway.wording import say

# Who wrote of something that can wait is told when it is read, not that it is not.
_NOT_TOLD = Urgency.ROUTINE.value


def tell_not_read(session: Session, concern: Concern, *, another_step: bool) -> None:
    """Say honestly, once, that the clock ran out, whom we told and when we look again.

    A concern that became more urgent after it was read has another clock, and the family is told of that one as well.
    """
    if concern.urgency == _NOT_TOLD or _was_told(session, concern):
        return
    said = say(
        f"family.{_sentence(concern)}",
        reference=concern.reference,
        time=spoken_time(now()),
        people=say("desk.next_people" if another_step else "desk.same_people"),
        next_check=spoken_time(concern.next_alarm_at) if concern.next_alarm_at else "",
        switchboard=switchboard(session.get(Prison, concern.prison_id) if concern.prison_id else None),
    )
    conversation = session.get_one(Conversation, concern.conversation_id)
    say_to_family(session, conversation, Reply(said), sender="system")
    record(session, LogEvent.CONCERN_FAMILY_CHASED, concern=concern.id)


def switchboard(prison: Prison | None) -> str:
    """How to ring the prison."""
    known = prison.phone if prison else None
    return say("desk.switchboard", phone=known) if known else say("desk.switchboard_unknown")


def _sentence(concern: Concern) -> str:
    if concern.category == THREAT:
        return "not_read_threat"
    return "not_read_caller" if concern.subject == "caller" else "not_read"


def _was_told(session: Session, concern: Concern) -> bool:
    """Whether they were told since the clock last began anew."""
    either = [LogEvent.CONCERN_FAMILY_CHASED.value, LogEvent.CONCERN_REOPENED.value]
    query = select(LogEntry.event).where(LogEntry.concern_id == concern.id, LogEntry.event.in_(either))
    return session.scalar(query.order_by(LogEntry.id.desc()).limit(1)) == LogEvent.CONCERN_FAMILY_CHASED.value
