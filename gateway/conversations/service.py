"""Receiving messages and answering them: what may be promised to a family is decided here."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import jobs
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.conversations.answered import announce
from gateway.conversations.models import Conversation, Message, is_real
from gateway.db import now
from gateway.deliveries.service import queue_reply
from gateway.media import service as media
from gateway.privacy import notices
from gateway.privacy.sealed import private
from gateway.privacy.spent import is_spent
from gateway.wording import say

# Recent messages go with each new one, so that a worry told over several texts can be seen, and a follow-up understood.
RECENT_MESSAGES = 4
RECENT_FOR = timedelta(hours=24)
HOLDING_POSITION = -1
_CHOICE = re.compile(r"\W*(\d)\W*")


@dataclass(frozen=True)
class Inbound:
    """A message as a channel hands it over."""

    text: str
    provider: str | None = None
    provider_id: str | None = None
    media: list[dict[str, Any]] = field(default_factory=list)
    at: datetime | None = None  # when it arrived, if that was before now
    over: list[str] = field(default_factory=list)  # the limits that its sender passed


@dataclass(frozen=True)
class Reply:
    """One thing to say to the family."""

    text: str
    buttons: list[dict[str, str]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)
    answer: str | None = None  # which of the bot's answers it is, such as visits/book_visit


def accept(session: Session, conversation: Conversation, inbound: Inbound) -> Message | None:
    """Keep a message and have it answered. None when this provider id was accepted before: nothing changes then."""
    message_id = _insert_once(session, conversation, inbound)
    if message_id is None:
        return None
    record(session, LogEvent.MESSAGE_RECEIVED, actor="family", message=message_id, channel=conversation.channel)
    if inbound.over:
        record(session, LogEvent.MESSAGE_SLOWED, message=message_id, limits=inbound.over)
    ask_bot(session, conversation.id, message_id, slowly=bool(inbound.over))
    return session.get_one(Message, message_id)


def ask_bot(session: Session, conversation_id: uuid.UUID, message_id: int, *, slowly: bool = False) -> None:
    """Have a message answered, after those that came before it in its conversation."""
    lock = f"conversation-{conversation_id}"
    jobs.defer(session, "conversations:converse", lock=lock, slowly=slowly, message_id=message_id)


def keep(
    session: Session, conversation: Conversation, inbound: Inbound, *, keyword: str, actor: str = "family"
) -> Message | None:
    """Keep a message that the bot need not answer, such as STOP. None when it was kept before."""
    message_id = _insert_once(session, conversation, inbound, state="kept")
    if message_id is None:
        return None
    record(session, LogEvent.MESSAGE_KEYWORD, actor=actor, message=message_id, keyword=keyword)
    return session.get_one(Message, message_id)


def _insert_once(session: Session, conversation: Conversation, inbound: Inbound, state: str = "accepted") -> int | None:
    """The id of the new message; None when there is one with this provider id, or was before it was deleted."""
    new = session.scalar(
        insert(Message)
        .values(
            conversation_id=conversation.id,
            sender="family",
            text=private(session, conversation.id, inbound.text),
            state=state,
            provider=inbound.provider,
            provider_id=inbound.provider_id,
            # Their addresses are kept encrypted, with what is fetched from them: gateway/media.
            media=[{"type": one["type"]} for one in inbound.media],
            buttons=[],
            sources=[],
            at=inbound.at or now(),
        )
        .on_conflict_do_nothing(index_elements=["provider", "provider_id"])
        .returning(Message.id)
    )
    # Asked only now: had it been deleted a moment ago, the statement above has waited for that.
    if new is not None and is_spent(session, inbound.provider, inbound.provider_id):
        session.execute(delete(Message).where(Message.id == new))
        return None
    if new is not None:
        media.expect(session, new, inbound.media)
    return new


def answer(session: Session, message: Message, replies: Sequence[Reply]) -> bool:
    """Store the bot's replies and send them on their way, once. False when the message was answered before."""
    claimed = session.scalar(
        update(Message)
        .where(Message.id == message.id, Message.state.in_(["accepted", "held"]))
        .values(state="answered", answered_at=now())
        .returning(Message.id)
    )
    if claimed is None:
        return False
    conversation = session.get_one(Conversation, message.conversation_id)
    if erased := notices.take(session, conversation):
        replies = [Reply(say(f"family.erased_{erased}")), *replies]
    for position, reply in enumerate(replies):
        say_to_family(session, conversation, reply, sender="bot", reply_to=message.id, position=position)
    record(session, LogEvent.MESSAGE_ANSWERED, message=message.id, replies=len(replies))
    announce(session, message.id)
    return True


def late(session: Session, limit: int = 100) -> Sequence[int]:
    """The messages that have waited too long for an answer and whose families have not been told so."""
    waited_enough = now() - timedelta(seconds=settings().holding_after)
    query = select(Message.id).where(Message.state == "accepted", Message.at <= waited_enough).order_by(Message.id)
    return session.scalars(query.limit(limit)).all()


def hold(session: Session, message_id: int, reply: Reply) -> bool:
    """Tell the family that the answer is late, once, and put the message on the list of those not processed."""
    claimed = session.scalar(
        update(Message)
        .where(Message.id == message_id, Message.state == "accepted")
        .values(state="held")
        .returning(Message.id)
    )
    if claimed is None:
        return False
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    say_to_family(session, conversation, reply, sender="system", reply_to=message_id, position=HOLDING_POSITION)
    record(session, LogEvent.MESSAGE_HELD, message=message_id)
    return True


def say_to_family(
    session: Session,
    conversation: Conversation,
    reply: Reply,
    *,
    sender: str,
    reply_to: int | None = None,
    position: int | None = None,
) -> Message:
    """Put words into a conversation; by SMS they are queued for delivery unless the family texted STOP."""
    message = Message(
        conversation_id=conversation.id,
        sender=sender,
        text=private(session, conversation.id, _with_numbers(reply) if conversation.channel == "sms" else reply.text),
        state="out",
        buttons=reply.buttons,
        sources=reply.sources,
        answer=reply.answer,
        reply_to=reply_to,
        position=position,
    )
    session.add(message)
    session.flush()
    if conversation.channel == "sms" and conversation.stopped_at is None:
        queue_reply(session, message, str(conversation.address), synthetic=conversation.synthetic)
    return message


def _with_numbers(reply: Reply) -> str:
    """A telephone shows no buttons: the choices become numbers to text back."""
    if not reply.buttons:
        return reply.text
    listed = "\n".join(f"{number} {button['title']}" for number, button in enumerate(reply.buttons, start=1))
    return f"{reply.text}\n{say('sms.choose', choices=listed)}"


def as_chosen(session: Session, message: Message) -> str:
    """What a message says to the bot: «2» after a list of choices is the second of them."""
    number = _CHOICE.fullmatch(message.text)
    if number is None:
        return message.text
    query = select(Message).where(Message.conversation_id == message.conversation_id, Message.id < message.id)
    last = session.scalar(query.where(Message.sender == "bot").order_by(Message.id.desc()).limit(1))
    offered = last.buttons if last else []
    place = int(number[1])
    return offered[place - 1]["payload"] if 0 < place <= len(offered) else message.text


def stop(session: Session, conversation: Conversation) -> None:
    """The family texted STOP: nothing more is sent until START. A worry they send is still recorded."""
    conversation.stopped_at = now()


def start(session: Session, conversation: Conversation) -> None:
    """The family texted START."""
    conversation.stopped_at = None


def recent_messages(session: Session, message: Message, after: int = 0) -> list[Message]:
    """What the family said just before this message and after the one with the id `after`, oldest first."""
    query = (
        select(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.sender == "family",
            Message.id < message.id,
            Message.id > after,
            Message.at > message.at - RECENT_FOR,
        )
        .order_by(Message.id.desc())
        .limit(RECENT_MESSAGES)
    )
    return list(reversed(session.scalars(query).all()))


def messages_after(session: Session, conversation_id: uuid.UUID, after: int, limit: int = 200) -> Sequence[Message]:
    """A conversation's messages with a greater id, oldest first."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after)
        .order_by(Message.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def is_waiting(session: Session, conversation_id: uuid.UUID) -> bool:
    """Whether a message of this conversation still waits for the bot."""
    query = select(Message.id).where(
        Message.conversation_id == conversation_id, Message.state.in_(["accepted", "held"])
    )
    return session.scalar(query.limit(1)) is not None


def not_processed(session: Session, limit: int = 50) -> Sequence[Message]:
    """Messages that the bot has not been able to answer in time, oldest first."""
    query = select(Message).where(Message.state == "held", is_real(Message.conversation_id))
    return session.scalars(query.order_by(Message.id).limit(limit)).all()
