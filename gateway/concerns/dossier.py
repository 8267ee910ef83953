"""All that a member of staff may read about one concern, gathered for its page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import history
from gateway.concerns import service
from gateway.concerns.links import Linked, linked
from gateway.concerns.models import Concern, ConcernNote, ConcernWords
from gateway.concerns.queue import overdue_since
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.deliveries.models import Delivery
from gateway.media.models import Media
from gateway.media.service import of_messages as media_of
from gateway.prisons.models import Prison
from gateway.staff.models import Staff
from gateway.staff.service import may_see, names

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


@dataclass(frozen=True)
class Happening:
    """A line of the log; one person's views in a row are one happening."""

    entry: LogEntry
    times: int


@dataclass(frozen=True)
class Dossier:
    """One concern, as its page shows it."""

    concern: Concern
    prison: Prison | None
    conversation: Conversation
    overdue_since: datetime | None
    words: Sequence[tuple[Message, Assessment | None]]
    thread: Thread
    alerts: Sequence[Delivery]
    notes: Sequence[ConcernNote]
    linked: Sequence[Linked]
    history: Sequence[Happening]
    media: dict[int, Sequence[Media]]  # by message, of all that is shown
    names: dict[int, str]


def dossier(session: Session, concern: Concern, staff: Staff | None) -> Dossier:
    """Everything on a concern that `staff` may see; whether they may see the concern itself was asked before.

    None is a reader of this concern and of no other.
    """
    words, thread = _words(session, concern), _thread(session, concern, staff)
    shown = {message.id for message, _ in words} | {said.message.id for said in thread.said}
    alerts = select(Delivery).where(Delivery.concern_id == concern.id).order_by(Delivery.id)
    return Dossier(
        concern=concern,
        prison=session.get(Prison, concern.prison_id) if concern.prison_id else None,
        conversation=session.get_one(Conversation, concern.conversation_id),
        overdue_since=overdue_since(session, concern),
        words=words,
        thread=thread,
        alerts=session.scalars(alerts).all(),
        notes=service.notes(session, concern),
        linked=[one for one in linked(session, concern) if staff and may_see(staff, one.concern)],
        history=list(_gathered(history(session, concern.id))),
        media=media_of(session, shown),
        names=names(session),
    )


def _words(session: Session, concern: Concern) -> Sequence[tuple[Message, Assessment | None]]:
    query = (
        select(Message, Assessment)
        .join(ConcernWords, ConcernWords.message_id == Message.id)
        .outerjoin(Assessment, Assessment.message_id == Message.id)
        .where(ConcernWords.concern_id == concern.id)
        .order_by(Message.id)
    )
    return session.execute(query).all()


def _thread(session: Session, concern: Concern, staff: Staff | None) -> Thread:
    query = (
        select(Message, Delivery)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(Message.conversation_id == concern.conversation_id)
        .order_by(Message.id.desc())
        .limit(THREAD_SHOWN)
    )
    said = [Said(*row) for row in reversed(session.execute(query).all())]
    others = _others(session, concern, staff)
    withheld = _told_in(session, others) - _told_in(session, [concern])
    shown = [one for one in said if not _belongs(one.message, withheld, others)]
    return Thread(shown, len(said) - len(shown))


def _others(session: Session, concern: Concern, staff: Staff | None) -> Sequence[Concern]:
    """Concerns raised in the same conversation that this reader may not see, such as the caller's own risk."""
    raised = session.scalars(select(Concern).where(Concern.conversation_id == concern.conversation_id))
    return [other for other in raised if other.id != concern.id and not (staff and may_see(staff, other))]


def _told_in(session: Session, concerns: Sequence[Concern]) -> set[int]:
    """The messages that told of these concerns or answered a question about them."""
    query = select(LogEntry.message_id).where(LogEntry.concern_id.in_([concern.id for concern in concerns]))
    return {message_id for message_id in session.scalars(query) if message_id is not None}


def _belongs(message: Message, withheld: set[int], others: Sequence[Concern]) -> bool:
    if message.id in withheld or message.reply_to in withheld:
        return True
    return message.sender != "family" and any(other.reference in message.text for other in others)


def _gathered(entries: Iterable[LogEntry]) -> Iterable[Happening]:
    last: Happening | None = None
    for entry in entries:
        if last and _same_view(last.entry, entry):
            last = Happening(entry, last.times + 1)
            continue
        if last:
            yield last
        last = Happening(entry, 1)
    if last:
        yield last


def _same_view(one: LogEntry, other: LogEntry) -> bool:
    return one.event == other.event == LogEvent.CONCERN_VIEWED.value and one.actor == other.actor
