"""How Rasa's stock Twilio channel fails, each with the proof that ours does the opposite."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from factories import a_concern, a_conversation
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator

from gateway.adapters import Unreachable
from gateway.adapters.twilio_sms import TwilioSms
from gateway.config import ROOT, Settings, settings
from gateway.conversations.models import Message
from gateway.conversations.service import Reply, say_to_family
from gateway.db import unit_of_work
from gateway.deliveries import jobs
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import queue_alert
from gateway.jobs import JOBS_AT_ONCE
from gateway.wording import say
from tests.integration.lanes import working
from tests.standins.twilio_api import HANG, RESET, RESET_AFTER_ACCEPT, SERVER_ERROR, Fault, TwilioApi, slow

FAMILY = "+447700900001"


@pytest.fixture
def twilio(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioApi]:
    """Twilio's API as this installation's provider of texts."""
    with TwilioApi() as api:
        chosen = Settings(
            secret_key="x", data_keys=(), twilio_account_sid=api.account,
            twilio_auth_token="t", twilio_number="+447700900000",
            twilio_api_url=api.url,
        )  # fmt: skip
        provider = TwilioSms.from_settings(chosen)
        monkeypatch.setattr(jobs, "sms_provider", lambda: provider)
        yield api


def webhook(web: FlaskClient, form: dict[str, str], signature: str | None = None) -> int:
    if signature is None:
        validator = RequestValidator(settings().sms_signing_key)
        signature = validator.compute_signature(f"{settings().public_url}/sms/twilio", form)
    return web.post("/sms/twilio", data=form, headers={"X-Twilio-Signature": signature}).status_code


def a_text(sid: str = "SM1", body: str = "hello", **more: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": FAMILY, "To": "+447700900000", "Body": body, **more}


def said_to(session: Session, number: str = FAMILY, words: str = "We have your message.") -> int:
    """A reply on its way to a telephone, by the id of its delivery."""
    message = say_to_family(session, a_conversation(session, "sms", number), Reply(words), sender="bot")
    session.commit()
    return session.scalars(select(Delivery.id).where(Delivery.message_id == message.id)).one()


def attempt(delivery_id: int) -> None:
    jobs.deliver(SimpleNamespace(), delivery_id=delivery_id)


def messages(session: Session) -> list[Message]:
    return list(session.scalars(select(Message).where(Message.sender == "family").order_by(Message.id)))


def eventually(true: Callable[[], Any], within: float = 15.0) -> None:
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


# ----- what comes in -----


def test_a_forged_webhook_is_not_taken_for_a_familys_text(web: FlaskClient, session: Session) -> None:
    assert webhook(web, a_text(), signature="bm90IHR3aWxpbw==") == 403
    assert messages(session) == []


def test_a_repeated_message_sid_is_handled_once(web: FlaskClient, session: Session) -> None:
    assert [webhook(web, a_text("SM1")) for _ in range(3)] == [200] * 3
    assert len(messages(session)) == 1


def test_the_providers_id_is_kept_with_the_message(web: FlaskClient, session: Session) -> None:
    webhook(web, a_text("SM0123456789abcdef"))

    assert [(message.provider, message.provider_id) for message in messages(session)] == [
        ("twilio", "SM0123456789abcdef")
    ]


def test_a_photo_without_a_body_is_kept_and_answered(web: FlaskClient, session: Session, twilio: TwilioApi) -> None:
    photo = {"MediaUrl0": f"{twilio.url}/photo", "MediaContentType0": "image/jpeg", "NumMedia": "1"}
    form = a_text() | photo
    del form["Body"]

    assert webhook(web, form) == 200
    with working("conversations", "deliver-sms"):
        eventually(lambda: twilio.messages)
    assert twilio.messages[0]["body"] == say("chat.no_words")


TWIN = """
import sys
from twilio.request_validator import RequestValidator
from gateway.config import settings
from web import create_app
client = create_app().test_client()
def post(sid):
    form = {"MessageSid": sid, "From": "+447700900001", "Body": "he cant go on"}
    signed = RequestValidator(settings().sms_signing_key).compute_signature(settings().public_url + "/sms/twilio", form)
    return client.post("/sms/twilio", data=form, headers={"X-Twilio-Signature": signed}).status_code
post("warm")
print("ready", flush=True)
for line in sys.stdin:
    print(post(line.strip()), flush=True)
"""


def test_two_copies_at_once_at_two_processes_are_one_message(database: str, session: Session) -> None:
    command = [sys.executable, "-c", TWIN]
    twins = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ)
        for _ in range(2)
    ]
    try:
        assert [twin.stdout.readline().strip() for twin in twins] == ["ready", "ready"]  # type: ignore[union-attr]
        for count in range(40):
            for twin in twins:
                twin.stdin.write(f"SM{count}\n")  # type: ignore[union-attr]
            for twin in twins:
                twin.stdin.flush()  # type: ignore[union-attr]
            assert [twin.stdout.readline().strip() for twin in twins] == ["200", "200"]  # type: ignore[union-attr]
    finally:
        for twin in twins:
            twin.stdin.close()  # type: ignore[union-attr]
            twin.wait(10)
            twin.stdout.close()  # type: ignore[union-attr]

    assert len(messages(session)) == 41
    assert session.scalar(select(func.count()).select_from(Message)) == 41


def test_many_threads_with_one_message_keep_it_once(web: FlaskClient, session: Session) -> None:
    together = threading.Barrier(8)

    def send(count: int) -> list[int]:
        client, answers = web.application.test_client(), []
        for sid in range(5):
            together.wait()
            answers.append(webhook(client, a_text(f"SM{sid}")))
        return answers

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(send, range(8))) == [[200] * 5] * 8
    assert [message.provider_id for message in messages(session)] == [f"SM{sid}" for sid in range(5)]


# ----- what goes out -----


@pytest.mark.parametrize("fault", [Fault(status=503), SERVER_ERROR, RESET], ids=["503", "500", "reset"])
def test_a_reply_is_not_lost_when_twilio_fails(session: Session, twilio: TwilioApi, fault: Fault) -> None:
    delivery = said_to(session)
    twilio.fail(fault)

    with pytest.raises(Unreachable):
        attempt(delivery)
    attempt(delivery)
    assert [sent["body"] for sent in twilio.messages] == ["We have your message."]


def test_a_connection_reset_after_twilio_accepted_sends_nothing_twice(session: Session, twilio: TwilioApi) -> None:
    delivery = said_to(session)
    twilio.fail(RESET_AFTER_ACCEPT, RESET)  # then the question whether it was taken is cut as well

    for _ in range(2):
        with pytest.raises(Unreachable):
            attempt(delivery)
    attempt(delivery)
    (sent,) = twilio.messages
    session.expire_all()
    assert session.get_one(Delivery, delivery).provider_reference == sent["sid"]


def test_the_same_words_twice_are_two_texts_though_a_connection_breaks(session: Session, twilio: TwilioApi) -> None:
    """What Twilio has under the same words is another delivery's, so it settles nothing about this one."""
    first, second = said_to(session), said_to(session)
    attempt(first)
    twilio.fail(RESET)

    with pytest.raises(Unreachable):
        attempt(second)
    attempt(second)
    session.expire_all()
    held = [session.get_one(Delivery, id).provider_reference for id in (first, second)]
    assert held == [sent["sid"] for sent in twilio.messages] and len(set(held)) == 2


def test_a_slow_send_delays_nobody_else(session: Session, twilio: TwilioApi) -> None:
    """Every place of the texts' lane hangs but one; then every one. Others go on."""
    hanging = [f"+4477009002{place:02}" for place in range(JOBS_AT_ONCE["deliver-sms"] - 1)]
    twilio.choose = lambda request, form: HANG if form.get("To") in hanging else None
    for number in hanging:
        said_to(session, number)
    said_to(session, "+447700900301", "to somebody else")

    with working("conversations", "deliver-sms", "urgent-sms", "deliver-email", "urgent-email"):
        eventually(lambda: [sent["to"] for sent in twilio.messages] == ["+447700900301"])
        hanging.append("+447700900302")
        said_to(session, "+447700900302")
        eventually(lambda: sum("POST" in request for request in twilio.requests) == len(hanging) + 1)

        # All places are taken now. An alarm by text, a mail and the bot's own work do not stand in that line.
        with unit_of_work() as other:
            concern = a_concern(other)
            queue_alert(
                other, concern.id, medium="sms", address="+447700900303", subject=None, body="Alert", reason="alert"
            )
        asked = say_nothing_by_photo(session)
        eventually(lambda: [sent["to"] for sent in twilio.messages] == ["+447700900301", "+447700900303"])
        eventually(lambda: is_sent(concern.id, "email") and is_answered(asked))
        twilio.closing.set()


def say_nothing_by_photo(session: Session) -> int:
    """A message that the worker answers without Rasa."""
    from gateway.conversations.service import Inbound, accept

    message = accept(session, a_conversation(session), Inbound(""))
    session.commit()
    assert message is not None
    return message.id


def is_sent(concern_id: int, medium: str) -> bool:
    with unit_of_work() as session:
        query = select(Delivery.state).where(Delivery.concern_id == concern_id, Delivery.medium == medium)
        return set(session.scalars(query)) == {"sent"}


def is_answered(message_id: int) -> bool:
    with unit_of_work() as session:
        return session.get_one(Message, message_id).state == "answered"


def test_texts_to_one_number_go_out_in_their_order_though_the_first_is_slow(
    session: Session, twilio: TwilioApi
) -> None:
    twilio.fail(slow(0.5), SERVER_ERROR)
    for words in ("one", "two", "three"):
        said_to(session, words=words)

    with working("deliver-sms"):
        eventually(lambda: len(twilio.messages) == 3)
    assert [sent["body"] for sent in twilio.messages] == ["one", "two", "three"]
