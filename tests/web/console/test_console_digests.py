"""Administration: who gets the daily mail, and from when."""

from datetime import time

import pytest
from sqlalchemy import select

from gateway.db import unit_of_work
from gateway.prisons.models import Prison
from gateway.staff.models import Staff


@pytest.fixture
def admin(sign_in):
    return sign_in(roles=["administrator"], name="Ada Example")


@pytest.fixture
def people(database):
    """Ann of Leeds, Bob of Hull, and Cy, who only counts."""
    with unit_of_work() as session:
        for name, prison, role in (
            ("Ann", "LEI", "officer"),
            ("Bob", "HLI", "family_worker"),
            ("Cy", "LEI", "analyst"),
        ):
            theirs = dict(email=f"{name}@prison.invalid", name=f"{name} Case", password="-", fs_uniquifier=name)
            session.add(Staff(**theirs, roles=[role], prisons=[session.get_one(Prison, prison)]))
        session.flush()
        return {staff.fs_uniquifier: staff.id for staff in session.scalars(select(Staff))}


def text_of(page):
    return " ".join(page.find("main").text.split())


def listed(page):
    return [" ".join(row.find("a").text.split()) for row in page.select("tbody tr")]


def kept(number):
    with unit_of_work() as session:
        staff = session.get_one(Staff, number)
        return staff.wants_digest, staff.digest_at


def test_it_is_set_for_one_person_at_an_hour_of_their_own_and_ended_again(admin, people, log):
    path = f"/console/people/{people['Ann']}/daily-mail"

    page = admin.post(path, digest="wanted", at="06:45")
    assert kept(people["Ann"]) == (True, time(6, 45))
    assert "The daily mail of Ann Case is set." in text_of(page)
    assert [" ".join(cell.text.split()) for cell in page.select("tbody td")][::2] == ["From 06:45", "No"]
    assert "Daily mail From 06:45" in text_of(admin.get(f"/console/people/{people['Ann']}"))
    form = admin.get(path)
    assert form.find(id="digest").has_attr("checked") and form.find(id="at")["value"] == "06:45"

    assert "was so before" in admin.post(path, digest="wanted", at="06:45").text
    admin.post(path, digest="wanted", at="")
    assert kept(people["Ann"]) == (True, None)
    admin.post(path)
    assert kept(people["Ann"]) == (False, None)
    rows = log("staff:digest_changed")
    assert [(row.details["wanted"], row.details["at"]) for row in rows] == [
        (True, "06:45"),
        (True, None),
        (False, None),
    ]
    assert {(row.actor, row.details["staff"]) for row in rows} == {(f"staff:{admin.staff_id}", people["Ann"])}


def test_each_change_stands_in_the_history_of_the_settings(admin, people):
    admin.post(f"/console/people/{people['Ann']}/daily-mail", digest="wanted", at="06:45")
    admin.post(f"/console/people/{people['Bob']}/daily-mail", digest="wanted")
    admin.post(f"/console/people/{people['Bob']}/daily-mail")

    text = text_of(admin.get("/console/settings"))

    assert "Ada Example: the daily mail of Ann Case is on, from 06:45." in text
    assert text.index("the daily mail of Bob Case is off.") < text.index("Bob Case is on, from the usual hour.")


def test_a_time_that_is_none_is_refused_in_words_and_nothing_changes(admin, people):
    for typed in ("7", "25:00", "07:30:15", "noon", "07:00+01:00"):
        page = admin.post(f"/console/people/{people['Ann']}/daily-mail", digest="wanted", at=typed, status=400)

        assert "Enter a time of day such as 07:30" in text_of(page) and page.find(id="at")["value"] == typed
        assert kept(people["Ann"]) == (False, None)


def test_those_are_listed_whose_work_is_with_concerns_and_who_gets_it_comes_first(admin, people):
    assert listed(admin.get("/console/daily-mail")) == ["Ann Case", "Bob Case"]

    admin.post(f"/console/people/{people['Bob']}/daily-mail", digest="wanted")
    assert listed(admin.get("/console/daily-mail")) == ["Bob Case", "Ann Case"]


def test_a_prisons_page_leads_to_its_people_alone(admin, people):
    prison = admin.get("/console/prisons/LEI")
    link = prison.find("a", string="Who gets the daily mail about this prison")["href"]

    page = admin.get(link)
    assert listed(page) == ["Ann Case"] and "Daily mail about HMP Leeds" in text_of(page)
    assert "Nobody who reads concerns has this prison." in text_of(admin.get("/console/daily-mail?prison=BMI"))
    admin.get("/console/daily-mail?prison=%00", status=404)
