"""Bringing a text or a mail to one person: once, however often it is tried and wherever a process dies."""

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from factories import NUMBER, a_concern, a_conversation
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from gateway import jobs as job_queue
from gateway.adapters import Refused, Unreachable
from gateway.audit.models import LogEntry, LogEvent
from gateway.conversations.models import Message
from gateway.conversations.service import Reply, say_to_family
from gateway.db import now, unit_of_work
from gateway.deliveries import jobs, service
from gateway.deliveries.jobs import LONGEST_WAIT_SECONDS, deliver
from gateway.deliveries.models import Delivery


class Provider:
    """Takes what it is given unless told to fail, and remembers it by its reference."""

    def __init__(self) -> None:
        self.taken: dict[int, str] = {}
        self.sends = self.finds = 0
        self.fault: Exception | None = None
        self.states_seen: list[str] = []

    def send(self, delivery: Delivery) -> str:
        self.sends += 1
        with unit_of_work() as session:
            session.execute(text("SET LOCAL lock_timeout = '2s'"))
            self.states_seen.append(session.get_one(Delivery, delivery.id, with_for_update=True).state)
        if self.fault:
            raise self.fault
        self.taken[delivery.id] = f"ref-{delivery.id}"
        return self.taken[delivery.id]

    def find(self, delivery: Delivery) -> list[str]:
        self.finds += 1
        return [self.taken[delivery.id]] if delivery.id in self.taken else []


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    stand_in = Provider()
    monkeypatch.setattr(jobs, "sms_provider", lambda: stand_in)
    monkeypatch.setattr(jobs, "email_provider", lambda: stand_in)
    return stand_in


@pytest.fixture
def delivery(work: Session) -> Delivery:
    """A reply on its way to a family's telephone."""
    said = say_to_family(work, a_conversation(work, "sms"), Reply("Hello."), sender="bot")
    work.commit()
    return work.scalars(select(Delivery).where(Delivery.message_id == said.id)).one()


def _try(delivery: Delivery) -> None:
    """One run of the job."""
    deliver(SimpleNamespace(), delivery_id=delivery.id)


def _tried_for(work: Session, delivery: Delivery, hours: float) -> None:
    """Let the first attempt have been so long ago."""
    work.execute(
        update(Delivery).where(Delivery.id == delivery.id).values(first_tried_at=now() - timedelta(hours=hours))
    )
    work.commit()


def _now(work: Session, delivery: Delivery) -> Delivery:
    work.refresh(delivery)
    return delivery


def _events(work: Session, delivery: Delivery) -> list[str]:
    query = select(LogEntry).where(LogEntry.delivery_id == delivery.id).order_by(LogEntry.id)
    return [entry.event for entry in work.scalars(query)]


def _queued(work: Session) -> list[Any]:
    return list(
        work.execute(text("SELECT lock, args FROM procrastinate_jobs WHERE task_name = 'deliveries:deliver'")).all()
    )


# ----- queueing -----


def test_a_reply_by_text_is_a_delivery_with_a_job_that_keeps_the_order_of_its_number(
    work: Session, delivery: Delivery
) -> None:
    assert (delivery.medium, delivery.address, delivery.body, delivery.reason) == ("sms", NUMBER, "Hello.", "reply")
    whose = work.get_one(Message, delivery.message_id).conversation_id
    assert _queued(work) == [(f"sms-{whose}", {"delivery_id": delivery.id})]


def test_alerts_wait_for_nothing_but_their_turn(work: Session) -> None:
    a_concern(work)

    ((lock, _),) = _queued(work)
    assert lock is None


def test_what_is_undone_leaves_no_job_behind(work: Session) -> None:
    a_concern(work)
    work.rollback()

    assert _queued(work) == []


# ----- trying -----


def test_a_delivery_is_handed_over_once_and_its_reference_is_kept(
    work: Session, provider: Provider, delivery: Delivery
) -> None:
    _try(delivery)

    assert (_now(work, delivery).state, delivery.provider_reference) == ("sent", f"ref-{delivery.id}")
    assert delivery.sent_at is not None and delivery.attempts == 1
    assert _events(work, delivery) == [LogEvent.DELIVERY_TRIED.value, LogEvent.DELIVERY_SENT.value]


def test_the_attempt_is_on_record_before_the_provider_is_asked_and_no_transaction_holds_it_meanwhile(
    session: Session, provider: Provider
) -> None:
    said = say_to_family(session, a_conversation(session, "sms"), Reply("Hello."), sender="bot")
    session.commit()
    _try(session.scalars(select(Delivery).where(Delivery.message_id == said.id)).one())

    assert provider.states_seen == ["sending"]


def test_what_was_sent_is_not_sent_again(work: Session, provider: Provider, delivery: Delivery) -> None:
    _try(delivery)
    _try(delivery)

    assert provider.sends == 1 and _now(work, delivery).attempts == 1


def test_a_provider_out_of_reach_is_tried_again_later(work: Session, provider: Provider, delivery: Delivery) -> None:
    provider.fault = Unreachable("twilio-503")

    with pytest.raises(Unreachable):
        _try(delivery)
    assert (_now(work, delivery).state, delivery.last_error) == ("queued", "twilio-503")
    assert LogEvent.DELIVERY_FAILED.value not in _events(work, delivery)

    provider.fault = None
    _try(delivery)
    assert (_now(work, delivery).state, delivery.attempts, delivery.last_error) == ("sent", 2, None)


@pytest.mark.parametrize("fault", [Unreachable("twilio-503"), KeyError("a mistake of ours")])
def test_after_four_hours_of_trying_it_has_failed_and_says_so(
    work: Session, provider: Provider, delivery: Delivery, fault: Exception
) -> None:
    provider.fault = fault
    _tried_for(work, delivery, hours=3.9)
    with pytest.raises(type(fault)):
        _try(delivery)
    assert _now(work, delivery).state == "queued"

    _tried_for(work, delivery, hours=4.1)
    _try(delivery)
    assert _now(work, delivery).state == "failed"
    assert _events(work, delivery)[-1] == LogEvent.DELIVERY_FAILED.value


def test_a_refusal_is_final_at_once(work: Session, provider: Provider, delivery: Delivery) -> None:
    provider.fault = Refused("twilio-21211")
    _try(delivery)
    _try(delivery)

    assert (_now(work, delivery).state, delivery.last_error, provider.sends) == ("failed", "twilio-21211", 1)
    assert _events(work, delivery) == [LogEvent.DELIVERY_TRIED.value, LogEvent.DELIVERY_FAILED.value]


# ----- a process that dies -----


def test_after_a_crash_behind_the_provider_it_is_asked_and_nothing_goes_out_twice(
    work: Session, provider: Provider, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(service, "sent", _die)
        with pytest.raises(SystemExit):
            _try(delivery)
    assert _now(work, delivery).state == "sending"

    _try(delivery)
    assert (provider.sends, provider.finds) == (1, 1)
    assert (_now(work, delivery).state, delivery.provider_reference) == ("sent", f"ref-{delivery.id}")


def test_after_a_crash_before_the_provider_it_is_asked_and_the_delivery_goes_out(
    work: Session, provider: Provider, delivery: Delivery
) -> None:
    with unit_of_work() as session:
        service.begin_attempt(session, delivery.id)

    _try(delivery)
    assert (provider.sends, provider.finds) == (1, 1)
    assert _now(work, delivery).state == "sent"


def test_where_nothing_is_unclear_the_provider_is_not_asked(provider: Provider, delivery: Delivery) -> None:
    _try(delivery)

    assert provider.finds == 0


def _die(*given: Any) -> None:
    raise SystemExit


# ----- waiting -----


@pytest.mark.parametrize("error", [Unreachable("twilio-503"), ConnectionError("the database restarts"), KeyError("x")])
def test_after_any_fault_the_wait_about_doubles_up_to_five_minutes(error: Exception) -> None:
    for attempts in (*range(60), 10_000):
        usual = min(2 ** min(attempts + 1, 20), LONGEST_WAIT_SECONDS)
        assert usual * 0.75 - 0.1 <= _wait(error, attempts) <= usual * 1.25 + 0.1


def test_what_failed_together_does_not_come_back_together() -> None:
    assert len({round(_wait(Unreachable("twilio-503"), 9)) for _ in range(20)}) > 5


def _wait(error: Exception, attempts: int) -> float:
    job = SimpleNamespace(attempts=attempts)
    decision = deliver.retry_strategy.get_retry_decision(exception=error, job=job)  # type: ignore[union-attr,arg-type]
    assert decision is not None and decision.retry_at is not None
    return (decision.retry_at - now()).total_seconds()


def test_the_worker_puts_a_failed_attempt_back_on_the_queue_for_later(
    session: Session, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    provider.fault = Unreachable("twilio-503")
    said = say_to_family(session, a_conversation(session, "sms"), Reply("Hello."), sender="bot")
    session.commit()

    asyncio.run(_work_once())
    job = session.execute(
        text(
            "SELECT status::text AS status, attempts, scheduled_at > now() AS later FROM procrastinate_jobs "
            "WHERE task_name = 'deliveries:deliver'"
        )
    ).one()
    assert tuple(job) == ("todo", 1, True)
    assert session.scalars(select(Delivery).where(Delivery.message_id == said.id)).one().state == "queued"
    assert "Hello." not in caplog.text and NUMBER not in caplog.text


async def _work_once() -> None:
    app = job_queue.app()
    async with app.open_async():
        await app.run_worker_async(
            queues=[job_queue.delivery_queue("sms", urgent=False)],
            wait=False,
            listen_notify=False,
            install_signal_handlers=False,
        )
