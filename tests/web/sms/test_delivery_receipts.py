"""Delivery receipts: what became of a text after Twilio took it."""

import logging
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gateway.audit.models import LogEntry, LogEvent
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.deliveries.receipts import MEANINGS

Post = Callable[..., TestResponse]


@pytest.fixture
def delivery(database: str) -> int:
    """A text that Twilio has taken under the id SM9."""
    with unit_of_work() as session:
        sent = Delivery(
            medium="sms", address="+447700900001", body="hello", reason="reply", state="sent", provider_reference="SM9"
        )
        session.add(sent)
        session.flush()
        return sent.id


@pytest.fixture
def receipt(post: Post) -> Post:
    def sent(status: str, sid: str = "SM9", signed: str | None = None, **more: str) -> object:
        return post(
            "/sms/twilio/status", [("MessageSid", sid), ("MessageStatus", status), *more.items()], signed=signed
        )

    return sent


def receipts(session: Session) -> list[LogEntry]:
    query = select(LogEntry).where(LogEntry.event == LogEvent.DELIVERY_RECEIPT.value).order_by(LogEntry.id)
    return list(session.scalars(query))


@pytest.mark.parametrize("status", MEANINGS)
def test_every_status_of_twilio_becomes_a_line_of_the_deliverys_log(
    receipt: Post, session: Session, delivery: int, status: str
) -> None:
    assert receipt(status).status_code == 200

    (entry,) = receipts(session)
    assert entry.delivery_id == delivery
    assert entry.details == {"status": status, "meaning": MEANINGS[status], "error": None}


def test_a_text_that_did_not_arrive_is_logged_with_twilios_reason(
    receipt: Post, session: Session, delivery: int, caplog: pytest.LogCaptureFixture
) -> None:
    receipt("undelivered", ErrorCode="30003")

    assert receipts(session)[0].details["error"] == "30003"
    assert "sms.did_not_arrive" in caplog.messages


def test_a_receipt_never_changes_the_delivery_itself(receipt: Post, session: Session, delivery: int) -> None:
    receipt("failed", ErrorCode="30008")

    assert session.get_one(Delivery, delivery).state == "sent"


def test_a_repeated_receipt_adds_nothing(receipt: Post, session: Session, delivery: int) -> None:
    for status in ("sent", "delivered", "delivered", "sent"):
        receipt(status)

    assert [entry.details["status"] for entry in receipts(session)] == ["sent", "delivered"]


def test_an_unknown_status_is_logged_loudly_and_answered_well(
    receipt: Post, session: Session, delivery: int, caplog: pytest.LogCaptureFixture
) -> None:
    answer = receipt("teleported")

    assert answer.status_code == 200
    assert receipts(session) == []
    assert [(r.levelno, r.status) for r in caplog.records if r.message == "sms.unknown_status"] == [
        (logging.ERROR, "teleported")
    ]


def test_a_receipt_for_a_text_that_is_not_ours_is_answered_well(receipt: Post, session: Session, delivery: int) -> None:
    assert receipt("delivered", sid="SM-of-somebody-else").status_code == 200
    assert receipts(session) == []


def test_a_forged_receipt_is_refused(receipt: Post, session: Session, delivery: int) -> None:
    assert receipt("failed", signed="forged").status_code == 403
    assert receipts(session) == []


@pytest.mark.parametrize("form", [[], [("MessageSid", "SM9")], [("MessageStatus", "delivered")]])
def test_a_receipt_that_lacks_something_is_no_error(post: Post, delivery: int, form: list[tuple[str, str]]) -> None:
    assert post("/sms/twilio/status", form).status_code == 200
