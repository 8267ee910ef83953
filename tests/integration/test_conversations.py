"""Receiving messages and answering them: each kept once, answered once, and never in silence."""

import threading
import uuid
from datetime import timedelta

import pytest
from factories import NUMBER, a_conversation, a_message
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.config import settings
from gateway.conversations import service, threads
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import Inbound, Reply
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery

HELLO = Inbound("hello", "twilio", "SM1")
HOLDING = Reply("Sorry, this is taking longer than it should.")
CHOICES = [{"title": "Altcourse", "payload": "Altcourse"}, {"title": "Liverpool", "payload": "HMP Liverpool"}]


@pytest.fixture
def by_text(work: Session) -> Conversation:
    return a_conversation(work, "sms")


def _jobs(work: Session) -> list[tuple[str, str | None, dict[str, int]]]:
    query = "SELECT task_name, lock, args FROM procrastinate_jobs WHERE queue_name = 'conversations' ORDER BY id"
    return [(row.task_name, row.lock, row.args) for row in work.execute(text(query))]


def _said(work: Session, conversation: Conversation, *senders: str) -> list[Message]:
    query = select(Message).where(Message.conversation_id == conversation.id, Message.sender.in_(senders))
    return list(work.scalars(query.order_by(Message.id)).all())


def _texts_sent(work: Session) -> list[str]:
    return list(work.scalars(select(Delivery.body).where(Delivery.reason == "reply").order_by(Delivery.id)).all())


def _events(work: Session, message: Message) -> list[str]:
    query = select(LogEntry.event).where(LogEntry.message_id == message.id).order_by(LogEntry.id)
    return list(work.scalars(query).all())


# ----- whose thread it is -----


def test_a_number_has_one_thread(work: Session) -> None:
    first, again = (threads.sms_conversation(work, NUMBER) for _ in range(2))

    assert first is again and first.channel == "sms" and first.address == NUMBER


def test_a_number_whose_first_texts_come_at_the_same_moment_has_one_thread(database: str) -> None:
    together, found = threading.Barrier(2), []

    def text_in() -> None:
        together.wait()
        with unit_of_work() as session:
            found.append(threads.sms_conversation(session, NUMBER).id)

    texts = [threading.Thread(target=text_in) for _ in range(2)]
    for one in texts:
        one.start()
    for one in texts:
        one.join()
    assert len(found) == 2 and len(set(found)) == 1


def test_every_browser_begins_a_thread_of_its_own(work: Session) -> None:
    assert threads.open_web_conversation(work).id != threads.open_web_conversation(work).id


# ----- accepting -----


def test_an_accepted_message_waits_for_the_bot_in_its_conversations_order(work: Session, by_text: Conversation) -> None:
    message = service.accept(work, by_text, HELLO)

    assert message is not None and (message.text, message.state, message.sender) == ("hello", "accepted", "family")
    assert _jobs(work) == [("conversations:converse", f"conversation-{by_text.id}", {"message_id": message.id})]
    assert _events(work, message) == [LogEvent.MESSAGE_RECEIVED.value]


def test_a_message_delivered_again_changes_nothing(work: Session, by_text: Conversation) -> None:
    service.accept(work, by_text, HELLO)
    before = work.scalar(select(func.count()).select_from(LogEntry))

    assert service.accept(work, by_text, Inbound("hello again", "twilio", "SM1")) is None
    assert len(_jobs(work)) == 1 and [message.text for message in _said(work, by_text, "family")] == ["hello"]
    assert work.scalar(select(func.count()).select_from(LogEntry)) == before


def test_the_same_words_without_a_providers_id_are_two_messages(work: Session) -> None:
    conversation = a_conversation(work)

    assert service.accept(work, conversation, Inbound("hello")) and service.accept(work, conversation, Inbound("hello"))


def test_a_message_and_its_job_are_undone_together(work: Session, by_text: Conversation) -> None:
    work.commit()
    service.accept(work, by_text, HELLO)
    work.rollback()

    assert _jobs(work) == [] and _said(work, by_text, "family") == []


def test_a_kept_message_is_not_for_the_bot(work: Session, by_text: Conversation) -> None:
    message = service.keep(work, by_text, HELLO, keyword="stop")

    assert message is not None and message.state == "kept" and _jobs(work) == []
    assert service.keep(work, by_text, HELLO, keyword="stop") is None
    assert not service.is_waiting(work, by_text.id)


# ----- answering -----


def test_an_answer_is_stored_in_order_and_sent_by_text(work: Session, by_text: Conversation) -> None:
    message = a_message(work, "hello", by_text)

    assert service.answer(
        work, message, [Reply("One."), Reply("Two.", sources=[{"title": "A guide", "url": "u", "checked": "c"}])]
    )
    one, two = _said(work, by_text, "bot")
    assert [(said.text, said.reply_to, said.position) for said in (one, two)] == [
        ("One.", message.id, 0),
        ("Two.", message.id, 1),
    ]
    assert two.sources == [{"title": "A guide", "url": "u", "checked": "c"}]
    assert _texts_sent(work) == ["One.", "Two."]
    work.refresh(message)
    assert message.state == "answered" and message.answered_at is not None
    assert not service.is_waiting(work, by_text.id)


def test_a_message_is_answered_once(work: Session, by_text: Conversation) -> None:
    message = a_message(work, "hello", by_text)
    service.answer(work, message, [Reply("One.")])

    assert not service.answer(work, message, [Reply("Two.")])
    assert [said.text for said in _said(work, by_text, "bot")] == ["One."] and _texts_sent(work) == ["One."]
    assert _events(work, message).count(LogEvent.MESSAGE_ANSWERED.value) == 1


def test_on_the_web_nothing_is_sent_by_text(work: Session) -> None:
    service.answer(work, a_message(work), [Reply("One.")])

    assert _texts_sent(work) == []


def test_after_stop_nothing_is_sent_and_everything_is_kept(work: Session, by_text: Conversation) -> None:
    service.stop(work, by_text)
    message = a_message(work, "he is in danger", by_text)
    service.answer(work, message, [Reply("One.")])
    assert _texts_sent(work) == [] and [said.text for said in _said(work, by_text, "bot")] == ["One."]

    service.start(work, by_text)
    service.answer(work, a_message(work, "hello", by_text), [Reply("Two.")])
    assert _texts_sent(work) == ["Two."]


def test_after_stop_a_message_still_goes_to_the_bot(work: Session, by_text: Conversation) -> None:
    service.stop(work, by_text)

    assert service.accept(work, by_text, HELLO) is not None and len(_jobs(work)) == 1


# ----- choices -----


def test_by_text_buttons_become_numbers_to_reply_with(work: Session, by_text: Conversation) -> None:
    service.answer(work, a_message(work, "liverpool", by_text), [Reply("Which one?", buttons=CHOICES)])

    assert _texts_sent(work) == ["Which one?\nReply with a number:\n1 Altcourse\n2 Liverpool"]


def test_on_the_web_buttons_stay_buttons(work: Session) -> None:
    message = a_message(work, "liverpool")
    service.answer(work, message, [Reply("Which one?", buttons=CHOICES)])

    (said,) = work.scalars(select(Message).where(Message.sender == "bot")).all()
    assert said.text == "Which one?" and said.buttons == CHOICES


@pytest.mark.parametrize(
    "reply, meant",
    [
        ("2", "HMP Liverpool"),
        (" 2. ", "HMP Liverpool"),
        ("1", "Altcourse"),
        ("0", "0"),
        ("3", "3"),
        ("2 please", "2 please"),
        ("12", "12"),
    ],
)
def test_a_number_picks_what_was_offered_last(work: Session, by_text: Conversation, reply: str, meant: str) -> None:
    service.answer(work, a_message(work, "liverpool", by_text), [Reply("Which one?", buttons=CHOICES)])

    assert service.as_chosen(work, a_message(work, reply, by_text)) == meant


def test_a_number_means_itself_when_nothing_was_offered_last(work: Session, by_text: Conversation) -> None:
    assert service.as_chosen(work, a_message(work, "2", by_text)) == "2"

    service.answer(work, a_message(work, "liverpool", by_text), [Reply("Which one?", buttons=CHOICES)])
    service.answer(work, a_message(work, "hello", by_text), [Reply("Hello.")])
    assert service.as_chosen(work, a_message(work, "2", by_text)) == "2"


def test_a_number_never_picks_from_another_familys_choices(work: Session, by_text: Conversation) -> None:
    service.answer(work, a_message(work, "liverpool", by_text), [Reply("Which one?", buttons=CHOICES)])

    assert service.as_chosen(work, a_message(work, "2", a_conversation(work))) == "2"


# ----- when the answer is late -----


def test_a_late_answer_is_announced_once_and_the_message_listed(work: Session, by_text: Conversation) -> None:
    message = a_message(work, "he is in danger", by_text)

    assert service.hold(work, message.id, HOLDING)
    assert not service.hold(work, message.id, HOLDING)
    assert _texts_sent(work) == [HOLDING.text]
    assert [said.sender for said in _said(work, by_text, "system")] == ["system"]
    assert [held.id for held in service.not_processed(work)] == [message.id]
    assert service.is_waiting(work, by_text.id)
    assert _events(work, message).count(LogEvent.MESSAGE_HELD.value) == 1


def test_the_answer_still_comes_once_after_the_holding_reply_and_the_message_leaves_the_list(
    work: Session, by_text: Conversation
) -> None:
    message = a_message(work, "he is in danger", by_text)
    service.hold(work, message.id, HOLDING)

    assert service.answer(work, message, [Reply("One.")])
    assert not service.answer(work, message, [Reply("One.")])
    assert _texts_sent(work) == [HOLDING.text, "One."]
    assert service.not_processed(work) == []


def test_what_is_answered_is_not_held(work: Session, by_text: Conversation) -> None:
    message = a_message(work, "hello", by_text)
    service.answer(work, message, [Reply("One.")])

    assert not service.hold(work, message.id, HOLDING)
    assert _texts_sent(work) == ["One."]


def test_what_is_not_processed_is_listed_oldest_first(work: Session) -> None:
    messages = [a_message(work, f"message {number}") for number in range(3)]
    for message in reversed(messages):
        service.hold(work, message.id, HOLDING)

    assert service.not_processed(work, limit=2) == messages[:2]


def test_only_what_has_waited_long_enough_and_was_not_yet_announced_is_late(work: Session) -> None:
    waited = timedelta(seconds=settings().holding_after)
    late, held, answered, kept, fresh = (
        a_message(work, name) for name in ("late", "held", "answered", "kept", "fresh")
    )
    for message in (late, held, answered, kept):
        message.at = now() - waited - timedelta(seconds=1)
    fresh.at = now() - waited + timedelta(seconds=5)
    kept.state = "kept"
    work.flush()
    service.hold(work, held.id, HOLDING)
    service.answer(work, answered, [Reply("One.")])

    assert list(service.late(work)) == [late.id]


# ----- reading back -----


def test_the_words_just_before_a_message_are_the_familys_own_oldest_first(work: Session, by_text: Conversation) -> None:
    for word in ("one", "two", "three", "four", "five"):
        service.answer(work, a_message(work, word, by_text), [Reply(f"reply to {word}")])
    a_message(work, "of somebody else")
    message = a_message(work, "six", by_text)
    a_message(work, "seven", by_text)

    assert [earlier.text for earlier in service.recent_messages(work, message)] == ["two", "three", "four", "five"]


def test_a_first_message_has_none_before_it(work: Session) -> None:
    assert service.recent_messages(work, a_message(work)) == []


def test_what_was_said_days_ago_is_not_just_before(work: Session, by_text: Conversation) -> None:
    a_message(work, "old", by_text).at -= service.RECENT_FOR
    work.flush()

    assert service.recent_messages(work, a_message(work, "new", by_text)) == []


def test_a_thread_is_read_from_a_message_on(work: Session, by_text: Conversation) -> None:
    first = a_message(work, "hello", by_text)
    service.answer(work, first, [Reply("One."), Reply("Two.")])
    a_message(work, "of somebody else")

    assert [said.text for said in service.messages_after(work, by_text.id, first.id)] == ["One.", "Two."]
    assert [said.text for said in service.messages_after(work, by_text.id, 0, limit=2)] == ["hello", "One."]
    assert service.messages_after(work, uuid.uuid4(), 0) == []
