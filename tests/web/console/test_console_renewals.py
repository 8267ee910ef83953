"""The part of the queue that renews itself: no sign that anybody is there, and in the log only when it shows more."""

import pytest
from bs4 import BeautifulSoup

from gateway.db import unit_of_work
from gateway.staff.models import Staff
from gateway.staff.service import change

ASKED_BY_HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(sign_in, concern):
    concern(urgency="urgent")
    return sign_in("LEI")


def renew(person, page):
    """What the browser asks for after a quarter of a minute, as that page says."""
    live, shown = page.select_one("#live"), page.select_one("#live [name=shown]")["value"]
    return person.client.get(f"{live['data-hx-get']}&shown={shown}", headers=ASKED_BY_HTMX)


def swapped(page, html):
    """The page after the browser has put in what came."""
    live = page.select_one("#live")
    live.clear()
    live.append(BeautifulSoup(html, "html.parser"))
    return page


def test_a_renewal_that_shows_nothing_new_is_empty_and_no_row_in_the_log(desk, log):
    page = desk.get("/console/")
    before = len(log("staff:viewed_list"))

    answers = [renew(desk, page) for _ in range(3)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(204, b"")] * 3
    assert len(log("staff:viewed_list")) == before


def test_a_renewal_with_something_new_is_shown_and_logged_once(desk, concern, log):
    page = desk.get("/console/")
    new = concern(urgency="emergency")
    before = len(log("staff:viewed_list"))

    answer = renew(desk, page)
    now_there = swapped(page, answer.text)

    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert now_there.select_one(".console-list h2 a").text == new.reference
    assert now_there.select_one("#live title").text == "2 open concerns - Family Gateway"
    assert renew(desk, now_there).status_code == 204
    rows = log("staff:viewed_list")[before:]
    assert [new.id in row.details["concerns"] for row in rows] == [True]


def test_a_renewal_keeps_to_the_filter_of_its_page(desk, concern):
    page = desk.get("/console/?urgency=urgent")
    concern(urgency="routine", category="drugs")
    found = BeautifulSoup(renew(desk, page).text, "html.parser")

    assert found.h1.text == "1 of 2 open concerns"
    assert len(found.select(".console-list h2")) == 1


def test_an_emergency_is_named_for_the_alert_whatever_is_filtered_until_it_is_read(desk, concern):
    new = concern(urgency="emergency")
    concern(urgency="emergency", prison="HLI")

    def named():
        return desk.get("/console/?urgency=routine").select_one("#unread")["data-references"]

    assert named() == new.reference
    desk.post(f"/console/concerns/{new.reference}/acknowledge")
    assert named() == ""


def test_renewals_are_no_sign_that_anybody_is_there(desk):
    page = desk.get("/console/")
    with desk.client.session_transaction() as session:
        session["seen_at"] -= 1000
        before = session["seen_at"]

    renew(desk, page)
    with desk.client.session_transaction() as session:
        assert session["seen_at"] == before

    desk.get("/console/")
    with desk.client.session_transaction() as session:
        assert session["seen_at"] > before


def test_a_session_that_has_ended_is_told_inside_the_page_and_shows_no_list_and_no_sign_in(desk, concern):
    page = desk.get("/console/")
    reference = concern(urgency="emergency").reference
    with desk.client.session_transaction() as session:
        session["seen_at"] -= 3600

    for _ in range(2):  # the one that ends it, and one after
        answer = renew(desk, page)
        assert answer.status_code == 401 and answer.headers["HX-Reswap"] == "outerHTML"
        assert "You are signed out" in answer.text and "Sign in again" in answer.text
        assert "password" not in answer.text and reference not in answer.text
        assert "data-hx-get" not in answer.text  # so it asks no more
    assert desk.client.get("/console/").status_code == 302


def test_a_renewal_after_signing_out_elsewhere_shows_nothing(desk, web):
    page = desk.get("/console/")
    copy = web.application.test_client()
    copy.set_cookie("session", desk.client.get_cookie("session").value)

    desk.post("/console/sign-out")
    desk.client = copy

    assert renew(desk, page).status_code == 401


def test_a_renewal_for_somebody_who_lost_the_role_is_refused(desk):
    page = desk.get("/console/")
    with unit_of_work() as session:
        staff = session.get_one(Staff, desk.staff_id)
        change(session, staff, roles=["administrator"], prisons=["LEI"], reads_unrouted=False)

    assert renew(desk, page).status_code == 403


def test_the_live_part_opened_by_hand_is_the_queue(desk):
    answer = desk.client.get("/console/renewed?urgency=urgent")

    assert (answer.status_code, answer.location) == (302, "/console/")


def test_the_script_has_every_sentence_that_it_says(desk):
    page = desk.get("/console/")
    script = desk.client.get("/static/queue.js").text

    named = {part.split('"')[0] for part in script.split('say("')[1:]}
    assert named and all(page.find("template", id=f"say-{name}") for name in named)
