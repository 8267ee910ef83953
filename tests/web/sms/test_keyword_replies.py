"""STOP, START and HELP, from the webhook to what is sent."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gateway.audit.models import LogEntry, LogEvent
from gateway.conversations import service
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Reply
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.wording import say

Post = Callable[..., TestResponse]


def queued(session: Session) -> list[str]:
    return list(session.scalars(select(Delivery.body).order_by(Delivery.id)))


def is_stopped(session: Session) -> bool:
    return session.scalars(select(Conversation.stopped_at)).one() is not None


def states(session: Session) -> list[str]:
    return list(session.scalars(select(Message.state).where(Message.sender == "family").order_by(Message.id)))


def test_stop_stops_the_conversation_and_is_confirmed_once(text: Post, session: Session) -> None:
    text("STOP", sid="SM1")
    text("stop", sid="SM2")

    assert is_stopped(session)
    assert queued(session) == [say("sms.stopped")]
    assert states(session) == ["kept", "kept"]


def test_a_repeated_webhook_with_stop_changes_nothing_after_start(text: Post, session: Session) -> None:
    text("STOP", sid="SM1")
    text("START", sid="SM2")
    text("STOP", sid="SM1")

    assert not is_stopped(session)
    assert queued(session) == [say("sms.stopped"), say("sms.started")]


def test_what_the_bot_says_after_stop_is_not_sent(text: Post, session: Session) -> None:
    text("STOP", sid="SM1")
    with unit_of_work() as work:
        service.say_to_family(work, work.scalars(select(Conversation)).one(), Reply("hello again"), sender="bot")

    assert queued(session) == [say("sms.stopped")]


def test_a_worry_after_stop_still_goes_to_the_bot(text: Post, session: Session) -> None:
    text("STOP", sid="SM1")
    text("he says he will kill himself tonight", sid="SM2")

    assert states(session) == ["kept", "accepted"]


def test_start_begins_again_and_says_so(text: Post, session: Session) -> None:
    text("STOP", sid="SM1")
    text("Start.", sid="SM2")

    assert not is_stopped(session)
    assert queued(session) == [say("sms.stopped"), say("sms.started")]


def test_yes_after_stop_begins_again(text: Post, session: Session) -> None:
    text("STOP", sid="SM1")
    text("yes", sid="SM2")

    assert not is_stopped(session)
    assert states(session) == ["kept", "kept"]


def test_yes_without_stop_answers_the_bots_question(text: Post, session: Session) -> None:
    text("yes", sid="SM1")

    assert states(session) == ["accepted"]


@pytest.mark.parametrize("word", ["HELP", "info"])
def test_help_is_answered_with_what_this_number_is(text: Post, session: Session, word: str) -> None:
    text(word)

    assert queued(session) == [say("sms.help")]
    assert states(session) == ["kept"]


def test_help_is_answered_after_stop_too_and_the_conversation_stays_stopped(text: Post, session: Session) -> None:
    text("STOP", sid="SM1")
    text("HELP", sid="SM2")

    assert queued(session) == [say("sms.stopped"), say("sms.help")]
    assert is_stopped(session)


def test_a_worry_that_begins_with_stop_is_no_keyword(text: Post, session: Session) -> None:
    text("stop him hes going to kill himself")

    assert not is_stopped(session)
    assert states(session) == ["accepted"]


def test_a_keyword_under_a_picture_is_no_keyword(text: Post, session: Session) -> None:
    text("stop", NumMedia="1", MediaUrl0="https://api.twilio.com/media/ME1", MediaContentType0="image/jpeg")

    assert states(session) == ["accepted"]


@pytest.mark.parametrize(("kind", "stopped"), [("STOP", True), ("START", False), ("HELP", False)])
def test_what_twilio_has_answered_itself_is_obeyed_and_not_answered_again(
    text: Post, session: Session, kind: str, stopped: bool
) -> None:
    text("arret", OptOutType=kind)

    assert is_stopped(session) == stopped
    assert queued(session) == []
    assert states(session) == ["kept"]


def test_keywords_are_in_the_log_by_their_meaning(text: Post, session: Session) -> None:
    text("Unsubscribe")

    entry = session.scalars(select(LogEntry).where(LogEntry.event == LogEvent.MESSAGE_KEYWORD.value)).one()
    assert entry.details == {"keyword": "stop"}
