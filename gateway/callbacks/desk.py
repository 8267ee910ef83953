"""The dialogue's side of a call: what the custom actions ask for, each in one transaction."""

import uuid
from dataclasses import dataclass, field

import phonenumbers
from sqlalchemy.orm import Session

from gateway.callbacks import service
from gateway.callbacks.models import Callback
from gateway.callbacks.questions import Listener, Turn, next_question
from gateway.concerns.heard import Heard
from gateway.conversations.models import Conversation
from gateway.db import unit_of_work
from gateway.prisons import directory
from gateway.prisons.models import Prison


@dataclass(frozen=True)
class Step:
    """What to say after an answer, and the question to ask next (none when the questions are done)."""

    settled: list[str]
    next_question: str | None
    say: str | None = None
    asks: bool = True
    values: dict[str, str] = field(default_factory=dict)
    options: list[dict[str, str]] = field(default_factory=list)
    reference: str | None = None
    tries: int = 0
    digresses: bool = False


def begin(conversation_id: str, message_id: int, text: str, *, wanted: bool) -> Step:
    """The first question. `wanted`: the family asked for the call, perhaps with the number in the same message."""
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, uuid.UUID(conversation_id))
        turn = Listener(conversation.address, lambda answer: []).given(text) if wanted else Turn()
        return _step(session, conversation, message_id, None, set(), turn, 0)


def answer(
    conversation_id: str,
    message_id: int,
    asked: str,
    heard: Heard,
    *,
    settled: list[str],
    reference: str | None,
    offered: list[str],
    tries: int,
) -> Step:
    """Take one message as the answer to `asked` and say what comes next. Repeating it changes nothing more."""
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, uuid.UUID(conversation_id))
        turn = Listener(conversation.address, lambda text: _meant(heard, text, offered), tries).hear(asked, heard)
        callback = service.by_reference(session, reference) if reference else None
        if turn.digresses:
            return Step(settled, asked, digresses=True, reference=reference, tries=tries)
        return _step(session, conversation, message_id, callback, set(settled), turn, tries, asked)


def ask_again(
    conversation_id: str, asked: str, *, settled: list[str], reference: str | None, offered: list[str], tries: int
) -> Step:
    """The same question once more, after something else was answered."""
    with unit_of_work() as session:
        conversation = session.get_one(Conversation, uuid.UUID(conversation_id))
        values, options = _asked_with(session, conversation, asked)
        if offered:
            options = [directory.entry(prison_id) for prison_id in offered]
    return Step(settled, asked, values=values, options=options, reference=reference, tries=tries)


def finished(reference: str) -> dict[str, str]:
    """What the family is told at the end; `prison_name` is empty where no prison's own staff see the call."""
    with unit_of_work() as session:
        callback = service.by_reference(session, reference)
        prison = service.reader_prison(session, callback) if callback else None
        return {
            "reference": reference,
            "number": spoken_number(callback.number) if callback else "",
            "prison_name": prison.name if prison else "",
        }


def spoken_number(number: str | None) -> str:
    """`+447700900123` as people write it: `07700 900123`; with its country where that is another.

    A text may come from a name, such as a company's, and what was deleted has a sentence in its place: so they stay.
    """
    try:
        parsed = phonenumbers.parse(number or "")
    except phonenumbers.NumberParseException:
        return number or ""
    form = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, form.NATIONAL if parsed.country_code == 44 else form.INTERNATIONAL)


def _step(
    session: Session,
    conversation: Conversation,
    message_id: int,
    callback: Callback | None,
    settled: set[str],
    turn: Turn,
    tries: int,
    asked: str | None = None,
) -> Step:
    callback = _keep(session, callback, message_id, turn)
    settled |= turn.settled
    if turn.ends:
        say = "taken_back" if turn.takes_back else turn.say
        reference = None if turn.takes_back or callback is None else callback.reference
        return Step(sorted(settled), None, say=say, asks=False, reference=reference)
    following = asked if turn.asks_itself else next_question(settled)
    values, options = _asked_with(session, conversation, following)
    return Step(
        settled=sorted(settled),
        next_question=following,
        say=turn.say,
        asks=not turn.asks_itself,
        values=values,
        options=turn.options or options,
        reference=callback.reference if callback else None,
        tries=tries + 1 if turn.missed else 0,
    )


def _keep(session: Session, callback: Callback | None, message_id: int, turn: Turn) -> Callback | None:
    if turn.number and callback is None:
        callback = service.ask(session, message_id, turn.number)
    if callback is None:
        return None
    service.enrich(session, callback, message_id, **turn.fields)
    if turn.takes_back:
        service.take_back(session, callback, message_id)
    return callback


def _meant(heard: Heard, text: str, offered: list[str]) -> list[dict[str, str]]:
    """The prison that an answer picks or names; a yes picks the only one on offer."""
    if len(offered) == 1 and heard.is_clear_yes and heard.is_short:
        return [directory.entry(offered[0])]
    return directory.chosen(text, offered)


def _asked_with(
    session: Session, conversation: Conversation, question: str | None
) -> tuple[dict[str, str], list[dict[str, str]]]:
    """What a question needs: the number that the family texts from, or the prison that was named before."""
    values = {"number": spoken_number(conversation.address)}
    prison = session.get(Prison, conversation.prison_id) if conversation.prison_id else None
    offers = question == "prison" and prison is not None
    return values, [{"id": prison.id, "prison_name": prison.name}] if offers and prison else []
