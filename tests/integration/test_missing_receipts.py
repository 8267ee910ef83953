"""Receipts that never came, as while the database was away: Twilio is asked what became of the texts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from factories import a_message
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.adapters.console_sms import ConsoleSms
from gateway.adapters.twilio_sms import TwilioSms
from gateway.audit.models import LogEntry, LogEvent
from gateway.config import Settings
from gateway.db import now
from gateway.deliveries import missing_receipts
from gateway.deliveries.missing_receipts import ASKED_AFTER, EVERY, ask_for_missing
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import queue_reply
from tests.standins.twilio_api import SERVER_ERROR, TwilioApi

NUMBER = "+447700900001"


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch) -> Iterator[TwilioApi]:
    with TwilioApi(token="the token") as api:
        settings = Settings(
            secret_key="x", data_keys=(), twilio_api_url=api.url, twilio_account_sid=api.account,
            twilio_auth_token="the token", twilio_number="+447700900000",
        )  # fmt: skip
        monkeypatch.setattr(missing_receipts, "sms_provider", lambda: TwilioSms.from_settings(settings))
        yield api


def sent(work: Session, api: TwilioApi, *, ago: timedelta, status: str, error: int | None = None) -> Delivery:
    """A text that Twilio took so long ago, with what has become of it there."""
    delivery = queue_reply(work, a_message(work, "hello"), NUMBER)
    taken = api.take("Messages", {"To": NUMBER, "Body": "Hello."})
    taken["status"], taken["error_code"] = status, error
    delivery.state, delivery.provider_reference, delivery.sent_at = "sent", taken["sid"], now() - ago
    work.commit()
    return delivery


def ask(work: Session) -> None:
    ask_for_missing(int(now().timestamp()))
    work.expire_all()


@pytest.mark.parametrize("after", ASKED_AFTER)
def test_a_text_whose_receipt_was_lost_is_asked_about(work: Session, twilio: TwilioApi, after: timedelta) -> None:
    delivery = sent(work, twilio, ago=after + EVERY / 2, status="undelivered", error=30003)

    ask(work)

    assert (delivery.receipt, delivery.receipt_code) == ("did_not_arrive", "30003")
    noted = select(LogEntry).where(LogEntry.event == LogEvent.DELIVERY_RECEIPT.value)
    assert [entry.delivery_id for entry in work.scalars(noted)] == [delivery.id]


def test_every_moment_up_to_the_first_time_after_it_is_asked_about_in_one_round_and_no_other(
    work: Session, twilio: TwilioApi
) -> None:
    first = ASKED_AFTER[0]
    for minutes in range(-4, 10):
        sent(work, twilio, ago=first + timedelta(minutes=minutes, seconds=30), status="delivered")

    ask(work)

    assert len([request for request in twilio.requests if request.startswith("GET")]) == 5


def test_what_has_arrived_is_not_asked_about(work: Session, twilio: TwilioApi) -> None:
    delivery = sent(work, twilio, ago=ASKED_AFTER[0] + EVERY / 2, status="delivered")
    delivery.receipt = "arrived"
    work.commit()

    ask(work)

    assert twilio.requests == []


def test_a_text_that_twilio_has_forgotten_does_not_hold_up_the_others(work: Session, twilio: TwilioApi) -> None:
    forgotten = sent(work, twilio, ago=ASKED_AFTER[0] + EVERY / 2, status="delivered")
    twilio.messages.clear()
    other = sent(work, twilio, ago=ASKED_AFTER[0] + EVERY / 3, status="delivered")

    ask(work)

    assert (forgotten.receipt, other.receipt) == (None, "arrived")


def test_twilio_is_left_in_peace_until_the_next_time_when_it_fails(work: Session, twilio: TwilioApi) -> None:
    for _ in range(3):
        sent(work, twilio, ago=ASKED_AFTER[0] + EVERY / 2, status="delivered")
    twilio.fail(SERVER_ERROR)

    ask(work)

    assert len(twilio.requests) == 1


def test_the_stand_in_says_nothing_of_its_texts(work: Session, twilio: TwilioApi, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(missing_receipts, "sms_provider", lambda: ConsoleSms(tmp_path))
    delivery = sent(work, twilio, ago=ASKED_AFTER[0] + EVERY / 2, status="delivered")

    ask(work)

    assert delivery.receipt is None
