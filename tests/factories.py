"""Makes what tests need, through the doors that the service itself uses."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from gateway.adapters.rasa import Risk
from gateway.concerns.intake import _store, open_concern
from gateway.concerns.models import Concern
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Inbound, accept
from gateway.conversations.threads import open_web_conversation, sms_conversation
from gateway.privacy.sealed import sealed

NUMBER = "+447700900123"


def a_conversation(session: Session, channel: str = "web", number: str = NUMBER) -> Conversation:
    """A family's thread; by text there is one for each number."""
    return sms_conversation(session, number) if channel == "sms" else open_web_conversation(session)


def a_message(session: Session, text: str = "hello", conversation: Conversation | None = None) -> Message:
    """A message that the service has accepted from a family."""
    message = accept(session, conversation or a_conversation(session), Inbound(text))
    assert message is not None
    session.flush()
    return message


def a_risk(**found: Any) -> Risk:
    """What the safeguarding component found, likely and urgent unless told otherwise."""
    usual = {
        "level": "likely",
        "urgency": "urgent",
        "category": "self_harm_suicide",
        "subject": "prisoner",
        "scores": {},
        "model_version": "test-1",
    }
    return Risk(**(usual | found))


def a_concern(
    session: Session,
    text: str = "my son says he cant go on",
    *,
    prison: str | None = "LEI",
    conversation: Conversation | None = None,
    opened_at: datetime | None = None,
    details: dict[str, Any] | None = None,
    **found: Any,
) -> Concern:
    """A concern as the worker opens it from a message; `found` goes to `a_risk`, `details` onto the concern."""
    conversation = conversation or a_conversation(session)
    conversation.prison_id = prison
    message, risk = a_message(session, text, conversation), a_risk(**found)
    _store(session, message, risk, [])
    concern = open_concern(session, conversation, message, risk)
    for name, value in sealed(session, conversation.id, Concern, details or {}).items():
        setattr(concern, name, value)
    if opened_at:
        concern.opened_at = opened_at
    session.flush()
    return concern
