"""While nobody answers: what the family hears, a concern that is raised or silent, and a day of the clock."""

import logging
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from factories import a_concern, a_conversation, a_message, a_risk
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gateway import config, db
from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns import acts, intake, service
from gateway.concerns.models import Concern
from gateway.conversations.models import Message
from gateway.deliveries.models import Delivery
from gateway.routing import service as routing_service
from gateway.routing.service import escalate, escalate_due
from gateway.routing.watch import watch
from gateway.spoken import spoken_time
from gateway.staff.models import Staff

MINUTE = timedelta(minutes=1)
EVENING = datetime(2026, 12, 24, 21, 0, tzinfo=UTC)


class Clock:
    """The time as the service sees it."""

    def __init__(self) -> None:
        self.at = EVENING

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    virtual = Clock()
    monkeypatch.setattr(db, "_clock", virtual)
    return virtual


@pytest.fixture
def staff(work: Session) -> Staff:
    officer = Staff(email="ann@prison.invalid", name="Ann Example", password="-", fs_uniquifier=uuid.uuid4().hex)
    work.add(officer)
    work.flush()
    return officer


@pytest.fixture
def alarm_email(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ALARM_EMAIL", "operator@x.invalid")
    config.settings.cache_clear()
    yield "operator@x.invalid"
    monkeypatch.undo()
    config.settings.cache_clear()


def _heard(work: Session, concern: Concern) -> list[str]:
    """What the service itself has told the family."""
    query = select(Message.text).where(Message.conversation_id == concern.conversation_id, Message.sender == "system")
    return list(work.scalars(query.order_by(Message.id)))


def _told(work: Session, concern: Concern) -> list[tuple[str, str]]:
    query = select(Delivery).where(Delivery.concern_id == concern.id).order_by(Delivery.id)
    return [(one.reason, one.address.partition("@")[0]) for one in work.scalars(query)]


def _let_alarm_come(work: Session, clock: Clock, concern: Concern) -> None:
    clock.at = concern.next_alarm_at
    assert escalate_due(work) == 1


# ----- the family's clock -----


@pytest.mark.parametrize("urgency, minutes", [("emergency", 5), ("urgent", 60)])
def test_when_the_first_clock_runs_out_the_family_hears_it_with_the_times_that_are_stored(
    work: Session, clock: Clock, urgency: str, minutes: int
) -> None:
    concern = a_concern(work, prison="LEI", urgency=urgency)
    _let_alarm_come(work, clock, concern)

    (said,) = _heard(work, concern)
    assert concern.next_alarm_at == EVENING + 2 * minutes * MINUTE
    assert f"At {spoken_time(clock.at)} we told the next people in charge" in said
    assert f"check again by {spoken_time(concern.next_alarm_at)}" in said
    assert concern.reference in said and "Orderly Officer" in said and "Ring the prison on" in said


def test_the_family_hears_once_that_nobody_has_read_it_however_often_staff_are_told(
    work: Session, clock: Clock
) -> None:
    concern = a_concern(work, urgency="emergency")
    for _ in range(4):
        _let_alarm_come(work, clock, concern)

    assert len(_heard(work, concern)) == 1


def test_what_can_wait_is_not_chased_with_the_family(work: Session, clock: Clock) -> None:
    concern = a_concern(work, urgency="routine")
    _let_alarm_come(work, clock, concern)

    assert _heard(work, concern) == []


def test_who_is_in_danger_themselves_is_given_the_crisis_lines_and_no_prison_to_ring(
    work: Session, clock: Clock
) -> None:
    concern = a_concern(work, prison="LEI", subject="caller", category="caller_risk", urgency="emergency")
    _let_alarm_come(work, clock, concern)

    (said,) = _heard(work, concern)
    assert "116 123" in said and "999" in said and "prison" not in said


def test_who_is_threatened_is_given_the_police_and_the_unwanted_contact_service(work: Session, clock: Clock) -> None:
    concern = a_concern(work, prison="LEI", subject="caller", category="threat_by_prisoner", urgency="urgent")
    _let_alarm_come(work, clock, concern)

    (said,) = _heard(work, concern)
    assert "999" in said and "0300 060 6699" in said


def test_after_stop_nothing_goes_to_the_telephone(work: Session, clock: Clock) -> None:
    conversation = a_conversation(work, "sms")
    conversation.stopped_at = clock.at
    concern = a_concern(work, conversation=conversation, urgency="emergency")
    _let_alarm_come(work, clock, concern)

    assert len(_heard(work, concern)) == 1
    assert work.scalars(select(Delivery).where(Delivery.reason == "reply")).all() == []


def test_an_alarm_that_the_family_was_told_of_is_never_put_off(work: Session, clock: Clock) -> None:
    concern = a_concern(work, prison=None, urgency="emergency")
    promised = concern.next_alarm_at
    clock.at += 3 * MINUTE
    service.enrich(work, concern, concern.opened_by, prison_id="LEI")
    assert concern.next_alarm_at == promised
    escalate(work, concern, why="a text did not arrive")

    assert concern.next_alarm_at == promised
    assert _heard(work, concern) == []  # the time that the family was told has not come
    assert _told(work, concern)[-1] == ("escalation", "safer-custody.lei")


# ----- it became worse -----


def test_a_rise_in_urgency_after_the_acknowledgement_must_be_read_again(
    work: Session, clock: Clock, staff: Staff
) -> None:
    concern = a_concern(work, prison="LEI", urgency="urgent")
    _let_alarm_come(work, clock, concern)
    acts.acknowledge(work, concern, staff.id)
    worse = a_message(work, "he has a blade in his cell", a_conversation_of(work, concern))
    turn = intake.take_in(work, worse.id, a_risk(urgency="emergency"), [])

    assert turn.concern is not None and turn.concern["event"] == "urgency_raised"
    assert (concern.status, concern.acknowledged_at, concern.escalation_step) == ("open", None, 0)
    assert concern.next_alarm_at == clock.at + 5 * MINUTE
    assert _told(work, concern)[-1] == ("alert", "safer-custody.lei")
    assert acts.acknowledge(work, concern, staff.id)


def test_after_such_a_rise_the_family_hears_again_when_nobody_answers(
    work: Session, clock: Clock, staff: Staff
) -> None:
    concern = a_concern(work, prison="LEI", urgency="urgent")
    _let_alarm_come(work, clock, concern)
    acts.acknowledge(work, concern, staff.id)
    worse = a_message(work, "he has a blade in his cell", a_conversation_of(work, concern))
    intake.take_in(work, worse.id, a_risk(urgency="emergency"), [])
    _let_alarm_come(work, clock, concern)

    assert ["Nobody has told us yet" in said for said in _heard(work, concern)] == [True, False, True]


def test_more_of_the_same_after_the_acknowledgement_is_an_update_and_opens_nothing_again(
    work: Session, clock: Clock, staff: Staff
) -> None:
    concern = a_concern(work, prison="LEI", urgency="emergency")
    acts.acknowledge(work, concern, staff.id)
    more = a_message(work, "he says it again", a_conversation_of(work, concern))
    intake.take_in(work, more.id, a_risk(urgency="emergency"), [])

    assert concern.status == "acknowledged" and _told(work, concern)[-1] == ("update", "safer-custody.lei")


def test_a_prison_number_that_comes_after_the_questions_reaches_staff_as_an_update_once(
    work: Session, clock: Clock
) -> None:
    concern = a_concern(work, prison="LEI")
    service.give_receipt(work, concern, concern.opened_by)
    before = len(_told(work, concern))
    late = a_message(work, "i found his number, it is A1234BC", a_conversation_of(work, concern))
    for _ in range(2):
        intake.take_in(work, late.id, a_risk(level="none"), [])

    assert concern.prisoner_number == "A1234BC"
    assert _told(work, concern)[before:] == [("update", "safer-custody.lei")]


def test_of_two_running_concerns_neither_takes_a_number_that_may_be_the_others(work: Session, clock: Clock) -> None:
    conversation = a_conversation(work)
    both = [a_concern(work, prison=prison, conversation=conversation) for prison in ("LEI", "DMI")]
    for concern in both:
        service.give_receipt(work, concern, concern.opened_by)
    late = a_message(work, "i found his number, it is A1234BC", conversation)
    intake.take_in(work, late.id, a_risk(level="none"), [])

    assert [concern.prisoner_number for concern in both] == [None, None]


def test_before_the_questions_are_done_the_dialogue_takes_the_details(work: Session, clock: Clock) -> None:
    concern = a_concern(work, prison="LEI")
    answer = a_message(work, "his number is A1234BC", a_conversation_of(work, concern))
    intake.take_in(work, answer.id, a_risk(level="none"), [])

    assert concern.prisoner_number is None


def a_conversation_of(work: Session, concern: Concern) -> Any:
    from gateway.conversations.models import Conversation

    return work.get_one(Conversation, concern.conversation_id)


# ----- the watch -----


def test_an_alarm_that_is_more_than_a_minute_late_is_loud_and_reaches_the_operator(
    work: Session, clock: Clock, alarm_email: str, caplog: pytest.LogCaptureFixture
) -> None:
    concern = a_concern(work, urgency="emergency")
    clock.at = concern.next_alarm_at + 61 * timedelta(seconds=1)
    with caplog.at_level(logging.ERROR):
        assert watch(work) == 1

    (mail,) = work.scalars(select(Delivery).where(Delivery.reason == "alarm:silent")).all()
    assert (mail.medium, mail.address) == ("email", alarm_email) and concern.reference in mail.body
    assert [record.message for record in caplog.records] == ["concern.silent", "alarm.raised"]


def test_a_concern_without_any_alarm_is_loud_even_if_the_database_once_let_it_in(
    work: Session, clock: Clock, alarm_email: str
) -> None:
    concern = a_concern(work)
    work.execute(text("ALTER TABLE concern DROP CONSTRAINT concern_open_has_alarm"))
    concern.next_alarm_at = None
    work.flush()

    assert watch(work) == 1


def test_the_operator_is_told_at_most_each_quarter_of_an_hour(work: Session, clock: Clock, alarm_email: str) -> None:
    concern = a_concern(work, urgency="emergency")
    clock.at = concern.next_alarm_at + 2 * MINUTE
    for _ in range(20):
        watch(work)
        clock.at += MINUTE

    assert len(work.scalars(select(Delivery).where(Delivery.reason == "alarm:silent")).all()) == 2


def test_nothing_is_loud_while_alarms_are_kept(work: Session, clock: Clock, alarm_email: str) -> None:
    concern = a_concern(work, urgency="emergency")
    clock.at = concern.next_alarm_at + timedelta(seconds=59)

    assert watch(work) == 0
    assert work.scalars(select(Delivery).where(Delivery.reason == "alarm:silent")).all() == []


def test_one_concern_that_cannot_be_told_of_holds_up_no_other(
    work: Session, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = a_concern(work, urgency="emergency"), a_concern(work, urgency="emergency")
    whole: Callable[..., None] = routing_service.alert

    def fails_for_one(session: Session, concern: Concern, **rest: Any) -> None:
        whole(session, concern, **rest)
        if concern.id == broken.id:
            raise ValueError("words of a family")

    monkeypatch.setattr(routing_service, "alert", fails_for_one)
    clock.at = max(broken.next_alarm_at, sound.next_alarm_at)
    assert escalate_due(work) == 1

    assert [reason for reason, _ in _told(work, sound)].count("escalation") == 2
    assert [reason for reason, _ in _told(work, broken)].count("escalation") == 0
    assert "concern.not_escalated" in caplog.messages and "words of a family" not in caplog.text


# ----- a day of it -----


def test_through_a_day_without_an_answer_staff_are_told_at_the_pace_of_the_clock(work: Session, clock: Clock) -> None:
    concern = a_concern(work, prison="LEI", urgency="urgent")
    work.commit()  # each line of the log has the time at which it was committed
    told_at = [clock.at]
    while clock.at < EVENING + timedelta(hours=24):
        clock.at += 5 * MINUTE
        if escalate_due(work):
            work.commit()
            told_at.append(clock.at)

    gaps = {later - sooner for sooner, later in zip(told_at, told_at[1:], strict=False)}
    assert gaps == {timedelta(hours=1)} and len(told_at) == 25
    logged = work.scalars(
        select(LogEntry.happened_at)
        .where(LogEntry.concern_id == concern.id, LogEntry.event == LogEvent.CONCERN_ROUTED.value)
        .order_by(LogEntry.id)
    )
    assert list(logged) == told_at
