"""Acknowledging by text: who may, what is answered, and that nothing anybody writes is lost."""

import pytest
from factories import a_concern, a_conversation
from sqlalchemy import select

from gateway.audit.models import LogEntry
from gateway.concerns.models import Concern
from gateway.conversations.models import Conversation, Message
from gateway.conversations.service import stop
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.privacy.blind import address_index
from gateway.staff.duty_phones import add_phone, remove_phone
from gateway.staff.models import Staff
from gateway.staff.service import add_staff
from gateway.wording import say

DUTY = "+447700900111"
FAMILY = "+447700900123"


@pytest.fixture
def officer(database):
    """Ann of Leeds and High Down, whose duty phone is registered."""
    with unit_of_work() as session:
        ann = add_staff(session, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI", "HOI"], False)
        add_phone(session, "ann@prison.invalid", DUTY, None)
        return ann


@pytest.fixture
def raised(database):
    """Open a concern raised by text message."""

    def opened(prison="LEI", number=FAMILY, **found):
        with unit_of_work() as session:
            return a_concern(session, prison=prison, conversation=a_conversation(session, "sms", number), **found)

    return opened


def now_of(concern):
    with unit_of_work() as session:
        return session.get_one(Concern, concern.id)


def texts_to(number):
    with unit_of_work() as session:
        query = select(Delivery).where(Delivery.reason == "reply").order_by(Delivery.id)
        return [delivery.body for delivery in session.scalars(query) if delivery.address == number]


def for_the_bot(number=DUTY):
    """What was kept to be answered by the bot, from this number."""
    with unit_of_work() as session:
        query = select(Message.text).join(Conversation, Conversation.id == Message.conversation_id)
        index = Conversation.address_index == address_index(number)
        return list(session.scalars(query.where(index, Message.state == "accepted")))


def rows(event):
    with unit_of_work() as session:
        return list(session.scalars(select(LogEntry).where(LogEntry.event == event)))


def test_an_ok_from_a_duty_phone_acknowledges_and_both_sides_are_told(text, officer, raised):
    concern = raised()

    assert text(f"ok {concern.reference.lower().replace('-', '')} thanks", number=DUTY).status_code == 200

    after = now_of(concern)
    assert (after.status, after.acknowledged_by) == ("acknowledged", officer.id)
    (reply,), (family,) = texts_to(DUTY), texts_to(FAMILY)
    assert reply.startswith(f"Acknowledged {concern.reference} at ") and reply.endswith("The family is being told.")
    assert f"A person read your message {concern.reference} at " in family
    assert [(row.actor, row.details) for row in rows("concern:acknowledged")] == [
        (f"staff:{officer.id}", {"means": "text"})
    ]
    assert for_the_bot() == []


def test_the_same_text_twice_answers_and_acknowledges_once(text, officer, raised):
    concern = raised()
    for _ in range(2):
        text(f"OK {concern.reference}", sid="SM-one", number=DUTY)

    assert len(texts_to(DUTY)) == len(texts_to(FAMILY)) == len(rows("concern:acknowledged")) == 1


def test_a_second_ok_is_told_that_it_was_done_before(text, officer, raised):
    concern = raised()
    text(f"OK {concern.reference}", sid="SM1", number=DUTY)
    text(f"OK {concern.reference}", sid="SM2", number=DUTY)

    assert "acknowledged before" in texts_to(DUTY)[1]
    assert len(texts_to(FAMILY)) == 1


def test_a_family_that_texted_stop_is_not_said_to_be_told(text, officer, raised):
    concern = raised()
    with unit_of_work() as session:
        stop(session, session.get_one(Conversation, concern.conversation_id))

    text(f"OK {concern.reference}", number=DUTY)

    assert "The family texted STOP" in texts_to(DUTY)[0]


@pytest.mark.parametrize("prison, found", [("HLI", {}), (None, {}), ("LEI", {"subject": "caller"})])
def test_what_its_owner_may_not_see_a_duty_phone_cannot_acknowledge(text, officer, raised, prison, found):
    concern = raised(prison=prison, **found)

    text(f"OK {concern.reference}", number=DUTY)

    assert now_of(concern).status == "open"
    assert texts_to(DUTY) == [say("duty.none_open")]


@pytest.mark.parametrize("role", ["family_worker", "analyst", "administrator"])
def test_whose_role_is_not_to_answer_for_concerns_acknowledges_none(text, officer, raised, role):
    concern = raised()
    with unit_of_work() as session:
        session.get_one(Staff, officer.id).roles = [role]

    text(f"OK {concern.reference}", number=DUTY)

    assert now_of(concern).status == "open"
    assert texts_to(DUTY) == [say("duty.none_open")]


def test_a_phone_for_one_prison_acknowledges_only_there(text, officer, raised):
    with unit_of_work() as session:
        add_phone(session, "ann@prison.invalid", "+447700900222", "HOI")
    leeds, high_down = raised("LEI"), raised("HOI", "+447700900124")

    text(f"OK {leeds.reference} {high_down.reference}", number="+447700900222")

    assert (now_of(leeds).status, now_of(high_down).status) == ("open", "acknowledged")


def test_an_ok_to_nothing_lists_what_is_open_without_a_name(text, officer, raised):
    later = raised("LEI", details={"prisoner_name": "Sam Sample"})
    worst = raised("HOI", "+447700900124", urgency="emergency")
    raised("HLI", "+447700900125")

    text("ok", number=DUTY)

    assert texts_to(DUTY) == [say("duty.open", references=f"{worst.reference}, {later.reference}")]
    assert now_of(worst).status == now_of(later).status == "open"


def test_what_is_no_ok_goes_the_familys_way_and_how_it_is_done_is_said_once(text, officer):
    text("my son says he cant go on", sid="SM1", number=DUTY)
    text("what time are visits", sid="SM2", number=DUTY)

    assert for_the_bot() == ["my son says he cant go on", "what time are visits"]
    assert texts_to(DUTY) == [say("duty.how")]


def test_an_ok_with_a_worry_behind_it_does_both(text, officer, raised):
    concern = raised()
    words = f"OK {concern.reference} but my brother wants to die"

    text(words, number=DUTY)

    assert now_of(concern).status == "acknowledged"
    assert for_the_bot() == [words]


def test_a_picture_with_an_ok_is_kept_for_the_bot(text, officer, raised):
    concern = raised()
    more = {"NumMedia": "1", "MediaUrl0": "https://media.invalid/1", "MediaContentType0": "image/jpeg"}

    text(f"OK {concern.reference}", number=DUTY, **more)

    assert now_of(concern).status == "acknowledged"
    assert len(for_the_bot()) == 1


@pytest.mark.parametrize("how", ["never registered", "removed", "owner gone"])
def test_from_any_other_phone_an_ok_is_a_familys_words(text, officer, raised, how):
    concern = raised()
    with unit_of_work() as session:
        if how == "removed":
            remove_phone(session, DUTY)
        if how == "owner gone":
            session.get_one(Staff, officer.id).active = False
    number = "+447700900333" if how == "never registered" else DUTY

    text(f"OK {concern.reference}", number=number)

    assert now_of(concern).status == "open"
    assert for_the_bot(number) == [f"OK {concern.reference}"]
    assert texts_to(number) == []


def test_what_is_texted_on_duty_is_no_part_of_the_owners_own_thread(text, officer, raised):
    concern = raised("LEI", DUTY)  # a worry that the officer raised about a relative

    text("ok", number=DUTY)

    with unit_of_work() as session:
        query = select(Message.text).where(Message.conversation_id == concern.conversation_id)
        assert list(session.scalars(query)) == ["my son says he cant go on"]


def test_stop_from_a_duty_phone_is_obeyed_and_its_oks_are_still_answered(text, officer, raised):
    concern = raised()
    text("STOP", sid="SM1", number=DUTY)
    text(f"OK {concern.reference}", sid="SM2", number=DUTY)

    assert texts_to(DUTY)[-1].startswith("Acknowledged")
