"""What staff ask a family, and its answer: the first message that comes after the question."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.acts import first_time, tell
from gateway.concerns.free_words import checked, keep_reason
from gateway.concerns.models import Concern, ConcernQuestion
from gateway.concerns.service import add_words
from gateway.conversations.models import Message
from gateway.conversations.service import Reply
from gateway.db import now
from gateway.routing.service import alert
from gateway.wording import say

# With what is put to it a question fills some four text messages.
LONGEST_QUESTION = 450
# What comes later than this is more likely about something else.
ANSWERED_WITHIN = timedelta(days=7)
# What the bot makes of a message that it could not place: an answer to staff often is one.
NOT_UNDERSTOOD = frozenset({"nlu_fallback", "nonsense"})


@dataclass(frozen=True)
class Asked:
    """A question to the family with its answer. A message that was deleted is none."""

    question: ConcernQuestion
    message: Message | None
    answer: Message | None


def ask_family(
    session: Session, concern: Concern, staff_id: int, text: str, reason: str = "", act: uuid.UUID | None = None
) -> bool:
    """Ask the family something. It is checked as an officer's own words are. False when this act was done before.

    Raises NeedsReason, ValueError.
    """
    text, warned = checked(session, concern, staff_id, text, reason)
    if not first_time(session, concern, staff_id, act):
        return False
    message = tell(session, concern, say("family.question", question=text, reference=concern.reference), "staff")
    session.add(ConcernQuestion(concern_id=concern.id, staff_id=staff_id, message_id=message.id))
    note = keep_reason(session, concern, staff_id, reason) if warned else None
    record(
        session, LogEvent.CONCERN_FAMILY_ASKED, actor=f"staff:{staff_id}", concern=concern.id, message=message.id,
        warned=[one.kind for one in warned], reason_in_note=note,
    )  # fmt: skip
    return True


def take_answer(session: Session, message: Message) -> str | None:
    """Put a family's message to the question that it answers, and tell staff. Gives the concern's reference.

    Taking the same message again gives the same and does nothing more.
    """
    taken = session.scalar(_questions_of(message).where(ConcernQuestion.answer_id == message.id))
    if taken is not None:
        return session.get_one(Concern, taken.concern_id).reference
    waiting = _questions_of(message).where(
        ConcernQuestion.answer_id.is_(None),
        ConcernQuestion.message_id < message.id,
        ConcernQuestion.at > now() - ANSWERED_WITHIN,
    )
    question = session.scalar(waiting.order_by(ConcernQuestion.id.desc()).limit(1))
    if question is None:
        return None
    question.answer_id, question.answered_at = message.id, now()
    concern = session.get_one(Concern, question.concern_id)
    record(session, LogEvent.CONCERN_FAMILY_ANSWERED, actor="family", concern=concern.id, message=message.id)
    add_words(session, concern, message.id)
    alert(session, concern, reason="update", why=say("why.answered"))
    return concern.reference


def _questions_of(message: Message):  # type: ignore[no-untyped-def]
    of_conversation = select(ConcernQuestion).join(Concern, Concern.id == ConcernQuestion.concern_id)
    return of_conversation.where(Concern.conversation_id == message.conversation_id)


def with_thanks(reference: str, replies: Sequence[Reply], intent: str) -> list[Reply]:
    """The bot's replies to an answer, after a word that staff have it. That the bot made nothing of it is left out."""
    thanks = Reply(say("family.answer_passed_on", reference=reference))
    return [thanks] if intent in NOT_UNDERSTOOD else [thanks, *replies]


def asked(session: Session, concern: Concern) -> Sequence[Asked]:
    """The questions to a concern's family, oldest first."""
    sent, answer = aliased(Message), aliased(Message)
    query = (
        select(ConcernQuestion, sent, answer)
        .outerjoin(sent, sent.id == ConcernQuestion.message_id)
        .outerjoin(answer, answer.id == ConcernQuestion.answer_id)
        .where(ConcernQuestion.concern_id == concern.id)
        .order_by(ConcernQuestion.id)
    )
    return [Asked(*row) for row in session.execute(query)]
