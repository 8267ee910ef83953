"""Rows that wait for a job when there is none are given one, and nothing else is touched."""

import logging
from datetime import timedelta

import pytest
from factories import a_concern, a_conversation, a_message
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.conversations.models import Message
from gateway.conversations.service import Inbound, Reply, accept, say_to_family
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.media.models import Media
from gateway.sweeper import sweep

LONG_AGO = timedelta(minutes=2)


def jobs(work: Session) -> list[tuple[str, str | None, str]]:
    query = "SELECT task_name, lock, queue_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
    return [tuple(row) for row in work.execute(text(query))]


def lose_jobs(work: Session, status: str | None = None) -> None:
    """The jobs are gone or, with a status, over; and it is two minutes later."""
    done = f"UPDATE procrastinate_jobs SET status = '{status}'" if status else "DELETE FROM procrastinate_jobs"
    work.execute(text(done))
    work.execute(update(Delivery).values(queued_at=now() - LONG_AGO))
    work.execute(update(Message).values(at=now() - LONG_AGO))
    work.execute(update(Media).values(came_at=now() - LONG_AGO))
    work.commit()


def events(work: Session) -> list[str]:
    taken_up = [LogEvent.DELIVERY_TAKEN_UP.value, LogEvent.MESSAGE_TAKEN_UP.value]
    return list(work.scalars(select(LogEntry.event).where(LogEntry.event.in_(taken_up)).order_by(LogEntry.id)))


@pytest.mark.parametrize("state", ["queued", "sending"])
@pytest.mark.parametrize("job", [None, "failed", "cancelled"])
def test_a_delivery_without_a_live_job_is_tried_again_in_its_own_lane(
    work: Session, state: str, job: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    conversation = a_conversation(work, "sms")
    say_to_family(work, conversation, Reply("Hello."), sender="bot")
    work.execute(update(Delivery).values(state=state))
    expected = jobs(work)
    lose_jobs(work, job)

    sweep(0)
    sweep(60)
    assert jobs(work) == expected == [("deliveries:deliver", f"sms-{conversation.id}", "deliver-sms")]
    assert events(work) == [LogEvent.DELIVERY_TAKEN_UP.value]
    assert [r.levelno for r in caplog.records if r.message == "sweeper.found_stuck"] == [logging.ERROR]


def test_an_alert_is_taken_up_in_the_lane_of_alarms(work: Session) -> None:
    a_concern(work)
    lose_jobs(work)

    sweep(0)
    assert ("deliveries:deliver", None, "urgent-email") in jobs(work)


@pytest.mark.parametrize("state", ["accepted", "held"])
def test_a_message_without_a_job_is_answered_after_all(work: Session, state: str) -> None:
    message = a_message(work)
    work.execute(update(Message).values(state=state))
    expected = jobs(work)
    lose_jobs(work)

    sweep(0)
    assert (
        jobs(work)
        == expected
        == [("conversations:converse", f"conversation-{message.conversation_id}", "conversations")]
    )
    assert events(work) == [LogEvent.MESSAGE_TAKEN_UP.value]


def test_a_photo_without_a_job_is_fetched_after_all(work: Session) -> None:
    accept(work, a_conversation(work), Inbound("", media=[{"url": "https://api.twilio.com/x", "type": "image/png"}]))
    lose_jobs(work)

    sweep(0)
    assert ("media:fetch", None, "media") in jobs(work)


def test_a_message_that_its_job_gave_up_is_left_to_a_person(work: Session) -> None:
    a_message(work)
    lose_jobs(work, "failed")

    sweep(0)
    assert jobs(work) == [] and events(work) == []


@pytest.mark.parametrize("job", ["todo", "doing"])
def test_what_has_a_job_is_left_alone(work: Session, job: str) -> None:
    say_to_family(work, a_conversation(work, "sms"), Reply("Hello."), sender="bot")
    a_message(work)
    lose_jobs(work, job)
    before = jobs(work)

    sweep(0)
    assert jobs(work) == before and events(work) == []


def test_what_is_finished_or_only_just_begun_is_left_alone(work: Session) -> None:
    for state in ("sent", "failed"):
        said = say_to_family(work, a_conversation(work, "sms"), Reply("Hello."), sender="bot")
        work.execute(update(Delivery).where(Delivery.message_id == said.id).values(state=state))
    a_message(work)
    work.execute(update(Message).values(state="answered"))
    lose_jobs(work)
    say_to_family(work, a_conversation(work, "sms"), Reply("Just now."), sender="bot")
    work.execute(text("DELETE FROM procrastinate_jobs"))
    work.commit()

    sweep(0)
    assert jobs(work) == []
