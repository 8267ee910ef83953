"""A conversation as the chat shows it, and the way of a new message into it."""

import logging
import threading
import uuid
from collections.abc import Iterator
from typing import Any

from flask import abort
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import reach
from gateway.conversations import spool
from gateway.conversations.answered import listener
from gateway.conversations.arrivals import Arrival
from gateway.conversations.models import Conversation, Message
from gateway.conversations.receiving import receive
from gateway.conversations.service import Inbound, messages_after
from gateway.db import now, unit_of_work
from gateway.feedback.service import rated
from gateway.wording import say
from web import limits

logger = logging.getLogger(__name__)

# Of the sixteen threads of a web process (gateway/commands/processes.py) this many may wait for an answer. The others
# stay free for text messages and for staff; who finds no place is told at once that the answer is still to come.
MOST_WAITING = 10
_places = threading.BoundedSemaphore(MOST_WAITING)


def find(session: Session, conversation_id: uuid.UUID | None) -> Conversation | None:
    """The web conversation with this id, if there is one."""
    conversation = session.get(Conversation, conversation_id) if conversation_id else None
    return conversation if conversation and conversation.channel == "web" else None


def known(conversation_id: uuid.UUID | None) -> uuid.UUID | None:
    """The id, if there is such a web conversation or nobody can say just now: only we sign tokens."""
    if conversation_id is None or in_spool(conversation_id):
        return conversation_id
    try:
        return conversation_id if reach.ask(lambda: _exists(conversation_id)) else None
    except reach.DatabaseAway:
        return conversation_id


def _exists(conversation_id: uuid.UUID) -> bool:
    with unit_of_work() as session:
        return find(session, conversation_id) is not None


def in_spool(conversation_id: uuid.UUID) -> bool:
    """Whether a message of this conversation waits on the disk until the database is back."""
    return spool.is_waiting(f"web:{conversation_id}")


def new() -> uuid.UUID:
    """The id of a conversation that begins now."""
    limits.refuse_new_conversations()
    return uuid.uuid4()


def take(conversation_id: uuid.UUID, text: str) -> int | None:
    """Keep a message and have it answered: its number, or None when it waits for the database."""
    limits.refuse_floods("conversation", str(conversation_id))
    over = limits.over(conversation=str(conversation_id))
    inbound = Inbound(text, provider="web", provider_id=uuid.uuid4().hex, over=over)
    try:
        return receive(Arrival("web", str(conversation_id), inbound, now()))
    except spool.SpoolFull as error:
        logger.error("spool.full", extra={"error": str(error)})
        abort(503, "not_kept")


def notice(kept: bool) -> dict[str, Any]:
    """What the family reads while the database is away: whether their words are safe, and who can help. Not a row."""
    words = say("chat.kept_for_later" if kept else "chat.away")
    return {"id": 0, "from": "system", "text": words, "buttons": [], "sources": [], "rate": False}


def wait_for_answer(message_id: int, patience: float) -> bool:
    """Whether the bot answered within so many seconds. No transaction stays open in between."""
    if not _places.acquire(blocking=False):
        return reach.ask(lambda: _is_answered(message_id))
    try:
        return listener.wait(message_id, patience, lambda: reach.ask(lambda: _is_answered(message_id)))
    finally:
        _places.release()


def _is_answered(message_id: int) -> bool:
    with unit_of_work() as session:
        state = session.scalar(select(Message.state).where(Message.id == message_id))
    return state not in ("accepted", "held")


def since(session: Session, conversation_id: uuid.UUID, after: int) -> list[dict[str, Any]]:
    """What was said to the family after a message, oldest first."""
    done = rated(session, conversation_id)
    said = _every(session, conversation_id, after)
    return [_shown(message, done) for message in said if message.sender != "family"]


def whole_since(session: Session, conversation_id: uuid.UUID, after: int) -> list[dict[str, Any]]:
    """The same with the family's own words in their place."""
    messages = list(_every(session, conversation_id, after))
    own = any(message.sender == "family" for message in messages)
    labels = _button_labels(session, conversation_id) if own else {}
    done = rated(session, conversation_id)
    return [_shown(message, done, labels) for message in messages]


def _every(session: Session, conversation_id: uuid.UUID, after: int) -> Iterator[Message]:
    while messages := messages_after(session, conversation_id, after):
        yield from messages
        after = messages[-1].id


def _button_labels(session: Session, conversation_id: uuid.UUID) -> dict[str, str]:
    """What stood on each button that this family was offered, by what pressing it sent."""
    offered = select(Message.buttons).where(Message.conversation_id == conversation_id, Message.buttons != [])
    return {button["payload"]: button["title"] for buttons in session.scalars(offered) for button in buttons}


def _shown(message: Message, rated_before: set[int], labels: dict[str, str] | None = None) -> dict[str, Any]:
    """One message. Where the family pressed a button, they see what stood on it. An answer may be rated, once."""
    own = message.sender == "family"
    return {
        "id": message.id,
        "from": message.sender,
        "text": (labels or {}).get(message.text, message.text) if own else message.text,
        "buttons": message.buttons,
        "sources": message.sources,
        "rate": message.answer is not None and message.id not in rated_before,
    }
