"""Reports about one person are linked and never merged."""

import uuid

import pytest
from factories import a_concern
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns import service
from gateway.concerns.dossier import dossier
from gateway.concerns.links import linked
from gateway.concerns.models import Concern, ConcernLink
from gateway.concerns.same_person import normal_name, normal_number
from gateway.deliveries.models import Delivery
from gateway.prisons.models import Prison
from gateway.routing.service import alert
from gateway.staff.models import Staff


def _report(work: Session, name: str | None, number: str | None = None, prison: str = "LEI", **found: str) -> Concern:
    concern = a_concern(work, prison=prison, **found)
    service.enrich(work, concern, concern.opened_by, prisoner_name=name, prisoner_number=number)
    return concern


def _links(work: Session, concern: Concern) -> list[tuple[int, str]]:
    return [(one.concern.id, one.reason) for one in linked(work, concern)]


# ----- what is alike -----


@pytest.mark.parametrize(
    "one, other",
    [("Kyle Thompson", "kyle  THOMPSON"), ("Zoë O'Brien", "Zoe OBrien"), ("Jean-Luc Smith", "jean luc smith")],
)
def test_a_name_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other) != ""


def test_a_single_name_is_nobodys_alone() -> None:
    assert normal_name("Kyle") is None and normal_name(" ") is None and normal_name(None) is None


@given(st.text())
def test_normalising_twice_changes_nothing_more(name: str) -> None:
    once = normal_name(name)

    assert once is None or normal_name(once) == once


def test_a_number_is_the_same_with_spaces_and_small_letters() -> None:
    assert normal_number("a1234 bc") == normal_number("A1234BC") == "A1234BC" and normal_number(" ") is None


# ----- links -----


def test_the_same_name_in_the_same_prison_is_linked_from_both_sides(work: Session) -> None:
    first, second = _report(work, "Kyle Thompson"), _report(work, "kyle thompson")

    assert _links(work, second) == [(first.id, "name")] and _links(work, first) == [(second.id, "name")]
    assert (first.status, second.status) == ("open", "open")


def test_the_same_number_is_linked_whatever_the_prison_and_the_name(work: Session) -> None:
    first = _report(work, "Kyle Thompson", "A1234BC", prison="LEI")
    second = _report(work, None, "a1234bc", prison="DMI")

    assert _links(work, second) == [(first.id, "number")]


@pytest.mark.parametrize(
    "name, number, prison",
    [
        ("Kyle Thompson", None, "DMI"),  # the name elsewhere
        ("Kyle Thompson", "A9999XY", "LEI"),  # a father and a son have two numbers
        ("Kyle Thomson", None, "LEI"),
    ],
)
def test_another_person_is_not_linked(work: Session, name: str, number: str | None, prison: str) -> None:
    _report(work, "Kyle Thompson", "A1234BZ")
    other = _report(work, name, number, prison=prison)

    assert _links(work, other) == []


def test_a_correction_takes_back_a_link(work: Session) -> None:
    _report(work, "Kyle Thompson")
    second = _report(work, "Kyle Thompson")
    service.enrich(work, second, second.opened_by, prisoner_name="Carl Jones")

    assert _links(work, second) == [] and work.scalars(select(ConcernLink)).all() == []
    query = select(LogEntry.details).where(LogEntry.event == LogEvent.CONCERN_LINKED.value).order_by(LogEntry.id)
    assert [len(details["others"]) for details in work.scalars(query)] == [1, 0]


def test_a_prison_that_becomes_known_later_links_as_well(work: Session) -> None:
    first = _report(work, "Kyle Thompson")
    second = a_concern(work, prison=None)
    service.enrich(work, second, second.opened_by, prisoner_name="Kyle Thompson")
    assert _links(work, second) == []
    service.enrich(work, second, second.opened_by, prison_id="LEI")

    assert _links(work, second) == [(first.id, "name")]


def test_the_callers_own_risk_is_linked_to_nothing(work: Session) -> None:
    _report(work, "Kyle Thompson", "A1234BC")
    own = _report(work, "Kyle Thompson", "A1234BC", subject="caller")

    assert _links(work, own) == []


# ----- what staff see of them -----


def test_an_alert_counts_the_earlier_reports_and_names_nobody_in_its_text(work: Session) -> None:
    for _ in range(2):
        _report(work, "Kyle Thompson")
    third = _report(work, "Kyle Thompson")
    alert(work, third, reason="alert")

    mail = work.scalars(select(Delivery).where(Delivery.concern_id == third.id).order_by(Delivery.id.desc())).first()
    assert mail is not None and "Earlier reports about the same person: 2." in mail.body


def test_the_first_report_tells_of_no_earlier_ones(work: Session) -> None:
    first = _report(work, "Kyle Thompson")
    _report(work, "Kyle Thompson")
    alert(work, first, reason="escalation")

    assert not any(
        "Earlier reports" in body for body in work.scalars(select(Delivery.body).where(Delivery.concern_id == first.id))
    )


def test_an_alert_does_not_tell_a_team_that_there_is_an_allegation_about_it(work: Session) -> None:
    _report(work, "Kyle Thompson", category="staff_abuse")
    second = _report(work, "Kyle Thompson")
    alert(work, second, reason="alert")

    assert not any(
        "Earlier reports" in body
        for body in work.scalars(select(Delivery.body).where(Delivery.concern_id == second.id))
    )


def test_a_reader_sees_only_those_linked_concerns_that_are_theirs(work: Session) -> None:
    elsewhere = _report(work, "Kyle Thompson", "A1234BC", prison="DMI")
    here, again = _report(work, "Kyle Thompson", "A1234BC"), _report(work, "Kyle Thompson", "A1234BC")
    officer = Staff(email="ann@prison.invalid", name="Ann Example", password="-", fs_uniquifier=uuid.uuid4().hex)
    officer.prisons = [work.get_one(Prison, "LEI")]
    work.add(officer)
    work.flush()

    assert [one.concern.id for one in dossier(work, again, officer).linked] == [here.id]
    assert elsewhere.id in [one.concern.id for one in linked(work, again)]
