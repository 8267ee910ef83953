"""The dialogue's side of a concern: what the custom actions ask for, each in one transaction."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.adapters.rasa import Risk
from gateway.concerns import intake, interview, service
from gateway.concerns.heard import Heard
from gateway.concerns.models import Concern
from gateway.concerns.reference import find_reference
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.db import now, unit_of_work
from gateway.prisons.models import Prison
from gateway.prisons.service import choice, find_prisons, likeliest
from gateway.routing.family import switchboard
from gateway.routing.routes import THREAT, routing
from gateway.spoken import spoken_time
from gateway.wording import choices, say


@dataclass(frozen=True)
class Opening:
    """What the first reply to a concern says, and which questions need not be asked."""

    reference: str
    kind: str  # emergency, recorded, caller_emergency, caller, child, threat, added or added_emergency
    values: dict[str, str]
    settled: list[str]
    asks: bool  # the questions follow; not when they were done with before


@dataclass(frozen=True)
class Step:
    """What to say after an answer, and the question to ask next (none when the questions are done)."""

    settled: list[str]
    next_question: str | None
    say: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    options: list[dict[str, str]] = field(default_factory=list)
    digresses: bool = False
    asks: bool = True
    emergency: str | None = None  # what to say first: an answer tells of an emergency


def begin(message_id: int, conversation_id: str) -> Opening:
    """The concern that a message raised. Where the worker saw no likely one (the family said yes to the gentle
    question, or asked to report something) it is opened or added to now."""
    with unit_of_work() as session:
        message = session.get_one(Message, message_id)
        concern = intake.told_in(session, message_id) or _take_in_as_asked(session, message)
        settled = interview.already_told(concern, service.words(session, concern))
        return Opening(
            reference=concern.reference,
            kind=_kind(concern, message),
            values=_values(session, concern),
            settled=sorted(settled),
            asks=concern.receipt_at is None,
        )


def _take_in_as_asked(session: Session, message: Message) -> Concern:
    """Record a worry because the family says that there is one, with the words that made the bot ask."""
    conversation = session.get_one(Conversation, message.conversation_id)
    hint = session.scalar(
        select(Assessment)
        .join(Message, Message.id == Assessment.message_id)
        .where(
            Message.conversation_id == conversation.id,
            Message.id <= message.id,
            Message.at > now() - intake.SAME_CONCERN_FOR,
            Assessment.level == "possible",
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    risk = Risk(
        level="likely",
        urgency=hint.urgency if hint and hint.urgency else "urgent",
        category=hint.category if hint else None,
        subject=hint.subject if hint else None,
        scores={},
        model_version=hint.model_version if hint else "the family said so",
    )
    earlier = [session.get_one(Message, hint.message_id)] if hint and hint.message_id != message.id else []
    concern, _ = intake.add_or_open(session, conversation, message, risk, earlier)
    return concern


def _kind(concern: Concern, message: Message) -> str:
    added = concern.opened_by != message.id and concern.receipt_at is not None
    if concern.category == THREAT and (not added or concern.subject == "caller"):
        return "threat"
    if concern.subject == "caller":  # who is in danger themselves is never sent to a prison's switchboard
        return "caller_emergency" if concern.urgency == "emergency" else "caller"
    if added:
        return "added_emergency" if concern.urgency == "emergency" else "added"
    if concern.category == "child_safeguarding":
        return "child"
    return "emergency" if concern.urgency == "emergency" else "recorded"


def _values(session: Session, concern: Concern) -> dict[str, str]:
    prison = session.get(Prison, concern.prison_id) if concern.prison_id else None
    return {
        "reference": concern.reference,
        "prison": prison.name if prison else "",
        "team": _team(concern, prison),
        "switchboard": switchboard(prison),
        "next_check": spoken_time(concern.next_alarm_at) if concern.next_alarm_at else "",
    }


def _team(concern: Concern, prison: Prison | None) -> str:
    if concern.subject == "caller" and concern.category != THREAT:
        return say("desk.team_for_caller")
    if routing().has_own_route(concern.category):
        return say("desk.team_by_category")
    return say("desk.team_of", prison=prison.name) if prison else say("desk.team_unknown")


def answer(
    reference: str,
    message_id: int,
    asked: str | None,
    heard: Heard,
    settled: list[str],
    offered: list[str],
    event: str | None,
) -> Step:
    """Take one message as the answer to `asked` and say what comes next. Repeating it changes nothing more."""
    with unit_of_work() as session:
        concern = service.by_reference(session, reference)
        if concern is None:
            return Step(settled, None)
        turn = interview.Turn() if asked is None else _listener(session, concern, offered).hear(concern, asked, heard)
        if turn.digresses:
            return Step(settled, asked, digresses=True)
        service.enrich(session, concern, message_id, **turn.fields)
        if turn.adds_words:
            service.add_words(session, concern, message_id)
        advice = _advice(session, concern, message_id, event)
        return _step(session, concern, turn, asked, set(settled) | turn.settled, advice)


def ask_again(reference: str, asked: str, settled: list[str]) -> Step:
    """The same question once more, after a digression was answered."""
    with unit_of_work() as session:
        concern = service.by_reference(session, reference)
        return Step(settled, asked, values=_question_values(session, concern, asked) if concern else {})


def finish(reference: str, message_id: int) -> dict[str, str]:
    """Give the receipt: what it says of who will read it, and when the next check is due."""
    with unit_of_work() as session:
        concern = service.by_reference(session, reference)
        if concern is None:
            return {}
        service.give_receipt(session, concern, message_id)
        return _values(session, concern)


def status(conversation_id: str, text: str) -> dict[str, str] | None:
    """What the family may hear of the concern whose reference is in the text, or of their last one."""
    with unit_of_work() as session:
        mine = uuid.UUID(conversation_id)
        reference = find_reference(text) or service.newest_reference(session, mine)
        return service.status_for_family(session, mine, reference) if reference else None


def _listener(session: Session, concern: Concern, offered: list[str]) -> interview.Listener:
    conversation = session.get_one(Conversation, concern.conversation_id)
    return interview.Listener(
        find=lambda text: find_prisons(session, text),
        choose=lambda text: choice(session, text, offered) if offered else None,
        number=conversation.address,
        likeliest=lambda text, prisons: likeliest(session, text, prisons),
        offered=bool(offered),
    )


def _step(
    session: Session,
    concern: Concern,
    turn: interview.Turn,
    asked: str | None,
    settled: set[str],
    advice: str | None,
) -> Step:
    settled |= interview.already_told(concern, service.words(session, concern)) - {asked or ""}
    following = asked if turn.asks_itself else interview.next_question(concern, settled)
    return Step(
        settled=sorted(settled),
        next_question=following,
        say=turn.say,
        values=_values(session, concern) | (_question_values(session, concern, following) if following else {}),
        options=[{"id": prison.id, "name": prison.name} for prison in turn.options],
        asks=not turn.asks_itself,
        emergency=advice,
    )


def _advice(session: Session, concern: Concern, message_id: int, event: str | None) -> str | None:
    """What to say first. Whoever writes of an emergency again is told again what to do now, in a few words."""
    if event == "urgency_raised":
        return _became_emergency(concern)
    found = session.get(Assessment, message_id) if event == "words_added" else None
    again = found is not None and found.urgency == "emergency" and _became_emergency(concern) == "emergency"
    return "noted_emergency" if again else None


def _became_emergency(concern: Concern) -> str | None:
    if concern.urgency != "emergency":
        return None
    if concern.category == THREAT:
        return "threat"
    return "caller_emergency" if concern.subject == "caller" else "emergency"


def _question_values(session: Session, concern: Concern, question: str) -> dict[str, str]:
    if question != "read_back":
        return {}
    prison = session.get(Prison, concern.prison_id) if concern.prison_id else None
    shown = {"prison": prison.name if prison else None} | {
        name: getattr(concern, name) for name in choices("read_back") if name != "prison"
    }
    lines = [
        f"{label}: {_said(shown[name])}" for name, label in choices("read_back").items() if shown.get(name) is not None
    ]
    return {"read_back": "\n".join(lines)}


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return say("desk.yes" if value else "desk.no")
    return value.strftime("%-d %B %Y") if hasattr(value, "strftime") else str(value)
