"""No real message is ever refused for good: what fails the check is kept apart until a person has looked."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session
from typer.testing import CliRunner
from werkzeug.test import TestResponse

from gateway.cli import app
from gateway.config import settings
from gateway.conversations.models import Message
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.privacy.blind import address_index
from gateway.suspects import service
from gateway.suspects.models import SuspectMessage
from gateway.wording import say

Post = Callable[..., TestResponse]


def suspects(session: Session) -> list[SuspectMessage]:
    return list(session.scalars(select(SuspectMessage).order_by(SuspectMessage.id)))


def gateway(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["sms", *words])
    return result.exit_code, result.output


def test_a_text_that_fails_the_check_is_kept_whole_and_not_answered(post: Post, session: Session) -> None:
    form = [("MessageSid", "SM1"), ("From", "+447700900001"), ("Body", " he said ŵ😢\x00 "), ("Tag", "b"), ("Tag", "a")]
    answer = post("/sms/twilio", form, signed="forged")

    (kept,) = suspects(session)
    assert answer.status_code == 403 and not answer.data
    assert kept.fields == [[name, value.replace("\x00", "\ufffd")] for name, value in form]
    assert (kept.reason, kept.state, kept.sender) == ("signature", "waiting", "127.0.0.1")
    assert kept.headers["X-Twilio-Signature"] == "forged"
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_signed_text_that_lacks_something_is_kept_as_well(post: Post, session: Session) -> None:
    answer = post("/sms/twilio", [("From", "+447700900001"), ("Body", "he cant go on")])

    assert answer.status_code == 400
    assert [(kept.reason, ["Body", "he cant go on"] in kept.fields) for kept in suspects(session)] == [
        ("lacks MessageSid", True)
    ]


def test_a_released_text_is_taken_in_once_as_if_it_had_been_accepted(
    text: Post, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    text("he cant go on", sid="SM1", signed="forged")
    text("he cant go on", sid="SM1", signed="forged")
    first, again = [str(kept.id) for kept in suspects(session)]

    assert gateway("release", first)[0] == 0
    assert gateway("release", again)[0] == 0
    session.expire_all()
    assert [kept.fields for kept in suspects(session)] == [[], []], "their words are the message's now"
    (message,) = session.scalars(select(Message)).all()
    assert (message.text, message.provider_id, message.state) == ("he cant go on", "SM1", "accepted")
    assert session.scalars(sql("SELECT task_name FROM procrastinate_jobs")).all() == ["conversations:converse"]
    assert gateway("release", first)[0] == 2  # settled


def test_a_text_without_an_id_can_be_released_and_one_without_a_sender_cannot(post: Post, session: Session) -> None:
    post("/sms/twilio", [("From", "+447700900001"), ("Body", "no id")])
    post("/sms/twilio", [("MessageSid", "SM2"), ("Body", "no sender")])
    no_id, no_sender = [str(kept.id) for kept in suspects(session)]

    assert gateway("release", no_id)[0] == 0
    code, said = gateway("release", no_sender)
    assert code == 2 and "lacks From" in said
    session.expire_all()
    assert [kept.state for kept in suspects(session)] == ["released", "waiting"]
    assert session.scalars(select(Message.text)).all() == ["no id"]


def test_the_list_shows_words_only_when_asked(text: Post) -> None:
    assert "None waits." in gateway("suspects")[1]
    text("a secret worry", sid="SM777", signed="forged")

    listed, shown = gateway("suspects")[1], gateway("suspects", "--show")[1]
    assert "SM777" in listed and "secret" not in listed and "7700900001" not in listed
    assert "a secret worry" in shown


def test_one_that_cannot_be_read_hides_no_other(text: Post, session: Session) -> None:
    text("damaged", signed="forged")
    session.execute(sql("UPDATE suspect_message SET form = 'in plain'"))
    session.commit()
    text("a secret worry", signed="forged")

    shown = gateway("suspects", "--show")[1]
    assert say("desk.unreadable") in shown and "a secret worry" in shown


def test_one_family_is_forgotten_by_its_number_and_nobody_else(text: Post, session: Session) -> None:
    for number in ("+447700900001", "+447700900002"):
        text("a worry", number=number, signed="forged")

    assert service.forget(session, address_index("+447700900001")) == 1
    assert [dict(kept.fields)["From"] for kept in suspects(session)] == ["+447700900002"]


def test_a_dismissed_one_is_emptied(text: Post, session: Session) -> None:
    text("nonsense", signed="forged")
    assert gateway("dismiss", str(suspects(session)[0].id))[0] == 0
    session.expire_all()

    assert [(kept.state, kept.fields) for kept in suspects(session)] == [("dismissed", [])]
    assert gateway("dismiss", "99")[0] == 2


def test_a_flood_fills_neither_the_disk_nor_the_room_of_what_names_our_account(
    text: Post, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_A_MINUTE", 3)
    object.__setattr__(settings(), "twilio_account_sid", "AC-ours")
    for _ in range(5):
        assert text("flood", signed="forged").status_code == 403
    text("likely a family", signed="forged", AccountSid="AC-ours")

    assert [kept.names_account for kept in suspects(session)] == [False] * 3 + [True]


def test_what_is_far_too_large_and_what_is_too_many_is_only_counted(
    text: Post, session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(service, "MOST_WAITING", 2)
    text("x" * 40_000, signed="forged")
    for _ in range(3):
        text("small", signed="forged")

    assert len(suspects(session)) == 2
    assert [record.kept for record in caplog.records if record.message == "sms.forged_webhook"] == [
        False, True, True, False,
    ]  # fmt: skip


def test_the_longest_real_text_has_room(text: Post, session: Session) -> None:
    media = {f"MediaUrl{n}": "https://api.twilio.com/" + "x" * 200 for n in range(10)}
    text("😢" * 1600, signed="forged", **media)

    assert len(suspects(session)) == 1


@pytest.fixture
def alarmed(database: str) -> Callable[[], list[str]]:
    """Who was mailed about it, in order."""
    object.__setattr__(settings(), "alarm_email", "operator@charity.example")

    def mails() -> list[str]:
        with unit_of_work() as session:
            alarms = select(Delivery.address).where(Delivery.reason == "alarm:suspect").order_by(Delivery.id)
            return list(session.scalars(alarms))

    return mails


def test_the_operator_is_told_once_in_fifteen_minutes(text: Post, alarmed: Callable[[], list[str]]) -> None:
    for _ in range(3):
        text("words of a family", signed="forged")
    assert alarmed() == ["operator@charity.example"]

    with unit_of_work() as session:
        session.execute(update(Delivery).values(queued_at=Delivery.queued_at - timedelta(minutes=15)))
        assert "words" not in session.scalars(select(Delivery.body)).one()
    text("words of a family", signed="forged")
    assert len(alarmed()) == 2


def test_with_nobody_to_tell_the_log_is_loud(text: Post, caplog: pytest.LogCaptureFixture) -> None:
    text("words", signed="forged")

    assert [record.levelno for record in caplog.records if record.message == "alarm.raised"] == [logging.ERROR]


def test_a_forged_receipt_is_no_text_to_keep(post: Post, session: Session) -> None:
    post("/sms/twilio/status", [("MessageSid", "SM9"), ("MessageStatus", "failed")], signed="forged")

    assert suspects(session) == []
