"""Administration: who is told about a prison's concerns, and trying whether they can be reached."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.config import ROOT
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import begin_attempt, not_sent, sent
from gateway.routing import places, routes
from gateway.wording import choices

OWN = """
prisons:
  LEI:
    - step: safer custody
      tell:
        - email: safer.custody@leeds.invalid
        - sms: "+447700900123"
          on: [nights]
        - call: "+447700900124"
        - webhook: https://leeds.invalid/alerts
"""


@pytest.fixture
def admin(sign_in):
    return sign_in(roles=["administrator"], name="Ada Example")


@pytest.fixture
def leeds(tmp_path: Path, monkeypatch):
    """Leeds has people of its own."""
    text = (ROOT / "data" / "routing.yml").read_text(encoding="utf-8").replace("prisons: {}\n", OWN)
    (tmp_path / "routing.yml").write_text(text, encoding="utf-8")
    loaded = routes.load(tmp_path / "routing.yml")
    for module in (places, routes):
        monkeypatch.setattr(module, "routing", lambda: loaded)


def text_of(page):
    return " ".join(page.find("main").text.split())


def key(page, address):
    """What the button beside an address sends."""
    contact = next(one for one in page.select(".console-contact") if address in one.text)
    return contact.find("input", attrs={"name": "contact"})["value"]


def trials_sent():
    with unit_of_work() as session:
        return list(session.scalars(select(Delivery).where(Delivery.reason == "test").order_by(Delivery.id)))


def test_every_step_and_everybody_on_it_is_shown(admin, leeds):
    text = text_of(admin.get("/console/prisons/LEI"))

    for expected in (
        "Step 1: safer custody", "safer.custody@leeds.invalid, by e-mail. Always on duty",
        "+447700900123, by text message", choices("categories")["staff_abuse"], "Never tested",
        "duty-governor.lei@gateway.invalid",
    ):  # fmt: skip
        assert expected.lower() in text.lower(), expected


@pytest.mark.parametrize(
    ("at", "said"),
    [("2026-12-25T03:00", "On duty then: nights."), ("2026-12-25T12:00", "Not on duty then; hours: nights.")],
)
def test_who_is_on_duty_can_be_asked_for_another_time_on_a_uk_wall(admin, leeds, at, said):
    assert f"+447700900123, by text message. {said}" in text_of(admin.get(f"/console/prisons/LEI?at={at}"))


@pytest.mark.parametrize("at", ["noon", "2026-12-25T25:00", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_a_time_that_is_none_is_refused_in_words(admin, at):
    assert "Enter a day and a time such as" in text_of(admin.get(f"/console/prisons/LEI?at={at}", status=400))


def test_concerns_without_a_prison_have_their_own_page(admin):
    text = text_of(admin.get("/console/prisons/none"))

    assert "The caller’s own safety" in text and "duty-desk@gateway.invalid" in text and "{prison}" not in text


@pytest.mark.parametrize(
    ("medium", "address"),
    [
        ("email", "safer.custody@leeds.invalid"),
        ("sms", "+447700900123"),
        ("call", "+447700900124"),
        ("webhook", "https://leeds.invalid/alerts"),
    ],
)
def test_a_test_goes_out_as_an_alert_does_and_says_that_it_is_none(admin, leeds, log, medium, address):
    page = admin.get("/console/prisons/LEI")
    fields = {"contact": key(page, address)}

    assert "A test is on its way" in text_of(admin.post("/console/prisons/LEI/test", **fields))
    assert "Nothing was sent a second time" in text_of(admin.post("/console/prisons/LEI/test", **fields))

    (delivery,) = trials_sent()
    assert (delivery.medium, str(delivery.address), delivery.concern_id) == (medium, address, None)
    body = str(delivery.body)
    assert json.loads(body)["reason"] == "test" if medium == "webhook" else "test" in body.lower()
    (row,) = log("route:tested")
    assert row.actor == f"staff:{admin.staff_id}" and row.delivery_id == delivery.id
    assert address not in str(row.details)


def test_what_became_of_a_test_is_shown(admin, leeds):
    page = admin.get("/console/prisons/LEI")
    address = "safer.custody@leeds.invalid"
    page = admin.post("/console/prisons/LEI/test", contact=key(page, address))
    assert "waits to go out" in text_of(page)

    (delivery,) = trials_sent()
    with unit_of_work() as session:
        begin_attempt(session, delivery.id)
        sent(session, delivery.id, "reference")
    assert "went out" in text_of(admin.get("/console/prisons/LEI"))

    admin.post("/console/prisons/LEI/test", contact=key(page, "+447700900123"))
    with unit_of_work() as session:
        begin_attempt(session, trials_sent()[1].id)
        not_sent(session, trials_sent()[1].id, "twilio-21610", final=True)
    text = text_of(admin.get("/console/prisons/LEI"))
    assert "did not go out after 1 try" in text and "twilio-21610" not in text


def test_nothing_is_sent_to_somebody_who_is_not_on_a_route_of_that_prison(admin, leeds):
    of_leeds = key(admin.get("/console/prisons/LEI"), "safer.custody@leeds.invalid")

    for contact in ("", "somebody@else.invalid", of_leeds[:-1]):
        admin.post("/console/prisons/LEI/test", status=400, contact=contact)
    admin.post("/console/prisons/HLI/test", status=400, contact=of_leeds)

    assert trials_sent() == []


@pytest.mark.parametrize("prison_id", ["XQX", "%00", "é", "lei%20"])
def test_no_prison_of_that_id_is_not_found(admin, prison_id):
    admin.get(f"/console/prisons/{prison_id}", status=404)
    admin.post(f"/console/prisons/{prison_id}/test", status=404, contact="x")


def test_prisons_are_listed_fifty_on_a_page(admin):
    assert len(admin.get("/console/prisons").select("tbody tr")) == 50


def test_the_approved_sentences_can_be_read_and_not_changed(admin):
    page = admin.get("/console/wording")

    assert "Thank you for telling us about {reference}." in text_of(page)
    assert not page.select("main form")
