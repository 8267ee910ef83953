"""Closing: an emergency needs a second person, and what is closed can be opened again."""

import uuid
from datetime import timedelta

import pytest
from factories import a_concern
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns import closing, corrections
from gateway.concerns.models import Concern
from gateway.conversations.models import Message
from gateway.db import now
from gateway.deliveries.models import Delivery
from gateway.routing.service import escalate_due
from gateway.staff.models import Staff
from gateway.staff.service import add_staff
from gateway.wording import say


@pytest.fixture
def ann(work: Session) -> Staff:
    return add_staff(work, "ann@prison.invalid", "Ann Example", "twelve plain signs", ["LEI"], False)


@pytest.fixture
def bob(work: Session) -> Staff:
    return add_staff(work, "bob@prison.invalid", "Bob Example", "twelve plain signs", ["LEI"], False)


@pytest.fixture
def emergency(work: Session) -> Concern:
    return a_concern(work, urgency="emergency")


def said(work: Session, concern: Concern) -> list[str]:
    query = select(Message.text).where(Message.conversation_id == concern.conversation_id, Message.sender == "system")
    return list(work.scalars(query.order_by(Message.id)))


def details(work: Session, concern: Concern, event: LogEvent) -> list[dict[str, object]]:
    query = select(LogEntry.details).where(LogEntry.concern_id == concern.id, LogEntry.event == event.value)
    return list(work.scalars(query.order_by(LogEntry.id)))


def test_one_person_does_not_close_an_emergency_and_its_clocks_run_on(
    work: Session, ann: Staff, emergency: Concern
) -> None:
    assert not closing.close(work, emergency, ann.id, "acct_opened")

    assert (emergency.status, emergency.outcome, emergency.closed_at) == ("acknowledged", None, None)
    assert (emergency.proposed_by, emergency.proposed_outcome) == (ann.id, "acct_opened")
    assert len(said(work, emergency)) == 1  # that it was read, and not that it is finished
    assert work.scalars(select(Delivery.address).where(Delivery.reason == "confirm")).all()
    assert emergency.next_alarm_at is not None
    emergency.next_alarm_at = now() - timedelta(seconds=1)
    assert escalate_due(work) == 1


def test_the_same_person_pressing_again_closes_nothing_and_tells_nobody_again(
    work: Session, ann: Staff, emergency: Concern
) -> None:
    closing.close(work, emergency, ann.id, "acct_opened")

    assert not closing.close(work, emergency, ann.id, "acct_opened")
    with pytest.raises(closing.OwnProposal):
        closing.confirm(work, emergency, ann.id)
    assert emergency.status == "acknowledged"
    assert len(details(work, emergency, LogEvent.CONCERN_CLOSE_PROPOSED)) == 1


def test_a_second_person_confirms_and_both_are_in_the_log(
    work: Session, ann: Staff, bob: Staff, emergency: Concern
) -> None:
    closing.close(work, emergency, ann.id, "acct_opened")
    closing.confirm(work, emergency, bob.id)

    assert (emergency.status, emergency.outcome, emergency.closed_by) == ("closed", "acct_opened", bob.id)
    assert emergency.next_alarm_at is None and emergency.proposed_by is None
    assert details(work, emergency, LogEvent.CONCERN_CLOSED) == [
        {"outcome": "acct_opened", "told": "fitting", "proposed_by": ann.id}
    ]
    assert say("closed.acted", reference=emergency.reference) == said(work, emergency)[-1]
    with pytest.raises(closing.AlreadyClosed):
        closing.confirm(work, emergency, bob.id)


def test_a_second_person_who_closes_it_with_another_outcome_confirms_too(
    work: Session, ann: Staff, bob: Staff, emergency: Concern
) -> None:
    closing.close(work, emergency, ann.id, "acct_opened")

    assert closing.close(work, emergency, bob.id, "healthcare_told")
    assert emergency.outcome == "healthcare_told"


def test_a_second_person_can_keep_it_open_with_a_reason(
    work: Session, ann: Staff, bob: Staff, emergency: Concern
) -> None:
    closing.close(work, emergency, ann.id, "acct_opened")

    assert closing.keep_open(work, emergency, bob.id, "nobody has seen him yet")
    assert emergency.proposed_by is None and emergency.status == "acknowledged"
    with pytest.raises(closing.NothingProposed):
        closing.confirm(work, emergency, bob.id)
    assert details(work, emergency, LogEvent.CONCERN_KEPT_OPEN)[0]["proposed_by"] == ann.id


def test_nobody_gets_round_the_second_person_by_making_less_of_it(
    work: Session, ann: Staff, bob: Staff, emergency: Concern
) -> None:
    corrections.correct(work, emergency, ann.id, "it is not so bad", urgency="routine")

    assert not closing.close(work, emergency, ann.id, "no_further_action")
    assert closing.close(work, emergency, bob.id, "no_further_action")


def test_what_is_no_emergency_one_person_closes(work: Session, ann: Staff) -> None:
    concern = a_concern(work, urgency="urgent")

    assert closing.close(work, concern, ann.id, "welfare_check", "finished")
    assert said(work, concern)[-1] == say("family.closed", reference=concern.reference)
    assert details(work, concern, LogEvent.CONCERN_CLOSED)[0]["told"] == "finished"


def test_what_the_family_is_told_is_of_the_list(work: Session, ann: Staff) -> None:
    concern = a_concern(work)

    with pytest.raises(KeyError):
        closing.close(work, concern, ann.id, "welfare_check", "he is fine")
    assert concern.status == "open" and said(work, concern) == []


def test_a_closed_concern_is_opened_again_with_a_reason_and_alarms(work: Session, ann: Staff) -> None:
    concern, form = a_concern(work), uuid.uuid4()
    closing.close(work, concern, ann.id, "welfare_check")
    before = len(work.scalars(select(Delivery.id).where(Delivery.reason == "alert")).all())

    assert closing.reopen(work, concern, ann.id, "his mother rang again", form)
    assert not closing.reopen(work, concern, ann.id, "his mother rang again", form)
    assert (concern.status, concern.outcome, concern.acknowledged_by, concern.closed_at) == ("open", None, None, None)
    assert concern.next_alarm_at is not None and concern.next_alarm_at > now()
    assert len(work.scalars(select(Delivery.id).where(Delivery.reason == "alert")).all()) > before
    (row,) = details(work, concern, LogEvent.CONCERN_REOPENED)
    assert row["was_closed"] is True and "mother" not in str(row)


def test_what_is_open_or_was_deleted_is_not_opened_again(work: Session, ann: Staff) -> None:
    concern = a_concern(work)
    assert not closing.reopen(work, concern, ann.id, "because")
    closing.close(work, concern, ann.id, "welfare_check")
    concern.erased_at = now()

    assert not closing.reopen(work, concern, ann.id, "because") and concern.status == "closed"
