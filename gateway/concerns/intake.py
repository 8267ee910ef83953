"""Record first, ask later: what the worker does with the risk of a message, before any dialogue."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.adapters.rasa import Risk
from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.concerns import service
from gateway.concerns.category import OTHER, choose_again
from gateway.concerns.details import extract
from gateway.concerns.heard import SHORT
from gateway.concerns.models import Concern, ConcernWords, Status, Urgency
from gateway.concerns.questions import take_answer
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.conversations.service import recent_messages
from gateway.db import now
from gateway.prisons.service import find_prisons
from gateway.privacy.sealed import private
from gateway.routing.routes import routing
from gateway.routing.service import alert
from gateway.wording import say

# A further worry in the same conversation within this time is taken as news of the same concern.
SAME_CONCERN_FOR = timedelta(hours=24)
# From this probability on, a short answer that says who somebody is tells something else as well.
TELLS_MORE = 0.8
SURE_DETAILS = frozenset({"prisoner_number", "prisoner_dob"})


@dataclass(frozen=True)
class Turn:
    """What the dialogue is told of a message: the conversation's prison, and the concern that it touched."""

    prison: str | None
    concern: dict[str, Any] | None
    again: bool = False  # the message was taken in before, so Rasa may have replied to it already
    answers: str | None = None  # the concern about which staff had asked what this message answers


def take_in(session: Session, message_id: int, risk: Risk, recent: list[str]) -> Turn:
    """Store the assessment, remember the prison named, open or extend the concern. Repeating it adds nothing."""
    # Locked, for it may be taken in ahead of its turn and in its turn at the same moment.
    message = session.get_one(Message, message_id, with_for_update=True)
    conversation = session.get_one(Conversation, message.conversation_id)
    again = not _store(session, message, risk, recent)
    _remember_prison(session, conversation, message.text)
    concern, event = _concern_of(session, conversation, message, risk)
    answers = take_answer(session, message)
    summary = service.summary_for_dialogue(concern) | {"event": event} if concern else None
    return Turn(conversation.prison_id, summary, again, answers)


def _store(session: Session, message: Message, risk: Risk, recent: list[str]) -> bool:
    """False when there was an assessment of this message already."""
    read = "\n".join([*recent, message.text])
    values = dict(
        message_id=message.id,
        level=risk.level,
        urgency=risk.urgency,
        category=risk.category,
        subject=risk.subject,
        scores=risk.scores,
        model_version=risk.model_version,
        text=private(session, message.conversation_id, read),
        at=now(),
    )
    statement = insert(Assessment).values(**values).on_conflict_do_nothing().returning(Assessment.message_id)
    return session.scalar(statement) is not None


def risk_of(session: Session, message_id: int) -> Risk | None:
    """What was found in a message, if it was taken in before."""
    found = session.get(Assessment, message_id)
    if found is None:
        return None
    return Risk(found.level, found.urgency, found.category, found.subject, found.scores, found.model_version)


def _remember_prison(session: Session, conversation: Conversation, text: str) -> None:
    found = find_prisons(session, text)
    if len(found) == 1:
        conversation.prison_id = found[0].id


def _concern_of(
    session: Session, conversation: Conversation, message: Message, risk: Risk
) -> tuple[Concern | None, str | None]:
    """The concern that a message belongs to, and whether it opened it, added to it, or only came while it was open."""
    told = told_in(session, message.id)
    if told is not None:
        return told, _what_it_did(session, told, message.id)
    if risk.level == "likely":
        # A worry told over several texts, each harmless alone: staff read all of them.
        earlier = untold_before(session, message) if risk.scores.get("from_recent") else []
        return add_or_open(session, conversation, message, _as_an_answer(session, message, risk), earlier)
    running = running_concerns(session, conversation.id)
    about_others = [concern for concern in running if concern.subject != "caller"]
    if len(about_others) == 1:  # of two, nobody knows whose number it is
        _take_details(session, about_others[0], message)
    return (running[0] if running else None), None


def _as_an_answer(session: Session, message: Message, risk: Risk) -> Risk:
    """The risk of «im Jo, his wife» while a concern's questions are asked: that of the concern, be the network ever so
    little in doubt. It is with the concern's words all the same. Anything more surely told keeps its own."""
    running = running_concerns(session, message.conversation_id)
    is_asked = bool(running) and running[0].receipt_at is None
    sure = risk.scores.get("rules") or risk.scores.get("likely", 1.0) >= TELLS_MORE
    if not is_asked or sure or len(message.text.split()) > SHORT or not extract(message.text):
        return risk
    about = running[0]
    return replace(risk, urgency=about.urgency, category=about.category, subject=about.subject)


def untold_before(session: Session, message: Message) -> list[Message]:
    """What the family wrote before a message, since the last that told of a concern: that one is in the log already."""
    query = select(func.max(ConcernWords.message_id)).join(Message, Message.id == ConcernWords.message_id)
    last = session.scalar(
        query.where(Message.conversation_id == message.conversation_id, ConcernWords.message_id < message.id)
    )
    return recent_messages(session, message, after=last or 0)


def before(session: Session, message: Message) -> tuple[list[str], list[str]]:
    """What the family wrote right before: what may be part of an untold worry, and what is with a concern already.

    The second makes no worry of a message, but tells how grave a worry in it is, of what kind and whose."""
    untold = untold_before(session, message)
    first = untold[0].id if untold else message.id
    told = [earlier for earlier in recent_messages(session, message) if earlier.id < first]
    return [earlier.text for earlier in untold], [earlier.text for earlier in told]


def told_in(session: Session, message_id: int) -> Concern | None:
    """The concern that a message told of, if it has been taken in before."""
    query = select(Concern).join(ConcernWords, ConcernWords.concern_id == Concern.id)
    return session.scalar(query.where(ConcernWords.message_id == message_id))


def _what_it_did(session: Session, concern: Concern, message_id: int) -> str:
    """The event of a message that was taken in before, so that asking again gives the same."""
    if concern.opened_by == message_id:
        return "opened"
    raised = select(LogEntry.id).where(
        LogEntry.message_id == message_id, LogEntry.event == LogEvent.CONCERN_URGENCY_RAISED.value
    )
    return "words_added" if session.scalar(raised) is None else "urgency_raised"


def running_concerns(session: Session, conversation_id: uuid.UUID) -> Sequence[Concern]:
    """The concerns of a conversation that are not closed and not old, newest first."""
    query = select(Concern).where(
        Concern.conversation_id == conversation_id,
        Concern.status != Status.CLOSED.value,
        Concern.opened_at > now() - SAME_CONCERN_FOR,
    )
    return session.scalars(query.order_by(Concern.id.desc())).all()


def add_or_open(
    session: Session, conversation: Conversation, message: Message, risk: Risk, earlier: Sequence[Message] = ()
) -> tuple[Concern, str]:
    """Put a worry to the running concern that it is about, or open one. Gives it with what was done.

    `earlier`: messages before this one that told of the same worry.
    """
    for running in running_concerns(session, conversation.id):
        if _is_same(session, running, message.text, risk):
            raised = _add(session, running, [*earlier, message], risk)
            return running, "urgency_raised" if raised else "words_added"
    return open_concern(session, conversation, message, risk, earlier), "opened"


def _is_same(session: Session, concern: Concern, text: str, risk: Risk) -> bool:
    """Another prison, another kind of person at risk or a category with its own route makes another concern.

    One that nobody answers for yet, and whose kind was not known, is not another: it goes that route from now on.
    """
    named = {prison.id for prison in find_prisons(session, text)}
    elsewhere = concern.prison_id is not None and bool(named) and concern.prison_id not in named
    unknown = concern.category == OTHER and concern.status == Status.OPEN.value
    other_route = routing().has_own_route(risk.category) and risk.category != concern.category and not unknown
    return not elsewhere and not other_route and (risk.subject == "caller") == (concern.subject == "caller")


def _add(session: Session, concern: Concern, messages: Sequence[Message], risk: Risk) -> bool:
    """Put further words to a concern and tell staff. True when it became more urgent."""
    _take_words(session, concern, messages)
    raised = service.raise_urgency(session, concern, Urgency(risk.urgency or Urgency.URGENT), messages[-1].id)
    changed = choose_again(session, concern, risk.category, messages[-1].id, raised=raised)
    rerouted = changed and routing().has_own_route(concern.category)
    if rerouted:
        concern.escalation_step = 0  # its own ladder begins at the first step
    if not _place(session, concern, messages[-1]):
        reason = "alert" if raised or rerouted else "update"
        alert(session, concern, reason=reason, why=say("why.raised") if raised else None)
    return raised


def _take_details(session: Session, concern: Concern, message: Message) -> None:
    """After the questions are done, staff are told of a number or a date of birth that they lacked.

    Nothing else is taken from small talk, for these are nobody else's; while the questions last, the dialogue takes it.
    """
    if concern.receipt_at is None:
        return
    found = {name: value for name, value in extract(message.text).items() if name in SURE_DETAILS}
    if service.enrich(session, concern, message.id, **service.missing_only(concern, found)):
        alert(session, concern, reason="update")


def _place(session: Session, concern: Concern, message: Message) -> bool:
    """Give a concern the prison that a later message names. True when it had none; its people are told then."""
    named = find_prisons(session, message.text)
    if concern.prison_id is not None or concern.subject == "caller" or len(named) != 1:
        return False
    service.enrich(session, concern, message.id, prison_id=named[0].id)
    return True


def _take_words(session: Session, concern: Concern, messages: Sequence[Message]) -> None:
    for message in messages:
        service.add_words(session, concern, message.id)
        service.enrich(session, concern, message.id, **service.missing_only(concern, extract(message.text)))


def open_concern(
    session: Session,
    conversation: Conversation,
    message: Message,
    risk: Risk,
    earlier: Sequence[Message] = (),
    *,
    actor: str = "family",
    prison_id: str | None = None,
) -> Concern:
    """A new row in the log, with the words as they came, and the first people told.

    `actor`: who opened it, where that was staff. `prison_id`: where they know better than the conversation.
    """
    about_caller = risk.subject == "caller"
    concern = Concern(
        reference=service.free_reference(session),
        conversation_id=conversation.id,
        opened_by=message.id,
        channel=conversation.channel,
        urgency=risk.urgency or Urgency.URGENT.value,
        category=risk.category or OTHER,
        subject=risk.subject or "prisoner",
        model_version=risk.model_version,
        # The caller's own risk is never sent to a prison's wing.
        prison_id=None if about_caller else prison_id or conversation.prison_id,
        # Set for good by `alert` below; the table refuses an open concern without one.
        next_alarm_at=now(),
    )
    session.add(concern)
    session.flush()
    record(
        session,
        LogEvent.CONCERN_OPENED,
        actor=actor,
        concern=concern.id,
        message=message.id,
        urgency=concern.urgency,
        category=concern.category,
        subject=concern.subject,
        level=risk.level,
    )
    _take_words(session, concern, [*earlier, message])
    alert(session, concern, reason="alert", why=say("why.opened"))
    return concern
