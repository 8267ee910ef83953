"""What staff ask a family: checked, sent, and the next message is the answer."""

import uuid
from datetime import timedelta

import pytest
from factories import a_concern, a_conversation, a_message, a_risk
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns import intake, questions, service
from gateway.concerns.free_words import NeedsReason
from gateway.concerns.models import Concern, ConcernQuestion
from gateway.conversations.models import Message
from gateway.conversations.service import Reply
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.staff.models import Staff
from gateway.staff.service import add_staff

QUESTION = "Which day did you last speak?"


@pytest.fixture
def ann(work: Session) -> Staff:
    return add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)


@pytest.fixture
def concern(work: Session) -> Concern:
    return a_concern(work, conversation=a_conversation(work, "sms"))


def reply(work: Session, concern: Concern, text: str = "on monday", level: str = "none") -> tuple[Message, intake.Turn]:
    """What the worker does with the family's next message."""
    message = a_message(work, text, a_conversation(work, "sms"))
    risk = a_risk(level=level, urgency=None, category=None, subject=None)
    return message, intake.take_in(work, message.id, risk, [])


def updates(work: Session, concern: Concern) -> int:
    query = select(Delivery.id).where(Delivery.concern_id == concern.id, Delivery.reason == "update")
    return len(work.scalars(query).all())


def test_a_question_goes_out_in_staffs_words_and_says_where_to_answer(
    work: Session, ann: Staff, concern: Concern
) -> None:
    form = uuid.uuid4()

    assert questions.ask_family(work, concern, ann.id, QUESTION, "", form)
    assert not questions.ask_family(work, concern, ann.id, QUESTION, "", form)
    (text,) = work.scalars(select(Message.text).where(Message.sender == "staff")).all()
    assert text.startswith(QUESTION) and f"about {concern.reference}. Please reply here" in text
    assert work.scalars(select(Delivery.body).where(Delivery.reason == "reply")).all() == [text]


def test_a_question_that_gives_something_away_needs_a_reason(work: Session, ann: Staff, concern: Concern) -> None:
    with pytest.raises(NeedsReason):
        questions.ask_family(work, concern, ann.id, "Did he say why he is in hospital?")
    assert work.scalars(select(ConcernQuestion)).all() == []

    assert questions.ask_family(work, concern, ann.id, "Did he say why he is in hospital?", "she told us herself")
    (entry,) = work.scalars(select(LogEntry).where(LogEntry.event == LogEvent.CONCERN_FAMILY_ASKED.value)).all()
    assert entry.details["warned"] == ["person", "health"] and entry.details["reason_in_note"]


def test_the_next_message_is_the_answer_and_staff_are_told(work: Session, ann: Staff, concern: Concern) -> None:
    questions.ask_family(work, concern, ann.id, QUESTION)
    before = updates(work, concern)
    message, turn = reply(work, concern)

    assert turn.answers == concern.reference
    (asked,) = questions.asked(work, concern)
    assert asked.answer is not None and asked.answer.text == "on monday"
    assert service.words(work, concern)[-1] == "on monday" and updates(work, concern) > before
    again = intake.take_in(work, message.id, a_risk(level="none", urgency=None, category=None, subject=None), [])
    assert again.answers == concern.reference and updates(work, concern) == before + 1


def test_only_one_message_answers_a_question_and_only_after_it(work: Session, ann: Staff, concern: Concern) -> None:
    assert reply(work, concern, "thanks")[1].answers is None
    questions.ask_family(work, concern, ann.id, QUESTION)
    reply(work, concern)

    assert reply(work, concern, "how do i book a visit")[1].answers is None


def test_after_a_week_a_message_answers_nothing(work: Session, ann: Staff, concern: Concern) -> None:
    questions.ask_family(work, concern, ann.id, QUESTION)
    work.scalars(select(ConcernQuestion)).one().at = now() - questions.ANSWERED_WITHIN - timedelta(minutes=1)

    assert reply(work, concern)[1].answers is None


def test_nobody_elses_message_is_the_answer(work: Session, ann: Staff, concern: Concern) -> None:
    questions.ask_family(work, concern, ann.id, QUESTION)
    stranger = a_message(work, "on monday")
    turn = intake.take_in(work, stranger.id, a_risk(level="none", urgency=None, category=None, subject=None), [])

    assert turn.answers is None and questions.asked(work, concern)[0].answer is None


def test_what_the_bot_made_nothing_of_is_only_thanked_for() -> None:
    lost, found = Reply("Sorry, I did not understand."), Reply("Visits are booked online.")

    assert len(questions.with_thanks("ABC-4KQ7", [lost], "nlu_fallback")) == 1
    thanks, answer = questions.with_thanks("ABC-4KQ7", [found], "book_visit")
    assert "your answer about ABC-4KQ7" in thanks.text and answer is found
