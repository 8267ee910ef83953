"""In whose hands a concern is, what was done about it, what was put right, and where it went."""

import json
import uuid
from collections.abc import Callable

import pytest
from factories import a_concern
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from gateway.audit.models import LogEntry, LogEvent
from gateway.cli import app
from gateway.concerns import acts, closing, corrections, hands, links, moving, service
from gateway.concerns.category import choose_again
from gateway.concerns.models import Concern, ConcernAction, ConcernCorrection, Urgency
from gateway.deliveries.models import Delivery
from gateway.privacy.removal import empty_concern
from gateway.routing.service import steps_of
from gateway.staff.models import Staff
from gateway.staff.service import add_staff

Join = Callable[..., Staff]


@pytest.fixture
def join(work: Session) -> Join:
    """Somebody new: `join("Ann Example", "LEI")`."""

    def joined(name: str, *prisons: str, reads_unrouted: bool = False) -> Staff:
        email = f"{name.split()[0].lower()}@prison.invalid"
        return add_staff(work, email, name, "twelve plain signs", list(prisons), reads_unrouted)

    return joined


def events(work: Session, concern: Concern, *wanted: LogEvent) -> list[LogEntry]:
    query = select(LogEntry).where(LogEntry.concern_id == concern.id, LogEntry.event.in_([one.value for one in wanted]))
    return list(work.scalars(query.order_by(LogEntry.id)))


def told(work: Session, concern: Concern, reason: str) -> list[str]:
    query = select(Delivery.address).where(Delivery.concern_id == concern.id, Delivery.reason == reason)
    return list(work.scalars(query.order_by(Delivery.id)))


# ----- in whose hands -----


def test_who_acknowledges_has_it_in_hand_and_a_colleague_can_take_it(work: Session, join: Join) -> None:
    ann, bob, concern = join("Ann Example", "LEI"), join("Bob Example", "LEI"), a_concern(work)
    acts.acknowledge(work, concern, ann.id)
    assert concern.assigned_to == ann.id

    assert hands.claim(work, concern, bob.id) and not hands.claim(work, concern, bob.id)
    assert (concern.assigned_to, concern.acknowledged_by) == (bob.id, ann.id)
    (entry,) = events(work, concern, LogEvent.CONCERN_CLAIMED)
    assert entry.actor == f"staff:{bob.id}" and entry.details == {"before": ann.id}


def test_who_takes_what_nobody_has_read_acknowledges_it(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work)

    assert hands.claim(work, concern, ann.id)
    assert (concern.status, concern.acknowledged_by, concern.assigned_to) == ("acknowledged", ann.id, ann.id)


def test_a_colleague_who_is_given_it_is_told_without_the_familys_words(work: Session, join: Join) -> None:
    ann, bob = join("Ann Example", "LEI"), join("Bob Example", "LEI")
    concern = a_concern(work, "he is called Sam Sample", details={"prisoner_name": "Sam Sample"})
    alarm = concern.next_alarm_at

    assert hands.assign(work, concern, ann.id, bob.id) and not hands.assign(work, concern, ann.id, bob.id)
    assert concern.assigned_to == bob.id and (concern.status, concern.next_alarm_at) == ("open", alarm)
    (mail,) = work.scalars(select(Delivery).where(Delivery.reason == "assigned")).all()
    assert mail.address == bob.email and concern.reference in mail.body and "Sam" not in mail.body


@pytest.mark.parametrize("name, prisons", [("Bob Example", ["HLI"]), ("Bob Example", [])])
def test_nobody_is_given_what_they_may_not_see(work: Session, join: Join, name: str, prisons: list[str]) -> None:
    ann, bob, concern = join("Ann Example", "LEI"), join(name, *prisons), a_concern(work)

    assert hands.colleagues(work, concern, but=ann.id) == []
    with pytest.raises(hands.NotAColleague):
        hands.assign(work, concern, ann.id, bob.id)
    bob.active = False
    with pytest.raises(hands.NotAColleague):
        hands.hand_over(work, concern, ann.id, bob.id, "look in on him")
    assert concern.assigned_to is None


def test_what_is_handed_over_leaves_a_note_for_whoever_comes_and_once(work: Session, join: Join) -> None:
    ann, concern, form = join("Ann Example", "LEI"), a_concern(work), uuid.uuid4()
    acts.acknowledge(work, concern, ann.id)

    assert hands.hand_over(work, concern, ann.id, None, "the wing rings back at 7", form)
    assert not hands.hand_over(work, concern, ann.id, None, "the wing rings back at 7", form)
    assert concern.assigned_to is None and concern.next_alarm_at is not None
    assert [(note.kind, note.text) for note in acts.notes(work, concern)] == [("handover", "the wing rings back at 7")]
    (entry,) = events(work, concern, LogEvent.CONCERN_HANDED_OVER)
    assert "wing" not in str(entry.details)


# ----- what was done -----


def test_what_was_done_is_of_the_list_and_recorded_once(work: Session, join: Join) -> None:
    ann, concern, form = join("Ann Example", "LEI"), a_concern(work), uuid.uuid4()

    with pytest.raises(KeyError):
        acts.record_action(work, concern, ann.id, "had a look")
    assert acts.record_action(work, concern, ann.id, "acct_opened", "with the night manager", form)
    assert not acts.record_action(work, concern, ann.id, "acct_opened", "with the night manager", form)
    assert [one.kind for one in work.scalars(select(ConcernAction))] == ["acct_opened"]
    assert [note.text for note in acts.notes(work, concern)] == ["with the night manager"]
    assert [entry.details["kind"] for entry in events(work, concern, LogEvent.CONCERN_ACTION)] == ["acct_opened"]
    assert concern.status == "open"


# ----- putting right -----


def test_a_correction_that_raises_urgency_alarms_again_and_must_be_read(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work, urgency="routine")
    acts.acknowledge(work, concern, ann.id)
    alarm, before = concern.next_alarm_at, len(told(work, concern, "alert"))

    assert corrections.correct(work, concern, ann.id, "he said tonight", urgency="emergency") == ["urgency"]
    assert (concern.urgency, concern.status, concern.acknowledged_by) == ("emergency", "open", None)
    assert len(told(work, concern, "alert")) > before
    assert concern.next_alarm_at is not None and alarm is not None and concern.next_alarm_at < alarm
    (row,) = work.scalars(select(ConcernCorrection)).all()
    assert (row.field, row.before, row.after, row.model_version) == ("urgency", "routine", "emergency", "test-1")
    (entry,) = events(work, concern, LogEvent.CONCERN_CORRECTED)
    assert entry.actor == f"staff:{ann.id}" and "tonight" not in str(entry.details)


def test_a_correction_that_lowers_urgency_alarms_nobody_and_takes_no_alarm_away(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work, urgency="emergency")
    alarm, before = concern.next_alarm_at, told(work, concern, "alert")
    corrections.correct(work, concern, ann.id, "an old letter", urgency="routine")

    assert concern.urgency == "routine" and concern.next_alarm_at == alarm
    assert told(work, concern, "alert") == before


def test_another_category_goes_its_own_route_and_the_computer_does_not_change_it_back(
    work: Session, join: Join
) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work, category="violence_bullying")
    corrections.correct(work, concern, ann.id, "it is an officer who hits him", category="staff_abuse")
    people = {contact.address for contact in steps_of(concern)[0].tell}
    assert people <= set(told(work, concern, "alert"))

    corrections.correct(work, concern, ann.id, "it is not", category="other")
    assert not choose_again(work, concern, "drugs", concern.opened_by, raised=True)
    assert concern.category == "other"


def test_nothing_is_put_right_to_what_is_not_in_the_lists_or_to_what_it_is(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work)

    with pytest.raises(KeyError):
        corrections.correct(work, concern, ann.id, "because", urgency="whenever")
    assert corrections.correct(work, concern, ann.id, "because", urgency=concern.urgency) == []
    assert acts.notes(work, concern) == []


def test_a_closed_concern_is_put_right_without_an_alarm(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work, urgency="routine")
    closing.close(work, concern, ann.id, "welfare_check")
    before = told(work, concern, "alert")
    corrections.correct(work, concern, ann.id, "it was worse", urgency="emergency")

    assert (concern.urgency, concern.status) == ("emergency", "closed") and told(work, concern, "alert") == before


def test_corrections_are_exported_with_the_words_and_the_reason(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work, "he owes for vapes", category="drugs")
    corrections.correct(work, concern, ann.id, "it is debt", category="debt_threats")
    work.commit()

    (line,) = CliRunner().invoke(app, ["concerns", "corrections"]).stdout.splitlines()
    found = json.loads(line)
    assert found.pop("at")
    assert found == {
        "reference": concern.reference, "field": "category", "before": "drugs", "after": "debt_threats",
        "reason": "it is debt", "words": ["he owes for vapes"], "model_version": "test-1",
    }  # fmt: skip


def test_an_emptied_concern_keeps_what_was_put_right_without_words(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work, "he owes for vapes", category="drugs")
    corrections.correct(work, concern, ann.id, "it is debt", category="debt_threats")
    closing.close(work, concern, ann.id, "welfare_check")
    empty_concern(work, concern)

    (found,) = corrections.corrections(work)
    assert (found["after"], found["reason"], found["words"]) == ("debt_threats", "", [])


# ----- another prison -----


def test_a_moved_concern_alarms_its_new_prison_from_the_first_step_with_its_history(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work, prison="LEI")
    acts.acknowledge(work, concern, ann.id)
    acts.add_note(work, concern, ann.id, "not on our roll")
    concern.escalation_step = 2

    assert moving.move(work, concern, ann.id, "HLI", "he went there on Monday")
    assert (concern.prison_id, concern.escalation_step, concern.assigned_to) == ("HLI", 0, None)
    assert (concern.status, concern.acknowledged_by) == ("open", None)
    assert told(work, concern, "alert")[-1] == "safer-custody.hli@gateway.invalid"
    assert [note.text for note in acts.notes(work, concern)] == ["not on our roll", "he went there on Monday"]


def test_the_prison_that_it_left_sees_that_it_went_and_no_more(work: Session, join: Join) -> None:
    ann, hull, durham = join("Ann Example", "LEI"), join("Hal Example", "HLI"), join("Dee Example", "DMI")
    concern = a_concern(work, prison="LEI")
    moving.move(work, concern, ann.id, "HLI", "he went there")

    assert [(one.reference, one.prison) for one in moving.moved_away(work, ann)] == [
        (concern.reference, "HMP/YOI Hull")
    ]
    assert moving.moved_away(work, hull) == moving.moved_away(work, durham) == []


def test_nothing_moves_twice_nowhere_or_from_a_callers_own_risk(work: Session, join: Join) -> None:
    ann, concern = join("Ann Example", "LEI"), a_concern(work, prison="LEI")
    own = a_concern(work, prison=None, subject="caller", category="caller_risk")

    assert not moving.move(work, concern, ann.id, "LEI", "it is here")
    for one, prison in ((concern, "ZZZ"), (own, "HLI")):
        with pytest.raises(moving.CannotMove):
            moving.move(work, one, ann.id, prison, "there")
    assert moving.destinations(work, own) == []
    assert "LEI" not in {prison.id for prison in moving.destinations(work, concern)}


# ----- links by hand -----


def test_what_staff_link_or_keep_apart_stays_so_whatever_the_facts_say(work: Session, join: Join) -> None:
    ann = join("Ann Example", "LEI")
    one, alike, unlike = a_concern(work), a_concern(work), a_concern(work)
    for concern in (one, alike):
        service.enrich(work, concern, concern.opened_by, prisoner_name="Kyle Thompson")
    assert [found.concern.id for found in links.linked(work, one)] == [alike.id]

    assert links.unlink(work, one, ann.id, alike) and not links.unlink(work, one, ann.id, alike)
    assert links.link_by_hand(work, one, ann.id, unlike) and not links.link_by_hand(work, unlike, ann.id, one)
    assert not links.link_by_hand(work, one, ann.id, one)
    service.enrich(work, one, one.opened_by, prisoner_number="A1234BC")
    service.enrich(work, alike, alike.opened_by, prisoner_number="A1234BC")

    assert [(found.concern.id, found.reason) for found in links.linked(work, one)] == [(unlike.id, "staff")]
    assert links.linked(work, alike) == []
    for concern in (one, alike):
        assert len(events(work, concern, LogEvent.CONCERN_UNLINKED_BY_STAFF)) == 1


def test_what_was_kept_apart_can_be_linked_again(work: Session, join: Join) -> None:
    ann, one, other = join("Ann Example", "LEI"), a_concern(work), a_concern(work)
    links.link_by_hand(work, one, ann.id, other)
    links.unlink(work, other, ann.id, one)

    assert links.link_by_hand(work, other, ann.id, one)
    assert [found.concern.id for found in links.linked(work, one)] == [other.id]


def test_urgencies_are_ranked_as_they_are_stored() -> None:
    assert sorted(service.RANK, key=service.RANK.__getitem__) == [one.value for one in reversed(Urgency)]
