"""Who is told of a concern and when the next are: the ladder, the clocks and the promise of never being silent."""

import uuid
from datetime import timedelta

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from factories import a_concern
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns import acts, closing, service
from gateway.concerns.models import Concern
from gateway.config import ROOT
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.routing import service as routing_service
from gateway.routing.routes import Contact, Routing, Step
from gateway.routing.service import alert, escalate_due
from gateway.spoken import spoken_time
from gateway.staff.models import Staff

MINUTE = timedelta(minutes=1)


@pytest.fixture
def staff(work: Session) -> Staff:
    officer = Staff(email="ann@prison.invalid", name="Ann Example", password="-", fs_uniquifier=uuid.uuid4().hex)
    work.add(officer)
    work.flush()
    return officer


def _alerts(work: Session, concern: Concern) -> list[Delivery]:
    return list(work.scalars(select(Delivery).where(Delivery.concern_id == concern.id).order_by(Delivery.id)).all())


def _told(work: Session, concern: Concern, reason: str) -> list[str]:
    return [delivery.address.partition("@")[0] for delivery in _alerts(work, concern) if delivery.reason == reason]


def _make_due(work: Session, concern: Concern) -> None:
    concern.next_alarm_at = now() - MINUTE
    work.flush()


def _pass_time(work: Session, concern: Concern) -> list[str]:
    """Let the alarm come, and say who was told then."""
    before = len(_alerts(work, concern))
    _make_due(work, concern)
    assert escalate_due(work) == 1
    return [delivery.address.partition("@")[0] for delivery in _alerts(work, concern)[before:]]


# ----- the clocks -----


@pytest.mark.parametrize("urgency, minutes", [("emergency", 5), ("urgent", 60)])
def test_an_open_concern_has_its_next_alarm_as_soon_as_its_urgency_asks(
    work: Session, urgency: str, minutes: int
) -> None:
    concern = a_concern(work, urgency=urgency)

    assert (minutes - 1) * MINUTE < concern.next_alarm_at - now() <= minutes * MINUTE


@pytest.mark.parametrize("urgency, minutes", [("emergency", 60), ("urgent", 480), ("routine", 2880)])
def test_an_acknowledged_concern_has_an_alarm_for_its_review(
    work: Session, staff: Staff, urgency: str, minutes: int
) -> None:
    concern = a_concern(work, urgency=urgency)
    acts.acknowledge(work, concern, staff.id)

    assert (minutes - 1) * MINUTE < concern.next_alarm_at - now() <= minutes * MINUTE


def test_news_of_a_concern_does_not_put_its_alarm_off(work: Session) -> None:
    concern = a_concern(work)
    concern.next_alarm_at = soon = now() + MINUTE
    alert(work, concern, reason="update")

    assert concern.next_alarm_at == soon


# ----- the ladder -----


def test_nobody_is_told_before_the_alarm_comes(work: Session) -> None:
    concern = a_concern(work)

    assert escalate_due(work) == 0
    assert _told(work, concern, "escalation") == [] and concern.escalation_step == 0


def test_each_alarm_tells_the_next_step_and_the_last_is_told_again_and_again(work: Session) -> None:
    concern = a_concern(work, prison="LEI")
    lead = ["regional-lead", "duty-governor.lei"]

    assert _pass_time(work, concern) == ["duty-governor.lei", "safer-custody.lei"]
    assert _pass_time(work, concern) == lead
    assert _pass_time(work, concern) == lead
    assert _pass_time(work, concern) == lead


def test_after_each_alarm_there_is_a_next_one_in_the_future(work: Session) -> None:
    concern = a_concern(work, urgency="emergency")

    for _ in range(6):
        _pass_time(work, concern)
        assert now() < concern.next_alarm_at <= now() + 5 * MINUTE


def test_one_look_tells_of_each_concern_once(work: Session) -> None:
    concern = a_concern(work)
    _make_due(work, concern)

    assert [escalate_due(work), escalate_due(work)] == [1, 0]
    assert len(_told(work, concern, "escalation")) == 2


def test_the_most_overdue_are_told_of_first_and_the_rest_at_the_next_look(work: Session) -> None:
    later, sooner = a_concern(work), a_concern(work)
    later.next_alarm_at, sooner.next_alarm_at = now() - MINUTE, now() - 2 * MINUTE
    work.flush()

    assert escalate_due(work, limit=1) == 1
    assert (sooner.escalation_step, later.escalation_step) == (1, 0)
    assert escalate_due(work, limit=1) == 1
    assert later.escalation_step == 1


def test_what_is_closed_never_alarms(work: Session, staff: Staff) -> None:
    concern = a_concern(work)
    closing.close(work, concern, staff.id, "welfare_check")
    concern.next_alarm_at = now() - MINUTE
    work.flush()

    assert escalate_due(work) == 0


def test_what_was_acknowledged_and_is_not_finished_in_time_is_told_as_that(work: Session, staff: Staff) -> None:
    concern = a_concern(work)
    acts.acknowledge(work, concern, staff.id)
    _pass_time(work, concern)

    assert _told(work, concern, "escalation") == []
    review = [delivery for delivery in _alerts(work, concern) if delivery.reason == "review"]
    assert review and all("NOT YET FINISHED" in str(delivery.subject) for delivery in review)
    assert concern.next_alarm_at > now()


def test_each_escalation_is_in_the_log_with_whom_it_told(work: Session) -> None:
    concern = a_concern(work, prison="LEI")
    ran_out = now() - MINUTE
    _pass_time(work, concern)

    entries = work.scalars(select(LogEntry).where(LogEntry.concern_id == concern.id).order_by(LogEntry.id)).all()
    routed = [entry.details for entry in entries if entry.event == LogEvent.CONCERN_ROUTED.value]
    told = [(about["step"], about["people"], about["reason"], about["hours"]) for about in routed]
    assert told == [("safer custody", 1, "alert", ["always"]), ("duty governor", 2, "escalation", ["always"])]
    assert routed[0]["why"] == "the concern was opened"
    assert routed[1]["why"] == f"not acknowledged by {spoken_time(ran_out)} (time allowed: 60 minutes)"
    assert routed[1]["due"] == concern.next_alarm_at.isoformat()
    assert [entry.details["step"] for entry in entries if entry.event == LogEvent.CONCERN_ESCALATED.value] == [1]


def test_since_when_a_concern_is_overdue_begins_anew_with_each_clock(work: Session, staff: Staff) -> None:
    concern = a_concern(work)

    def runs_out() -> None:
        assert concern.escalated_at is None
        began = now()
        _pass_time(work, concern)
        first = concern.escalated_at
        _pass_time(work, concern)
        assert began <= first == concern.escalated_at

    runs_out()
    acts.acknowledge(work, concern, staff.id)
    runs_out()
    closing.close(work, concern, staff.id, "welfare_check")
    closing.reopen(work, concern, staff.id, "reason")
    runs_out()


def test_the_migration_reads_from_the_log_since_when_a_concern_is_overdue(work: Session, staff: Staff) -> None:
    made = {name: a_concern(work) for name in ("waits", "late", "read", "read late", "reopened", "reopened late")}
    for name, concern in made.items():
        if name != "waits":
            _pass_time(work, concern)
        if name.startswith("read"):
            acts.acknowledge(work, concern, staff.id)
        if name.startswith("reopened"):
            closing.close(work, concern, staff.id, "welfare_check")
            closing.reopen(work, concern, staff.id, "reason")
        if name.endswith("late"):
            _pass_time(work, concern)
    work.commit()  # the log is written when the transaction commits
    kept = select(Concern.id, Concern.escalated_at).where(Concern.escalated_at.is_not(None)).order_by(Concern.id)
    before = work.execute(kept).all()

    work.execute(update(Concern).values(escalated_at=None))
    script = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_revision("0024")
    work.execute(text(script.module.FILL))

    after = work.execute(kept).all()
    assert [id for id, _ in before] == [made[name].id for name in made if name.endswith("late")]
    assert [id for id, _ in after] == [id for id, _ in before]
    for (_, set_at), (_, logged_at) in zip(before, after, strict=True):
        assert abs(set_at - logged_at) < timedelta(seconds=5)


# ----- the routes -----


def test_a_prison_that_is_not_known_goes_to_the_duty_desk_and_up(work: Session) -> None:
    concern = a_concern(work, prison=None)

    assert _told(work, concern, "alert") == ["duty-desk"]
    assert _pass_time(work, concern) == ["regional-lead", "duty-desk"]


def test_naming_the_prison_later_tells_that_prison_from_its_first_step_on(work: Session) -> None:
    concern = a_concern(work, prison=None)
    _pass_time(work, concern)
    service.enrich(work, concern, concern.opened_by, prison_id="HLI")

    assert _told(work, concern, "alert") == ["duty-desk", "safer-custody.hli"]
    assert concern.next_alarm_at > now()
    assert _pass_time(work, concern) == ["duty-governor.hli", "safer-custody.hli"]


def test_the_callers_own_risk_never_reaches_a_prison(work: Session) -> None:
    concern = a_concern(work, prison="LEI", subject="caller")
    for _ in range(4):
        _pass_time(work, concern)

    assert concern.prison_id is None
    assert not [
        delivery for delivery in _alerts(work, concern) if "lei" in delivery.address.lower().split("@")[0].split(".")
    ]
    assert _told(work, concern, "alert") == ["duty-desk"]


def test_an_allegation_against_staff_is_told_beyond_the_team_it_is_about(work: Session) -> None:
    concern = a_concern(work, prison="LEI", category="staff_abuse")

    assert _told(work, concern, "alert") == ["duty-governor.lei", "regional-lead"]
    assert _pass_time(work, concern) == ["regional-lead", "duty-desk"]


def test_an_allegation_without_a_prison_is_told_to_people_who_exist(work: Session) -> None:
    concern = a_concern(work, prison=None, category="staff_abuse")

    assert _told(work, concern, "alert") == ["regional-lead"]


# ----- what they are told -----


def test_a_mail_to_staff_holds_all_the_words_what_is_known_and_the_way_to_the_concern(work: Session) -> None:
    known = {"prisoner_name": "Kyle Thompson", "contact_allowed": False, "tell_prisoner": True}
    concern = a_concern(work, "he says he will do it tonight", prison="LEI", urgency="emergency", details=known)
    alert(work, concern, reason="alert")

    mail = _alerts(work, concern)[-1]
    assert mail.medium == "email"
    assert "he says he will do it tonight" in mail.body
    assert "Prisoner's name: Kyle Thompson" in mail.body
    assert "Staff may contact them: no" in mail.body and "The prisoner may be told who spoke: yes" in mail.body
    assert f"/console/concerns/{concern.reference}" in mail.body
    assert mail.subject == f"Emergency: concern {concern.reference}, HMP Leeds"


def test_a_text_to_staff_names_no_person_and_holds_no_words(work: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = a_concern(
        work, "my son Kyle will do it tonight", prison="LEI", details={"prisoner_name": "Kyle Thompson"}
    )
    by_text = (Step("duty governor", (Contact("sms", "+447700900555"),)),)
    clocks = {name: 5 * MINUTE for name in ("emergency", "urgent", "routine")}
    routing = Routing(clocks, clocks, {"default": by_text})
    monkeypatch.setattr(routing_service, "routing", lambda: routing)
    alert(work, concern, reason="alert")

    text = _alerts(work, concern)[-1]
    assert (text.medium, text.address, text.subject) == ("sms", "+447700900555", None)
    assert concern.reference in text.body and "HMP Leeds" in text.body
    assert "Kyle" not in text.body and "tonight" not in text.body


def test_no_subject_of_a_mail_names_a_person(work: Session) -> None:
    concern = a_concern(work, "my son Kyle will do it tonight", details={"prisoner_name": "Kyle Thompson"})
    for reason in ("alert", "update", "escalation", "review"):
        alert(work, concern, reason=reason)

    assert not any("Kyle" in str(delivery.subject) for delivery in _alerts(work, concern))
