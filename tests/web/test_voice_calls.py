"""A call about a concern: what is spoken, that one key acknowledges and nothing else does, and how it ended."""

from collections.abc import Callable
from types import SimpleNamespace
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from factories import a_concern
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from gateway.audit.models import LogEntry
from gateway.concerns import acts
from gateway.concerns.models import Concern
from gateway.config import settings
from gateway.conversations.models import Message
from gateway.db import unit_of_work
from gateway.deliveries.call_token import sign
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import queue_alert, queue_to_staff
from gateway.staff.duty_phones import add_phone, remove_phone
from gateway.staff.service import add_staff

DUTY = "+447700900111"
Press = Callable[..., ElementTree.Element]


@pytest.fixture
def call(database: str) -> SimpleNamespace:
    """A call to Ann of Leeds about an emergency there."""
    with unit_of_work() as session:
        ann = add_staff(session, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)
        add_phone(session, "ann@prison.invalid", DUTY, None)
        details = {"prisoner_name": "Sam Sample", "reporter_name": "Jo Sample"}
        concern = a_concern(session, "he is going to die", urgency="emergency", details=details)
        delivery = queue_alert(
            session, concern.id, medium="call", address=DUTY, subject=None, body="", reason="escalation"
        )
        delivery.state = "sent"
        return SimpleNamespace(concern=concern, delivery=delivery.id, ann=ann.id, token=sign(delivery.id))


@pytest.fixture
def post(web: FlaskClient) -> Press:
    """Post to a webhook as Twilio does, and read the TwiML that comes back."""

    def posted(path: str, status: int = 200, signed: bool = True, **form: str) -> ElementTree.Element:
        signature = RequestValidator(settings().sms_signing_key).compute_signature(settings().public_url + path, form)
        answer = web.post(
            path,
            data=urlencode(form),
            headers={"X-Twilio-Signature": signature if signed else "forged"},
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code == status
        return ElementTree.fromstring(answer.text) if status == 200 else ElementTree.Element("none")

    return posted


def test_a_call_that_tries_a_route_says_so_and_acknowledges_nothing(post: Press, call: SimpleNamespace) -> None:
    with unit_of_work() as session:
        test = queue_to_staff(session, "test", medium="call", address=DUTY, subject=None, body="This is a test.")
        test.state = "sent"
        token, test_id = sign(test.id), test.id

    assert spoken(post(f"/voice/twilio/concern/{token}", AnsweredBy="human")) == "This is a test."
    post(f"/voice/twilio/concern/{token}/key", status=404, Digits="1")
    post(f"/voice/twilio/status/{token}", CallStatus="no-answer")

    with unit_of_work() as session:
        assert (session.get_one(Delivery, test_id).state, session.get_one(Delivery, test_id).last_error) == (
            "failed",
            "call-no-answer",
        )
    assert state_of(call) == "open"


def spoken(twiml: ElementTree.Element) -> str:
    return " ".join(said.text or "" for said in twiml.iter("Say"))


def state_of(call: SimpleNamespace) -> str:
    with unit_of_work() as session:
        return session.get_one(Concern, call.concern.id).status


def delivery_of(call: SimpleNamespace) -> Delivery:
    with unit_of_work() as session:
        return session.get_one(Delivery, call.delivery)


def test_the_call_reads_reference_prison_and_urgency_twice_and_no_name_or_word(call, post) -> None:
    twiml = post(f"/voice/twilio/concern/{call.token}", AnsweredBy="human")

    said, letters = spoken(twiml), ", ".join(call.concern.reference.replace("-", ""))
    assert said.count(f"Emergency concern. HMP Leeds. Reference {letters}.") == 2
    assert not any(word in said for word in ("Sam", "Sample", "Jo ", "die", "going"))
    gather = twiml.find("Gather")
    assert gather is not None and gather.attrib["numDigits"] == "1" and int(gather.attrib["timeout"]) > 0
    assert gather.attrib["action"] == f"/voice/twilio/concern/{call.token}/key"
    assert [element.tag for element in twiml] == ["Gather", "Say", "Hangup"]


def test_answering_or_hanging_up_acknowledges_nothing(call, post) -> None:
    post(f"/voice/twilio/concern/{call.token}", AnsweredBy="human")
    post(f"/voice/twilio/status/{call.token}", CallStatus="completed", AnsweredBy="human")

    assert state_of(call) == "open"
    assert delivery_of(call).state == "sent"


def test_key_1_acknowledges_as_the_phones_owner_and_says_so(call, post) -> None:
    twiml = post(f"/voice/twilio/concern/{call.token}/key", Digits="1", AnsweredBy="human")

    assert "You have acknowledged" in spoken(twiml)
    with unit_of_work() as session:
        after = session.get_one(Concern, call.concern.id)
        told = session.scalar(select(Message.text).where(Message.sender == "system"))
        row = session.scalars(select(LogEntry).where(LogEntry.event == "concern:acknowledged")).one()
    assert (after.status, after.acknowledged_by) == ("acknowledged", call.ann)
    assert told.startswith(f"A person read your message {call.concern.reference}")
    assert (row.actor, row.details) == (f"staff:{call.ann}", {"means": "call"})


def test_the_same_key_brought_twice_is_confirmed_twice_and_done_once(call, post) -> None:
    for _ in range(2):
        twiml = post(f"/voice/twilio/concern/{call.token}/key", Digits="1")
        assert "You have acknowledged" in spoken(twiml)

    with unit_of_work() as session:
        assert len(session.scalars(select(LogEntry).where(LogEntry.event == "concern:acknowledged")).all()) == 1


@pytest.mark.parametrize("key", ["2", "9", "", "11", "*"])
def test_any_other_key_reads_it_again_and_acknowledges_nothing(call, post, key) -> None:
    twiml = post(f"/voice/twilio/concern/{call.token}/key", Digits=key)

    assert twiml.find("Gather") is not None and "Emergency concern" in spoken(twiml)
    assert state_of(call) == "open"


@pytest.mark.parametrize("machine", ["machine_start", "machine_end_beep", "machine_end_silence", "fax"])
def test_an_answering_machine_hears_nothing_and_never_acknowledges(call, post, machine) -> None:
    twiml = post(f"/voice/twilio/concern/{call.token}", AnsweredBy=machine)
    post(f"/voice/twilio/concern/{call.token}/key", Digits="1", AnsweredBy=machine)
    post(f"/voice/twilio/status/{call.token}", CallStatus="completed", AnsweredBy=machine)

    assert [element.tag for element in twiml] == ["Hangup"]
    assert state_of(call) == "open"
    assert (delivery_of(call).state, delivery_of(call).last_error) == ("failed", "call-machine")


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_nobody_took_is_a_delivery_that_failed_noted_once(call, post, status) -> None:
    for _ in range(2):
        post(f"/voice/twilio/status/{call.token}", CallStatus=status)

    with unit_of_work() as session:
        rows = session.scalars(select(LogEntry.event).where(LogEntry.delivery_id == call.delivery)).all()
    assert rows == ["delivery:receipt", "delivery:failed"]
    assert (delivery_of(call).state, delivery_of(call).last_error) == ("failed", f"call-{status}")


def test_a_telephone_that_is_no_longer_registered_hears_it_and_cannot_acknowledge(call, post) -> None:
    with unit_of_work() as session:
        remove_phone(session, DUTY)

    twiml = post(f"/voice/twilio/concern/{call.token}", AnsweredBy="human")
    pressed = post(f"/voice/twilio/concern/{call.token}/key", Digits="1")

    assert twiml.find("Gather") is None and "Emergency concern" in spoken(twiml)
    assert "not registered" in spoken(pressed) and state_of(call) == "open"


def test_what_a_colleague_has_acknowledged_is_said_to_be_so(call, post) -> None:
    with unit_of_work() as session:
        bob = add_staff(session, "bob@prison.invalid", "Bob Example", "twelve plain signs", ["LEI"], False)
        acts.acknowledge(session, session.get_one(Concern, call.concern.id), bob.id)

    assert "no longer waits" in spoken(post(f"/voice/twilio/concern/{call.token}"))
    assert "somebody else" in spoken(post(f"/voice/twilio/concern/{call.token}/key", Digits="1"))


@pytest.mark.parametrize("path", ["concern/{}", "concern/{}/key", "status/{}"])
def test_what_twilio_did_not_sign_or_we_did_not_is_turned_away(call, post, path) -> None:
    post(f"/voice/twilio/{path.format(call.token)}", status=403, signed=False, Digits="1")
    for token in ("x", f"{call.token}x", sign(10**9), sign(0)):
        post(f"/voice/twilio/{path.format(token)}", status=404, Digits="1")

    assert state_of(call) == "open"


def test_a_delivery_that_is_no_call_has_no_words_to_speak(call, post) -> None:
    with unit_of_work() as session:
        mail = session.scalars(select(Delivery).where(Delivery.medium == "email")).first()

    post(f"/voice/twilio/concern/{sign(mail.id)}", status=404)
