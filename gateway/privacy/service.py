"""Requests to delete what is kept: written down for a person to deal with, never done by the bot."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.concerns.reference import new_reference
from gateway.conversations.models import Conversation, Message
from gateway.db import now, unit_of_work
from gateway.privacy.models import ErasureRequest
from gateway.wording import choices

MOST_SHOWN = 200


class NotWaiting(Exception):
    """There is no such request, or it was settled before."""


@dataclass(frozen=True)
class Line:
    """One request, with what whoever deals with it must know first."""

    request: ErasureRequest
    conversation: Conversation
    concerns: list[str]  # the references of the worries told in that conversation


def ask(message_id: int) -> str:
    """Keep that a family wants their data deleted, and give the reference. One request waits for a conversation."""
    with unit_of_work() as session:
        return _ask(session, session.get_one(Message, message_id)).reference


def _ask(session: Session, message: Message) -> ErasureRequest:
    values = dict(
        reference=_free_reference(session), conversation_id=message.conversation_id, message_id=message.id,
        asked_at=now(), state="asked",
    )  # fmt: skip
    statement = insert(ErasureRequest).values(**values).on_conflict_do_nothing().returning(ErasureRequest.id)
    new = session.scalar(statement)
    of_message = select(ErasureRequest).where(ErasureRequest.message_id == message.id)
    of_conversation = select(ErasureRequest).where(
        ErasureRequest.conversation_id == message.conversation_id, ErasureRequest.state == "asked"
    )
    request = session.scalar(of_message) or session.scalars(of_conversation).one()
    if new is not None:
        record(session, LogEvent.ERASURE_ASKED, actor="family", message=message.id, request=request.id)
    return request


def _free_reference(session: Session) -> str:
    while session.scalar(select(ErasureRequest.id).where(ErasureRequest.reference == (reference := new_reference()))):
        pass
    return reference


def waiting(session: Session) -> Sequence[Line]:
    """The requests that nobody has settled, the oldest first. For who reads the unrouted, and for operators."""
    query = (
        select(ErasureRequest, Conversation)
        .join(Conversation, Conversation.id == ErasureRequest.conversation_id)
        .where(ErasureRequest.state == "asked")
        .order_by(ErasureRequest.asked_at, ErasureRequest.id)
        .limit(MOST_SHOWN)
    )
    return [Line(request, thread, _concerns(session, thread)) for request, thread in session.execute(query)]


def _concerns(session: Session, conversation: Conversation) -> list[str]:
    query = select(Concern.reference).where(Concern.conversation_id == conversation.id).order_by(Concern.id)
    return list(session.scalars(query).all())


def settle(session: Session, reference: str, state: str, *, actor: str = "system") -> None:
    """A person has dealt with it. Raises KeyError for a state that is not on the list, NotWaiting."""
    if state not in choices("erasure_states"):
        raise KeyError(state)
    query = select(ErasureRequest).where(ErasureRequest.reference == reference, ErasureRequest.state == "asked")
    request = session.scalar(query.with_for_update())
    if request is None:
        raise NotWaiting(reference)
    request.state, request.settled_at = state, now()
    record(session, LogEvent.ERASURE_SETTLED, actor=actor, request=request.id, state=state)
