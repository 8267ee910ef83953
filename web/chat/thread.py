"""A conversation as the chat shows it, and the way of a new message into it."""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.conversations.answered import listener
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Inbound, accept, messages_after, open_web_conversation
from gateway.db import unit_of_work
from gateway.feedback.service import rated

# Of the sixteen threads of a web process (gateway/commands/processes.py) this many may wait for an answer. The others
# stay free for text messages and for staff; who finds no place is told at once that the answer is still to come.
MOST_WAITING = 10
_places = threading.BoundedSemaphore(MOST_WAITING)


def find(session: Session, conversation_id: uuid.UUID | None) -> Conversation | None:
    """The web conversation with this id, if there is one."""
    conversation = session.get(Conversation, conversation_id) if conversation_id else None
    return conversation if conversation and conversation.channel == "web" else None


def take(conversation_id: uuid.UUID | None, text: str) -> Message:
    """Keep a message in this conversation, or in a new one where this is none, and have it answered."""
    with unit_of_work() as session:
        conversation = find(session, conversation_id) or open_web_conversation(session)
        message = accept(session, conversation, Inbound(text))
    assert message is not None  # only a provider's id can come twice, and the web has none
    return message


def wait_for_answer(message_id: int, patience: float) -> bool:
    """Whether the bot answered within so many seconds. No transaction stays open in between."""
    if not _places.acquire(blocking=False):
        return _is_answered(message_id)
    try:
        return listener.wait(message_id, patience, lambda: _is_answered(message_id))
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
