"""Messages that opened no concern by themselves and that staff must look at: what is listed, and who may read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from gateway.concerns.decision_models import MessageDecision
from gateway.concerns.models import Concern, ConcernWords, Status
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.conversations.service import HOLDING_POSITION
from gateway.db import now
from gateway.paging import Page, paged
from gateway.prisons.models import Prison
from gateway.privacy import vault
from gateway.staff.models import Staff
from gateway.staff.service import may_read_unsorted, seen_by

# How long what was dismissed can be brought back.
UNDO_FOR = timedelta(hours=24)
POSSIBLE = "possible"
HELD = "held"


@dataclass(frozen=True)
class Unsorted:
    """A message that staff sort, with what the bot made of it and what they have decided."""

    message: Message
    conversation: Conversation
    prison: str | None
    assessment: Assessment | None
    decision: MessageDecision | None  # the one that stands
    concern: Concern | None  # the one that it is told in
    replies: Sequence[Message] = field(default_factory=list)  # what the bot said to it, in order
    open_concerns: Sequence[Concern] = field(default_factory=list)  # of the same family, as far as the reader may see

    @property
    def is_sorted(self) -> bool:
        """Whether there is nothing left to decide."""
        return self.decision is not None or self.concern is not None

    @property
    def can_be_brought_back(self) -> bool:
        """Whether it was dismissed, and not long ago."""
        decision = self.decision
        return decision is not None and decision.reason is not None and decision.at > now() - UNDO_FOR


def possible_concerns(session: Session, staff: Staff, number: int = 1) -> Page[Unsorted]:
    """Messages that may be a worry and of which nobody has decided, newest first."""
    query = _messages(staff).where(Assessment.level == POSSIBLE, _is_undecided())
    return _page(session, staff, query.order_by(Message.id.desc()), number)


def held_messages(session: Session, staff: Staff, number: int = 1) -> Page[Unsorted]:
    """Messages that the bot could not answer in time and of which nobody has decided, oldest first."""
    query = _messages(staff).where(Message.state == HELD, _is_undecided())
    return _page(session, staff, query.order_by(Message.id), number)


def dismissed(session: Session, staff: Staff, number: int = 1) -> Page[Unsorted]:
    """What can be brought back, the last dismissed first."""
    query = _messages(staff).join(MessageDecision, _stands()).where(
        MessageDecision.reason.is_not(None), MessageDecision.at > now() - UNDO_FOR
    )  # fmt: skip
    return _page(session, staff, query.order_by(MessageDecision.at.desc(), Message.id), number)


def by_id(session: Session, staff: Staff, message_id: int) -> Unsorted | None:
    """One of these messages, sorted or not; none for whoever may not read it, and for every other message."""
    query = _messages(staff).where(Message.id == message_id, _was_listed())
    ids = session.scalars(query).all()
    return next(iter(_read(session, staff, ids)), None)


def _messages(staff: Staff) -> Select[int]:
    """The families' messages that this person may sort."""
    return (
        select(Message.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Assessment, Assessment.message_id == Message.id)
        .where(Message.sender == "family", ~Conversation.synthetic, may_read_unsorted(staff))
    )


def _stands() -> ColumnElement[bool]:
    return and_(MessageDecision.message_id == Message.id, MessageDecision.undone_at.is_(None))


def _is_undecided() -> ColumnElement[bool]:
    return ~exists().where(ConcernWords.message_id == Message.id) & ~exists().where(_stands())


def _was_listed() -> ColumnElement[bool]:
    """A message that is answered while somebody looks at it stays one that they may decide of."""
    reply = aliased(Message)
    was_held = exists().where(reply.reply_to == Message.id, reply.position == HOLDING_POSITION)
    decided = exists().where(MessageDecision.message_id == Message.id)
    return or_(Assessment.level == POSSIBLE, Message.state == HELD, was_held, decided)


def _page(session: Session, staff: Staff, query: Select[int], number: int) -> Page[Unsorted]:
    found = paged(session, query, number)
    return Page(_read(session, staff, found.rows), found.total, found.number, found.pages)


def _read(session: Session, staff: Staff, ids: Sequence[int]) -> Sequence[Unsorted]:
    threads = select(Message.conversation_id).where(Message.id.in_(ids))
    vault.remember(session, threads)
    query = (
        select(Message, Conversation, Prison.name, Assessment, MessageDecision, Concern)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .outerjoin(Prison, Prison.id == Conversation.prison_id)
        .outerjoin(Assessment, Assessment.message_id == Message.id)
        .outerjoin(MessageDecision, _stands())
        .outerjoin(ConcernWords, ConcernWords.message_id == Message.id)
        .outerjoin(Concern, Concern.id == ConcernWords.concern_id)
        .where(Message.id.in_(ids))
    )
    found = {row[0].id: Unsorted(*row) for row in session.execute(query)}
    replies = session.scalars(
        select(Message).where(Message.reply_to.in_(ids), Message.sender == "bot").order_by(Message.position)
    ).all()
    concerns = session.scalars(
        select(Concern)
        .where(Concern.conversation_id.in_(threads), Concern.status != Status.CLOSED.value, seen_by(staff))
        .order_by(Concern.id)
    ).all()
    return [
        replace(
            found[id],
            replies=[reply for reply in replies if reply.reply_to == id],
            open_concerns=[one for one in concerns if one.conversation_id == found[id].conversation.id],
        )
        for id in ids
    ]
