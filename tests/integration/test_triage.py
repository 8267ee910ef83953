"""When answers fall behind, staff still hear of a worry at once, and its answer comes in its turn."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from factories import a_conversation, a_message
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_converse_job import LIKELY, FakeRasa, _converse, _replies, no_rasa, rasa

from gateway.concerns.models import Concern
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.conversations.triage import IN_LINE_AFTER, look_ahead
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery

__all__ = ["no_rasa", "rasa"]
WORRY = "hes in Leeds and cant go on"


@pytest.fixture
def wrote(work: Session) -> Callable[..., Message]:
    """A text that has waited for so many seconds."""

    def text(words: str, seconds: float = 5, conversation: Conversation | None = None) -> Message:
        message = a_message(work, words, conversation or a_conversation(work, "sms"))
        message.at = now() - timedelta(seconds=seconds)
        work.commit()
        return message

    return text


def _look(work: Session) -> None:
    look_ahead(timestamp=0)
    work.expire_all()


def test_staff_are_told_of_a_worry_that_stands_in_line_and_it_still_waits_for_its_answer(
    work: Session, wrote: Callable[..., Message], rasa: FakeRasa
) -> None:
    rasa.risk = LIKELY
    message = wrote(WORRY)
    _look(work)

    concern = work.scalars(select(Concern)).one()
    assert (concern.opened_by, concern.urgency, concern.prison_id) == (message.id, "emergency", "LEI")
    assert work.scalars(select(Delivery.reason)).all() == ["alert"]
    assert message.state == "accepted" and rasa.conversed == []


def test_in_its_turn_it_is_answered_as_one_that_opened_a_concern_and_is_not_assessed_again(
    work: Session, wrote: Callable[..., Message], rasa: FakeRasa
) -> None:
    rasa.risk = LIKELY
    message = wrote(WORRY)
    _look(work)
    _converse(work, message)

    (asked,) = rasa.conversed
    assert asked["metadata"]["concern"]["event"] == "opened"
    assert _replies(work, message) == ["Hello."]
    assert len(rasa.understood) == len(work.scalars(select(Concern)).all()) == 1
    assert len(work.scalars(select(Delivery)).all()) == 2  # the alert, and the reply by text


def test_what_has_only_just_come_is_left_to_its_turn(
    work: Session, wrote: Callable[..., Message], rasa: FakeRasa
) -> None:
    wrote("hello", seconds=IN_LINE_AFTER.total_seconds() - 1)
    _look(work)

    assert rasa.understood == []


def test_a_message_is_read_after_those_that_its_family_wrote_before(
    work: Session, wrote: Callable[..., Message], rasa: FakeRasa
) -> None:
    conversation = a_conversation(work, "sms")
    for words, seconds in (("its about my son", 9), ("hes stopped eating", 8), ("he gave his radio away", 7)):
        wrote(words, seconds, conversation)
    _look(work)

    assert [asked["text"] for asked in rasa.understood] == [
        "its about my son",
        "hes stopped eating",
        "he gave his radio away",
    ]
    assert rasa.understood[-1]["recent"] == ["its about my son", "hes stopped eating"]


def test_a_message_without_words_has_no_risk(work: Session, wrote: Callable[..., Message], rasa: FakeRasa) -> None:
    wrote(" ")
    _look(work)

    assert rasa.understood == [] and work.scalars(select(Assessment)).all() == []


def test_while_rasa_is_away_it_looks_no_further_and_finds_them_the_next_time(database: str, rasa: FakeRasa) -> None:
    with unit_of_work() as session:
        for _ in range(30):
            a_message(session).at = now() - timedelta(seconds=5)
    rasa.broken = {"understand": 503}
    look_ahead(timestamp=0)
    asked_in_vain = len(rasa.understood)
    rasa.broken = {}
    look_ahead(timestamp=1)

    with unit_of_work() as session:
        assert asked_in_vain < 30
        assert len(session.scalars(select(Assessment)).all()) == 30
