"""What a text from a duty phone does. Nothing that it says is lost: words that are no command go the family's way."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.concerns import acts, service
from gateway.concerns.models import Concern, Status
from gateway.concerns.standing import in_order
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Inbound, Reply, accept, keep, say_to_family
from gateway.conversations.threads import sms_conversation
from gateway.db import now
from gateway.deliveries.service import queue_reply
from gateway.spoken import spoken_time
from gateway.staff.duty_command import Command, command_in
from gateway.staff.duty_models import DutyPhone
from gateway.staff.duty_phones import duty_phone, in_reach, may_acknowledge
from gateway.wording import say

# References listed in one text: more would not be read on a telephone.
MOST_LISTED = 8
# How to acknowledge is said this seldom, so that an officer with a relative in prison can talk to the bot in peace.
HOW_AGAIN_AFTER = timedelta(hours=24)


def take_in_duty_text(session: Session, family: Conversation, inbound: Inbound) -> bool:
    """Take a text as from a duty phone. False when its number, that of the thread `family`, is none."""
    phone = duty_phone(session, str(family.address))
    if phone is None:
        return False
    command = command_in(inbound.text, lambda reference: service.by_reference(session, reference) is not None)
    desk = sms_conversation(session, phone.number, channel="duty")
    if not _keep_once(session, phone, family, desk, inbound, command):
        return True
    if command is not None and (command.references or not command.says_more):
        _reply(session, desk, _obey(session, phone, command))
    elif not _was_told_lately(session, desk):
        _reply(session, desk, say("duty.how"))
    return True


def _keep_once(
    session: Session,
    phone: DutyPhone,
    family: Conversation,
    desk: Conversation,
    inbound: Inbound,
    command: Command | None,
) -> bool:
    """Keep the text: beside other commands where it is nothing more, else where the bot reads it."""
    if command is None or command.says_more or inbound.media:
        return accept(session, family, inbound) is not None
    return keep(session, desk, inbound, keyword="ok", actor=f"staff:{phone.staff_id}") is not None


def _obey(session: Session, phone: DutyPhone, command: Command) -> str:
    named = [service.by_reference(session, reference) for reference in command.references]
    # What they may not see is, for them, not there.
    theirs = [concern for concern in named if concern and may_acknowledge(phone, concern)]
    return "\n".join(_acknowledge(session, phone, concern) for concern in theirs) or _listed(session, phone)


def _acknowledge(session: Session, phone: DutyPhone, concern: Concern) -> str:
    if acts.acknowledge(session, concern, phone.staff_id, means="text"):
        stopped = session.get_one(Conversation, concern.conversation_id).stopped_at is not None
        name = "acknowledged_stopped" if stopped else "acknowledged"
    else:
        name = "closed_before" if concern.status == Status.CLOSED.value else "acknowledged_before"
    read_at = concern.acknowledged_at
    return say(f"duty.{name}", reference=concern.reference, time=spoken_time(read_at) if read_at else "")


def _listed(session: Session, phone: DutyPhone) -> str:
    query = select(Concern.reference).where(Concern.status == Status.OPEN.value, in_reach(phone))
    found = session.scalars(query.order_by(*in_order()).limit(MOST_LISTED)).all()
    return say("duty.open", references=", ".join(found)) if found else say("duty.none_open")


def _was_told_lately(session: Session, desk: Conversation) -> bool:
    told = Message.conversation_id == desk.id, Message.sender == "system", Message.at > now() - HOW_AGAIN_AFTER
    return session.scalar(select(Message.id).where(*told).limit(1)) is not None


def _reply(session: Session, desk: Conversation, text: str) -> None:
    """Also after STOP, which is about what families are sent: whoever is on duty must hear what their OK did."""
    said = say_to_family(session, desk, Reply(text), sender="system")
    queue_reply(session, said, str(desk.address))
