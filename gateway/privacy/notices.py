"""Telling a family whose data was deleted that it was, once, when they write again."""

import hashlib
import hmac

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.config import settings
from gateway.conversations.models import Conversation
from gateway.db import now
from gateway.privacy.models import ErasureNotice


def _mark(conversation: Conversation) -> str:
    """Stands for a telephone or a browser's thread; without our key nobody can tell which."""
    who = f"{conversation.channel}:{conversation.address or conversation.id}"
    return hmac.new(settings().derived_key("erased family").encode(), who.encode(), hashlib.sha256).hexdigest()


def leave(session: Session, conversation: Conversation, state: str) -> None:
    """To be said when they write again; `state`: deleted or part_kept. Before the address is emptied."""
    values = {"mark": _mark(conversation), "state": state, "erased_at": now()}
    statement = insert(ErasureNotice).values(values)
    session.execute(statement.on_conflict_do_update(index_elements=["mark"], set_=values))


def take(session: Session, conversation: Conversation) -> str | None:
    """The state that this family has not been told of; with it they count as told."""
    statement = delete(ErasureNotice).where(ErasureNotice.mark == _mark(conversation)).returning(ErasureNotice.state)
    return session.scalar(statement)
