"""Deleting, on request, what is kept of a family: every table and every file, but what must be kept."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.callbacks.models import Callback
from gateway.concerns.models import Concern, ConcernWords, Status
from gateway.conversations import spool
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import is_waiting
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.feedback.models import Feedback
from gateway.privacy import copies, holds, notices, removal, vault
from gateway.privacy.models import ErasureRequest
from gateway.privacy.policy import policy
from gateway.privacy.service import NotWaiting
from gateway.suspects import service as suspects
from gateway.wording import say


class Refused(Exception):
    """Nothing may be deleted; the message says why, in words for staff."""


@dataclass(frozen=True)
class Done:
    """How an erasure ended."""

    state: str  # deleted or part_kept
    counts: dict[str, int]
    kept: list[str]  # the references of the concerns that were kept whole


def erase(session: Session, reference: str, *, keep_concern: bool = False, actor: str = "system") -> Done:
    """Do what a request asks for, all in the caller's transaction: done in whole or, after a crash, not at all.

    Files go before the commit, and doing it again finds those that are left. A request of which a part was kept may be
    done again, as when its concern is closed. Raises NotWaiting, Refused.
    """
    holds.one_at_a_time(session)
    request = _request(session, reference)
    conversation = session.get(Conversation, request.conversation_id, with_for_update=True)
    if conversation is None:
        raise NotWaiting(reference)
    _refuse_if_not_now(session, conversation)
    concerns = _concerns(session, conversation)
    kept = [concern for concern in concerns if keep_concern or not _may_empty(concern)]
    counts: Counter[str] = Counter()
    for concern in concerns:
        if concern not in kept:
            counts += removal.empty_concern(session, concern)
    counts += _remove_rest(session, conversation, kept)
    state = "part_kept" if kept else "deleted"
    notices.leave(session, conversation, state)
    if not kept:
        _empty_conversation(session, conversation)
    request.state, request.settled_at = state, now()
    record(session, LogEvent.ERASURE_DONE, actor=actor, request=request.id, state=state, counts=dict(counts))
    return Done(state, dict(counts), [concern.reference for concern in kept])


def _request(session: Session, reference: str) -> ErasureRequest:
    query = select(ErasureRequest).where(
        ErasureRequest.reference == reference, ErasureRequest.state.in_(["asked", "part_kept"])
    )
    request = session.scalar(query.with_for_update())
    if request is None or request.conversation_id is None:
        raise NotWaiting(reference)
    return request


def _refuse_if_not_now(session: Session, conversation: Conversation) -> None:
    for hold, of_concern in holds.standing(session, conversation.id):
        raise Refused(say("erasure.held", reference=of_concern or "", reason=hold.reason))
    if is_waiting(session, conversation.id) or spool.holds(_on_disk(conversation)):
        raise Refused(say("erasure.message_waits"))
    # Locked, so that none that waits can be begun; one that is with its provider now would leave a copy there.
    states = session.scalars(
        select(Delivery.state)
        .join(Message, Message.id == Delivery.message_id)
        .where(Message.conversation_id == conversation.id)
        .with_for_update(of=Delivery)
    ).all()
    if "sending" in states:
        raise Refused(say("erasure.text_on_its_way"))


def _on_disk(conversation: Conversation) -> str:
    """How the spool names it: gateway/conversations/arrivals.py."""
    return f"{conversation.channel}:{conversation.address or conversation.id}"


def _concerns(session: Session, conversation: Conversation) -> Sequence[Concern]:
    query = select(Concern).where(Concern.conversation_id == conversation.id, Concern.erased_at.is_(None))
    return session.scalars(query.order_by(Concern.id).with_for_update()).all()


def _may_empty(concern: Concern) -> bool:
    """What staff still deal with stays; what is closed goes where the operator has decided so."""
    return concern.status == Status.CLOSED.value and policy().erase_concerns_on_request


def _remove_rest(session: Session, conversation: Conversation, kept: Sequence[Concern]) -> Counter[str]:
    mine = select(Message.id).where(Message.conversation_id == conversation.id)
    stays = _told_in(session, conversation, kept)
    ids = [number for number in session.scalars(mine) if number not in stays]
    counts = removal.remove_messages(session, ids)
    removal.shorten_assessments(session, stays)
    for name, model in (("callbacks", Callback), ("feedback", Feedback)):
        rows = session.scalars(select(model.id).where(model.conversation_id == conversation.id)).all()
        counts[name] += removal.delete_from(session, model, rows)
    counts["rasa_events"] += removal.forget_in_rasa(session, [conversation.id])
    if conversation.address_index and not kept:
        counts["copies"] += copies.forget_deliveries([], conversation.address)
        counts["jobs"] += removal.forget_jobs(session, conversation.id)
        counts["suspect_messages"] += suspects.forget(session, conversation.address_index)
    return counts


def _told_in(session: Session, conversation: Conversation, kept: Sequence[Concern]) -> set[int]:
    """The messages that belong to concerns which are kept: their words, and what staff wrote to the family."""
    if not kept:
        return set()
    words = select(ConcernWords.message_id).where(ConcernWords.concern_id.in_([concern.id for concern in kept]))
    from_staff = select(Message.id).where(Message.conversation_id == conversation.id, Message.sender == "staff")
    opening = {concern.opened_by for concern in kept}
    return {*session.scalars(words), *session.scalars(from_staff), *opening}


def _empty_conversation(session: Session, conversation: Conversation) -> None:
    """The thread stays as an empty shell for concerns to name; if the family writes again it is as on the first day."""
    conversation.address = conversation.address_index = conversation.prison_id = conversation.stopped_at = None
    session.flush()
    vault.destroy(session, conversation.id)
