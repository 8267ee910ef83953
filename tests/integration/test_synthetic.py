"""Synthetic conversations are seen by nobody, reach nobody, and leave nothing but their lines in the log."""

from datetime import timedelta
from typing import Any

import pytest
from factories import NUMBER, a_concern, a_conversation, a_message, a_risk
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry
from gateway.concerns import intake, queue, unsorted
from gateway.concerns.models import Concern, ConcernWords
from gateway.config import settings
from gateway.conversations import service as conversations
from gateway.conversations import threads
from gateway.conversations.models import Assessment, Conversation, Message
from gateway.conversations.service import Reply, say_to_family
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.path import jobs, service
from gateway.path.models import Probe, WatcherSign
from gateway.privacy.blind import address_index
from gateway.privacy.models import DataKey
from gateway.reporting import export
from gateway.routing.service import alert, escalate_due
from gateway.staff.service import add_staff

LONG_AGO = timedelta(days=2)


@pytest.fixture
def synthetic(work: Session) -> Conversation:
    """The conversation that a probe has begun."""
    service.begin(work, "SM1")
    return work.scalars(select(Conversation).where(Conversation.synthetic)).one()


def _count(work: Session, table: Any, *where: Any) -> int:
    return work.scalar(select(func.count()).select_from(table).where(*where)) or 0


# ----- which they are -----


def test_only_the_probes_number_has_synthetic_conversations(work: Session) -> None:
    probes, familys = threads.sms_conversation(work, settings().probe_number), a_conversation(work, "sms")

    assert probes.synthetic is True
    assert familys.synthetic is False and a_conversation(work).synthetic is False


def test_a_number_that_families_used_is_never_probed_from(work: Session) -> None:
    used = threads.sms_conversation(work, settings().probe_number)
    used.synthetic = False
    work.flush()

    with pytest.raises(service.NumberInUse):
        service.begin(work, "SM1")


def test_each_probe_begins_afresh_and_closes_what_the_last_left_open(work: Session, synthetic: Conversation) -> None:
    concern = a_concern(work, conversation=synthetic, prison=None)
    service.begin(work, "SM2")
    work.refresh(synthetic)

    assert (concern.status, concern.outcome) == ("closed", "synthetic")
    assert synthetic.address is None
    new = work.scalars(
        select(Conversation).where(Conversation.address_index == address_index(settings().probe_number))
    ).one()
    assert new.id != synthetic.id and new.synthetic


# ----- whom they reach -----


def test_nobody_on_the_ladder_is_told_of_a_synthetic_concern(work: Session, synthetic: Conversation) -> None:
    concern = a_concern(work, conversation=synthetic, prison="LEI")
    alert(work, concern, reason="update")

    media = {(one.medium, one.address) for one in work.scalars(select(Delivery))}
    assert media == {("path", "synthetic")}
    assert "email" in {one.medium for one in _alerts_of(work, a_concern(work))}


def _alerts_of(work: Session, concern: Concern) -> list[Delivery]:
    return list(work.scalars(select(Delivery).where(Delivery.concern_id == concern.id)))


def test_a_reply_to_a_synthetic_message_goes_to_no_telephone(work: Session, synthetic: Conversation) -> None:
    said = say_to_family(work, synthetic, Reply("Hello."), sender="bot")

    assert work.scalars(select(Delivery).where(Delivery.message_id == said.id)).one().medium == "path"


def test_a_synthetic_concern_is_never_escalated(work: Session, synthetic: Conversation) -> None:
    ours, familys = a_concern(work, conversation=synthetic, prison=None), a_concern(work)
    for concern in (ours, familys):
        concern.next_alarm_at = now() - timedelta(minutes=1)
    work.flush()

    assert escalate_due(work) == 1
    assert (ours.escalation_step, familys.escalation_step) == (0, 1)


# ----- who sees them -----


def test_staff_see_no_synthetic_concern_on_any_list(work: Session, synthetic: Conversation) -> None:
    staff = add_staff(work, "sam@prison.example", "Sam", "a long password", prisons="all", reads_unrouted=True)
    familys = a_concern(work)
    ours = [a_concern(work, conversation=synthetic, prison=prison) for prison in ("LEI", None)]
    page = queue.open_concerns(work, staff)

    assert [line.concern.id for line in page.lines] == [familys.id] and page.total == 1
    for concern in ours:
        service._close(work, concern)
    work.flush()
    assert queue.closed_concerns(work, staff) == []


def test_possible_and_unprocessed_synthetic_messages_stand_on_no_list(work: Session, synthetic: Conversation) -> None:
    staff = add_staff(work, "sam@prison.example", "Sam", "a long password", prisons="all", reads_unrouted=True)
    messages = [a_message(work, "x", thread) for thread in (synthetic, a_conversation(work, "sms", NUMBER))]
    for message in messages:
        intake._store(work, message, a_risk(level="possible"), [])
        conversations.hold(work, message.id, Reply("wait"))

    assert [one.message.id for one in unsorted.possible_concerns(work, staff).rows] == [messages[1].id]
    assert [one.message.id for one in unsorted.held_messages(work, staff).rows] == [messages[1].id]


def test_no_export_holds_synthetic_rows(work: Session, synthetic: Conversation) -> None:
    a_concern(work, conversation=synthetic)
    familys = a_concern(work)

    assert [one["reference"] for one in export.concerns(work)] == [familys.reference]
    assert {one["id"] for one in export.messages(work)} == {familys.opened_by}
    assert list(export.messages(work, synthetic.id)) == []


# ----- what is left of them -----


@pytest.fixture
def log_outlives_rows(work: Session) -> None:
    """The log may speak of rows that are gone."""
    for column in ("concern_id", "message_id", "delivery_id"):
        work.execute(text(f"ALTER TABLE log_entry DROP CONSTRAINT IF EXISTS log_entry_{column}_fkey"))


def test_old_synthetic_rows_are_swept_and_nothing_else(
    work: Session, synthetic: Conversation, log_outlives_rows: None
) -> None:
    familys = a_concern(work, opened_at=now() - LONG_AGO)
    work.get_one(Conversation, familys.conversation_id).opened_at = now() - LONG_AGO
    a_concern(work, conversation=synthetic)
    say_to_family(work, synthetic, Reply("Hello."), sender="bot")
    synthetic_id, synthetic.opened_at = synthetic.id, now() - LONG_AGO
    service.begin(work, "SM2")
    work.flush()
    lines = _count(work, LogEntry)
    kept = _count(work, Delivery, Delivery.medium != "path")

    assert service.sweep(work, timedelta(hours=1)) == 1
    assert [one.id for one in work.scalars(select(Concern))] == [familys.id]
    assert _count(work, Conversation, Conversation.synthetic) == 1, "the newest is of this hour"
    assert _count(work, Message) == _count(work, ConcernWords) == _count(work, Assessment) == 1
    assert _count(work, Delivery) == kept > 0
    assert _count(work, LogEntry) == lines
    assert _count(work, DataKey, DataKey.owner == synthetic_id) == 0
    assert service.sweep(work, timedelta(hours=1)) == 0


def test_the_bots_memory_of_swept_conversations_goes_as_well(
    work: Session, synthetic: Conversation, log_outlives_rows: None
) -> None:
    work.execute(text("CREATE TABLE rasa.events (sender_id varchar)"))
    add = text("INSERT INTO rasa.events VALUES (:one), ('a family')")
    work.execute(add, {"one": str(synthetic.id)})
    synthetic.opened_at = now() - LONG_AGO
    work.flush()
    service.sweep(work, timedelta(hours=1))

    assert work.scalars(text("SELECT sender_id FROM rasa.events")).all() == ["a family"]


def test_the_paths_age_outlives_the_sweep(work: Session) -> None:
    old = now() - LONG_AGO
    for number in range(3):
        at = old + timedelta(minutes=number)
        work.add(Probe(sid=f"SM{number}", started_at=at, finished_at=at if number < 2 else None))
    work.flush()
    service.sweep(work, timedelta(hours=1))

    found = service.health(work, timedelta(days=3))
    assert found.ok and found.last == old + timedelta(minutes=1)
    assert _count(work, Probe) == 1


# ----- how far one came -----


def test_a_step_that_is_missing_shows_and_the_path_is_not_through(work: Session, synthetic: Conversation) -> None:
    assert not service.follow(work, "SM1")
    work.flush()

    found = service.health(work, timedelta(minutes=2))
    assert not found.ok and found.age_seconds is None
    assert set(found.steps.values()) == {None}


def test_an_old_success_is_no_health(work: Session) -> None:
    at = now() - timedelta(seconds=151)
    work.add(Probe(sid="SM1", started_at=at, finished_at=at))
    work.flush()

    assert not service.health(work, timedelta(seconds=150)).ok
    assert service.health(work, timedelta(seconds=160)).ok


# ----- the worker watches the watcher -----


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_started", now() - timedelta(hours=1))
    monkeypatch.setenv("ALARM_EMAIL", "operator@charity.example")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize(("silent_for", "told"), [(None, 1), (121, 1), (60, 0)])
def test_a_silent_watcher_is_told_by_mail_once_in_a_while(
    work: Session, mailed: None, silent_for: int | None, told: int
) -> None:
    if silent_for is not None:
        work.add(WatcherSign(name="watcher", seen_at=now() - timedelta(seconds=silent_for)))
    work.add(WatcherSign(name="by hand", seen_at=now()))
    work.commit()
    for _ in range(2):
        jobs.watch_the_watcher(timestamp=0)
    work.expire_all()

    mails = work.scalars(select(Delivery).where(Delivery.reason == "alarm:watcher_silent")).all()
    assert [mail.address for mail in mails] == ["operator@charity.example"] * told


def test_a_watcher_that_starts_after_the_worker_is_not_called_silent(work: Session, mailed: None) -> None:
    jobs._started = now()
    jobs.watch_the_watcher(timestamp=0)

    assert _count(work, Delivery) == 0
