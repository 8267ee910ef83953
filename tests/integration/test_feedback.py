"""What families think of the service, kept and read back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from factories import a_concern, a_conversation, a_message
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry
from gateway.concerns.heard import Heard
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Reply, say_to_family
from gateway.feedback import desk, service
from gateway.feedback.models import Feedback
from gateway.staff.service import add_staff


def an_answer(session: Session, conversation: Conversation, key: str | None = "visits/late") -> Message:
    return say_to_family(session, conversation, Reply("An answer.", answer=key), sender="bot")


def a_reader(session: Session, *prisons: str, unrouted: bool = False) -> Any:
    email = f"{'-'.join(prisons) or 'duty'}@prison.invalid"
    return add_staff(session, email, "Ann", "twelve plain signs", list(prisons), unrouted)


def test_an_opinion_is_kept_once_for_each_message(work: Session) -> None:
    message = a_message(work, "4")
    first, again = service.give(work, message.id, score=4), service.give(work, message.id, score=4)
    work.flush()

    assert first.id == again.id and first.score == 4
    logged = select(func.count(LogEntry.id)).where(LogEntry.event == "feedback:given")
    assert work.scalar(logged) == 1


def test_an_opinion_is_about_the_last_answer_the_last_concern_or_the_service(work: Session) -> None:
    conversation = a_conversation(work)
    nothing_yet = service.give(work, a_message(work, "5", conversation).id, score=5)
    an_answer(work, conversation)
    an_answer(work, conversation, None)
    of_answer = service.give(work, a_message(work, "4", conversation).id, score=4)
    a_concern(work, conversation=conversation)
    of_concern = service.give(work, a_message(work, "3", conversation).id, score=3)

    found = [(one.about, one.answer) for one in (nothing_yet, of_answer, of_concern)]
    assert found == [("service", None), ("answer", "visits/late"), ("concern", None)]


def test_a_press_under_an_answer_counts_five_or_one_and_the_last_press_counts(work: Session) -> None:
    conversation = a_conversation(work)
    answer = an_answer(work, conversation)
    first = service.rate(work, conversation.id, answer.id, helped=True)
    assert first and (first.score, first.about, first.answer) == (5, "answer", "visits/late")

    service.rate(work, conversation.id, answer.id, helped=False)
    assert work.scalars(select(Feedback.score)).all() == [1]
    assert service.rated(work, conversation.id) == {answer.id}


def test_nothing_but_an_answer_of_the_same_conversation_can_be_rated(work: Session) -> None:
    conversation, other = a_conversation(work), a_conversation(work)
    greeting, elsewhere = an_answer(work, conversation, None), an_answer(work, other)

    for message_id in (greeting.id, elsewhere.id, a_message(work, "hi", conversation).id, 10**12):
        assert service.rate(work, conversation.id, message_id, helped=True) is None
    assert work.scalar(select(func.count(Feedback.id))) == 0


def test_the_newest_come_first_in_pages_of_fifty(work: Session) -> None:
    given = [service.give(work, a_message(work, "4").id, score=4).id for _ in range(51)]
    duty = a_reader(work, unrouted=True)

    first, second = service.newest(work, duty), service.newest(work, duty, 2)
    assert [line.id for line in first.lines] == given[:0:-1] and first.pages == 2
    assert [line.id for line in second.lines] == given[:1]


def test_each_month_has_its_average_by_the_uks_calendar(work: Session) -> None:
    for score, at in [(5, datetime(2026, 6, 30, 23, 30, tzinfo=UTC)), (2, datetime(2026, 6, 30, 22, 0, tzinfo=UTC)),
                      (4, datetime(2026, 6, 1, tzinfo=UTC))]:  # fmt: skip
        service.give(work, a_message(work, str(score)).id, score=score).at = at
    service.give(work, a_message(work, "only words").id, words="only words")

    months = service.by_month(work, a_reader(work, unrouted=True))
    assert [(one.first_day.isoformat(), one.average, one.scores) for one in months] == [
        ("2026-07-01", 5.0, 1),
        ("2026-06-01", 3.0, 2),
    ]


def test_staff_of_a_prison_read_only_what_came_from_conversations_about_it(work: Session) -> None:
    about_leeds = a_conversation(work)
    about_leeds.prison_id = "LEI"
    theirs = service.give(work, a_message(work, "5", about_leeds).id, score=5)
    service.give(work, a_message(work, "1").id, score=1)
    leeds = a_reader(work, "LEI")

    assert [line.id for line in service.newest(work, leeds).lines] == [theirs.id]
    assert [month.average for month in service.by_month(work, leeds)] == [5.0]


def test_the_database_refuses_a_score_that_is_none(work: Session) -> None:
    with pytest.raises(Exception, match="feedback_score"), work.begin_nested():
        service.give(work, a_message(work, "6").id, score=6)


# ----- the dialogue's side -----


def _message(work: Session, text: str) -> int:
    message = a_message(work, text)
    work.commit()
    return message.id


def test_a_score_is_kept_before_the_words_are_asked_for(work: Session) -> None:
    step = desk.hear_score(_message(work, "2"), Heard("2"), 0)
    done = desk.hear_words(step.feedback_id, Heard("you never said when it opens"))

    assert (step.next_question, step.score, done.next_question) == ("words", 2, None)
    work.expire_all()
    assert work.execute(select(Feedback.score, Feedback.words)).all() == [(2, "you never said when it opens")]


def test_words_in_place_of_a_score_are_kept_too(work: Session) -> None:
    text = "it was all rubbish honestly"
    step = desk.hear_score(_message(work, text), Heard(text), 0)

    assert step.next_question is None and step.feedback_id is not None
    assert work.execute(select(Feedback.score, Feedback.words)).all() == [(None, text)]


@pytest.mark.parametrize("text", ["skip", "no thanks", "stop asking", "rather not say"])
def test_both_questions_can_be_skipped(work: Session, text: str) -> None:
    given = desk.hear_score(_message(work, "4"), Heard("4"), 0)

    assert desk.hear_score(_message(work, text), Heard(text), 0) == desk.Step(None)
    desk.hear_words(given.feedback_id, Heard(text))
    work.expire_all()
    assert work.execute(select(Feedback.score, Feedback.words)).all() == [(4, None)]


def test_what_is_no_score_is_asked_for_once_more_and_then_no_more(work: Session) -> None:
    message = _message(work, "10")

    assert desk.hear_score(message, Heard("10"), 0).next_question == "score"
    assert desk.hear_score(message, Heard("10"), 1).next_question is None


@pytest.mark.parametrize(
    "intent, text", [("report_concern", "he will hang himself"), ("visits", "can i bring a baby?")]
)
def test_a_worry_or_a_question_goes_before_feedback(work: Session, intent: str, text: str) -> None:
    heard = Heard(text, intent, 0.9)
    given = desk.hear_score(_message(work, "4"), Heard("4"), 0)

    assert desk.hear_score(_message(work, text), heard, 0).digresses
    assert desk.hear_words(given.feedback_id, heard).digresses
    work.expire_all()
    assert work.scalars(select(Feedback.words)).all() == [None]
