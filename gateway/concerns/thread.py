"""The conversation in which a concern was raised, as far as one reader may see it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry
from gateway.concerns.models import Concern
from gateway.conversations.models import Message
from gateway.deliveries.models import Delivery
from gateway.staff.models import Staff
from gateway.staff.service import may_see

# A telephone number's thread may go back years; a page shows this much of it.
THREAD_SHOWN = 500


@dataclass(frozen=True)
class Said:
    """A message of the conversation and, where it went out by text, how that ended."""

    message: Message
    delivery: Delivery | None


@dataclass(frozen=True)
class Thread:
    """The conversation, less what belongs to concerns that this reader may not see."""

    said: Sequence[Said]
    withheld: int


def raised_together(session: Session, concern: Concern) -> Sequence[Concern]:
    """The other concerns of the same conversation, oldest first, whoever may see them."""
    query = select(Concern).where(Concern.conversation_id == concern.conversation_id, Concern.id != concern.id)
    return session.scalars(query.order_by(Concern.id)).all()


def thread(session: Session, concern: Concern, staff: Staff | None) -> Thread:
    """What was said last. None is a reader of this concern and of no other."""
    query = (
        select(Message, Delivery)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(Message.conversation_id == concern.conversation_id)
        .order_by(Message.id.desc())
        .limit(THREAD_SHOWN)
    )
    said = [Said(*row) for row in reversed(session.execute(query).all())]
    # Concerns that this reader may not see, such as the caller's own risk.
    others = [other for other in raised_together(session, concern) if not (staff and may_see(staff, other))]
    withheld = _told_in(session, others) - _told_in(session, [concern])
    shown = [one for one in said if not _belongs(one.message, withheld, others)]
    return Thread(shown, len(said) - len(shown))


def _told_in(session: Session, concerns: Sequence[Concern]) -> set[int]:
    """The messages that told of these concerns or answered a question about them."""
    query = select(LogEntry.message_id).where(LogEntry.concern_id.in_([concern.id for concern in concerns]))
    return {message_id for message_id in session.scalars(query) if message_id is not None}


def _belongs(message: Message, withheld: set[int], others: Sequence[Concern]) -> bool:
    if message.id in withheld or message.reply_to in withheld:
        return True
    return message.sender != "family" and any(other.reference in message.text for other in others)
