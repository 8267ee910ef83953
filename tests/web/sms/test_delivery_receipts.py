"""Delivery receipts: what became of a text after Twilio took it."""

import logging
from collections.abc import Callable
from itertools import permutations

import pytest
from factories import a_concern, a_message
from sqlalchemy import select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns.models import Concern
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.deliveries.receipts import MEANINGS, note_late
from gateway.deliveries.service import queue_reply
from gateway.routing import service as routing_service
from gateway.routing.routes import Contact, Step

Post = Callable[..., TestResponse]


@pytest.fixture
def delivery(database: str) -> int:
    """A text that Twilio has taken under the id SM9."""
    with unit_of_work() as session:
        sent = queue_reply(session, a_message(session, "hello"), "+447700900001")
        sent.state, sent.provider_reference = "sent", "SM9"
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


def test_a_receipt_is_put_on_its_delivery_which_stays_sent(receipt: Post, session: Session, delivery: int) -> None:
    receipt("failed", ErrorCode="30008")

    found = session.get_one(Delivery, delivery)
    assert (found.state, found.receipt, found.receipt_code) == ("sent", "did_not_arrive", "30008")
    assert found.receipt_at is not None


@pytest.mark.parametrize("order", list(permutations(["sent", "undelivered", "delivered"])))
def test_receipts_out_of_order_never_take_back_what_arrived(
    receipt: Post, session: Session, delivery: int, order: tuple[str, ...]
) -> None:
    for status in order:
        receipt(status)

    found = session.get_one(Delivery, delivery)
    assert (found.receipt, found.receipt_code) == ("arrived", None)


def test_what_did_not_arrive_is_not_on_its_way_again(receipt: Post, session: Session, delivery: int) -> None:
    for status in ("undelivered", "sent"):
        receipt(status, ErrorCode="30003")

    found = session.get_one(Delivery, delivery)
    assert (found.receipt, found.receipt_code) == ("did_not_arrive", "30003")


def test_a_receipt_quicker_than_our_commit_is_looked_at_again(receipt: Post, session: Session, database: str) -> None:
    assert receipt("delivered", sid="SM-early").status_code == 200
    (job,) = session.execute(sql("SELECT task_name, args, scheduled_at > now() AS later FROM procrastinate_jobs")).all()
    with unit_of_work() as other:
        late = queue_reply(other, a_message(other, "hello"), "+447700900001")
        late.state, late.provider_reference = "sent", "SM-early"

    assert (job.task_name, job.later) == ("receipts:note_late", True)
    note_late(**job.args)
    assert session.scalars(select(Delivery.receipt)).one() == "arrived"


@pytest.fixture
def alerted(database: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[tuple[str, str, str | None]]]:
    """A concern whose first step was told by text, under the id SM9; gives everyone told of it so far."""
    steps = tuple(Step(name, (Contact("sms", number),)) for name, number in LADDER)
    monkeypatch.setattr(routing_service, "steps_of", lambda concern: steps)
    with unit_of_work() as session:
        raised = a_concern(session)
        (alert,) = session.scalars(select(Delivery).where(Delivery.concern_id == raised.id))
        alert.state, alert.provider_reference = "sent", "SM9"

    def told() -> list[tuple[str, str, str | None]]:
        with unit_of_work() as session:
            query = select(Delivery.address, Delivery.reason).where(Delivery.concern_id == raised.id)
            return [tuple(row) for row in session.execute(query.order_by(Delivery.id))]

    return told


LADDER = [("first", "+447700900101"), ("second", "+447700900102")]


def test_an_alert_that_did_not_arrive_tells_the_next_step_at_once_and_only_once(
    receipt: Post, alerted: Callable[[], list[object]]
) -> None:
    receipt("undelivered", ErrorCode="30005")
    receipt("failed", ErrorCode="30005")

    assert alerted() == [("+447700900101", "alert"), ("+447700900102", "escalation")]


def test_when_the_last_step_cannot_be_reached_its_clock_goes_on(
    receipt: Post, alerted: Callable[[], list[object]], session: Session
) -> None:
    receipt("undelivered", ErrorCode="30005")
    with unit_of_work() as other:
        other.execute(update(Delivery).where(Delivery.reason == "escalation").values(provider_reference="SM10"))
    receipt("undelivered", sid="SM10", ErrorCode="30005")

    assert len(alerted()) == 2
    assert session.scalars(select(Concern.next_alarm_at)).one() > now()


def test_an_alert_about_what_is_answered_for_tells_nobody_else(
    receipt: Post, alerted: Callable[[], list[object]]
) -> None:
    with unit_of_work() as other:
        values = {"status": "acknowledged", "acknowledged_at": now()}
        other.execute(update(Concern).values(**values))
    receipt("undelivered", ErrorCode="30005")

    assert len(alerted()) == 1


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
