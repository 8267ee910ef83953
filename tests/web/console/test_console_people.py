"""Administration: giving accounts, changing what people may do, shutting out; and the link to choose a password."""

import re
from datetime import timedelta

import pytest
from person import PASSWORD, Person
from sqlalchemy import select

from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.staff import invitations
from gateway.staff.models import Staff
from gateway.staff.service import add_staff, staff_by_email

NEW = {"name": "Bea Example", "email": "bea@prison.invalid", "roles": ["officer", "analyst"], "prisons": "lei, MDI"}
OWN = "a password of my own"


@pytest.fixture
def admin(sign_in):
    return sign_in(roles=["administrator"], name="Ada Example")


def text_of(page):
    return " ".join(page.find("main").text.split())


def stored(email):
    with unit_of_work() as session:
        staff = staff_by_email(session, email)
        return staff and (staff.id, staff.roles, sorted(one.id for one in staff.prisons), staff.reads_unrouted)


def link_to(email):
    """The path of the newest link in this mailbox."""
    with unit_of_work() as session:
        mails = session.scalars(select(Delivery).where(Delivery.reason == "invitation").order_by(Delivery.id))
        body = [str(mail.body) for mail in mails if str(mail.address) == email][-1]
    return re.search(r"http://localhost:8080(/console/invitation/\S+)", body)[1]


def signs_in(web, email, password):
    client = web.application.test_client()
    person = Person(client)
    answer = client.post("/console/sign-in", data={"csrf_token": person.token(), "email": email, "password": password})
    return answer.status_code == 302


def test_somebody_new_chooses_a_password_by_the_link_in_their_mail_and_signs_in(web, admin, log):
    page = admin.post("/console/people/new", **NEW)
    assert "Bea Example has an account" in text_of(page)
    link = link_to("bea@prison.invalid")
    assert link not in page.decode()

    visitor = Person(web.application.test_client())
    token = visitor.get(link).find("input", attrs={"name": "csrf_token"})["value"]
    answer = visitor.client.post(link, data={"csrf_token": token, "password": OWN, "again": OWN}, follow_redirects=True)

    assert "Your password is set" in answer.text
    assert signs_in(web, "bea@prison.invalid", OWN)
    bea, *rest = stored("bea@prison.invalid")
    assert rest == [["officer", "analyst"], ["LEI", "MDI"], False]
    assert [(row.actor, row.details["roles"]) for row in log("staff:added") if row.details["staff"] == bea] == [
        (f"staff:{admin.staff_id}", ["officer", "analyst"])
    ]
    assert len(log("staff:invited")) == len(log("staff:password_set")) == 1


def test_the_link_works_once_and_not_after_three_days_nor_for_whoever_is_shut_out(web, admin, monkeypatch):
    admin.post("/console/people/new", **NEW)
    link, visitor = link_to("bea@prison.invalid"), Person(web.application.test_client())
    with monkeypatch.context() as later:
        later.setattr(invitations, "now", lambda: now() + timedelta(hours=73))
        visitor.get(link, status=404)
    signed, signature = link.rsplit(".", 1)
    # Its first sign: the last one holds four bits in six, so that four signs there read the same.
    visitor.get(f"{signed}.{'x' if signature[0] != 'x' else 'y'}{signature[1:]}", status=404)
    bea = stored("bea@prison.invalid")[0]
    admin.post(f"/console/people/{bea}/shut-out", tick="sure")
    visitor.get(link, status=404)
    admin.post(f"/console/people/{bea}/let-in")

    token = visitor.get(link).find("input", attrs={"name": "csrf_token"})["value"]
    fields = {"csrf_token": token, "password": OWN, "again": OWN}
    assert visitor.client.post(link, data=fields).status_code == 302
    assert visitor.client.post(link, data=fields | {"password": "x" * 20, "again": "x" * 20}).status_code == 404
    visitor.get(link, status=404)
    assert signs_in(web, "bea@prison.invalid", OWN)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"password": "short words", "again": "short words"}, "needs 12 characters or more"),
        ({"password": OWN, "again": OWN + "!"}, "The two are not the same"),
        ({}, "Enter a password"),
    ],
)
def test_a_password_that_will_not_do_is_refused_in_words_and_the_link_still_works(web, admin, typed, why):
    admin.post("/console/people/new", **NEW)
    link, visitor = link_to("bea@prison.invalid"), Person(web.application.test_client())
    token = visitor.get(link).find("input", attrs={"name": "csrf_token"})["value"]

    answer = visitor.client.post(link, data={"csrf_token": token, **typed})

    assert answer.status_code == 400 and why in answer.text
    visitor.get(link)


def test_the_link_needs_the_token_of_its_form(web, admin):
    admin.post("/console/people/new", **NEW)

    answer = web.application.test_client().post(link_to("bea@prison.invalid"), data={"password": OWN, "again": OWN})

    assert answer.status_code == 400 and not signs_in(web, "bea@prison.invalid", OWN)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"name": ""}, "Enter their name"),
        ({"email": ""}, "Enter their e-mail address"),
        ({"email": "bea"}, "is not an e-mail address"),
        ({"roles": []}, "Choose what their work is"),
        ({"roles": ["king"]}, "is not a valid choice"),
        ({"prisons": "LEI NOPE"}, "No prison has the id NOPE"),
        ({"prisons": " , "}, "Say which prisons they see"),
        ({"email": "ADA@prison.invalid"}, "already"),
    ],
)
def test_why_somebody_cannot_be_added_is_said_and_nobody_is(admin, given, why):
    page = admin.post("/console/people/new", status=400, **(NEW | given))

    assert why in text_of(page)
    assert stored("bea@prison.invalid") is None


def test_whoever_presses_twice_adds_one_person_and_sends_one_mail(admin):
    admin.post("/console/people/new", **NEW)
    admin.post("/console/people/new", status=400, **NEW)
    bea = stored("bea@prison.invalid")[0]
    page = admin.post(f"/console/people/{bea}/invite")

    assert "Nothing was sent a second time" in text_of(page)
    with unit_of_work() as session:
        assert len(session.scalars(select(Delivery).where(Delivery.reason == "invitation")).all()) == 1


def test_roles_and_prisons_are_changed_and_the_log_knows_what_they_were(admin, sign_in, log):
    bea = sign_in("LEI", name="Bea Example")

    page = admin.post(f"/console/people/{bea.staff_id}", roles=["analyst"], prisons="all", also="unrouted")
    again = admin.post(f"/console/people/{bea.staff_id}", roles=["analyst"], prisons="ALL", also="unrouted")

    assert "is changed" in text_of(page) and "Nothing was changed" in text_of(again)
    _, roles, prisons, unrouted = stored(bea.email)
    assert roles == ["analyst"] and len(prisons) > 100 and unrouted
    (row,) = log("staff:changed")
    assert row.actor == f"staff:{admin.staff_id}" and row.details["staff"] == bea.staff_id
    assert row.details["before"] == {"roles": ["officer"], "prisons": ["LEI"], "reads_unrouted": False}
    assert bea.client.get("/console/").location == "/console/figures"
    bea.get("/console/closed", status=403)


def test_shutting_out_asks_once_and_ends_every_session_at_once(web, admin, sign_in, log):
    bea = sign_in("LEI", name="Bea Example")
    bea.get("/console/")

    assert "Tick the box" in text_of(admin.post(f"/console/people/{bea.staff_id}/shut-out", status=400))
    bea.get("/console/")
    admin.post(f"/console/people/{bea.staff_id}/shut-out", tick="sure")
    assert bea.client.get("/console/").location.startswith("/console/sign-in")
    assert not signs_in(web, bea.email, PASSWORD)

    admin.post(f"/console/people/{bea.staff_id}/let-in")
    assert bea.client.get("/console/").status_code == 302, "an old session does not come to life again"
    assert signs_in(web, bea.email, PASSWORD)
    assert [len(log(f"staff:{what}")) for what in ("deactivated", "activated")] == [1, 1]


def test_nobody_takes_their_own_administration_away(admin):
    mine = f"/console/people/{admin.staff_id}"

    admin.post(mine, status=400, roles=["officer"], prisons="LEI")
    admin.post(f"{mine}/shut-out", status=400, tick="sure")

    assert stored(admin.email)[1] == ["administrator"]
    admin.get("/console/people")


def test_people_are_listed_fifty_on_a_page(admin):
    with unit_of_work() as session:
        for number in range(51):
            session.add(
                Staff(
                    email=f"{number}@prison.invalid", name=f"Person {number:02}", password="x",
                    fs_uniquifier=str(number), roles=["officer"],
                )
            )  # fmt: skip

    first, second = (admin.get(f"/console/people?page={page}") for page in (1, 2))

    assert [len(page.select("main .moj-ticket-panel")) for page in (first, second)] == [50, 2]
    assert "52 people have an account" in text_of(first)


@pytest.mark.parametrize("staff_id", ["0", "999999", "99999999999999"])
def test_nobody_of_that_number_is_not_found(admin, staff_id):
    admin.get(f"/console/people/{staff_id}", status=404)
    for act in ("", "/invite", "/let-in"):
        admin.post(f"/console/people/{staff_id}{act}", status=404, roles=["officer"])


def test_what_somebody_is_called_runs_nowhere(admin):
    with unit_of_work() as session:
        add_staff(session, "eve@prison.invalid", "<script>alert(1)</script>", PASSWORD, ["LEI"], False)

    for path in ("/console/people", f"/console/people/{stored('eve@prison.invalid')[0]}", "/console/log"):
        assert not admin.get(path).select("main script")


def test_a_number_changed_in_an_address_opens_no_more_than_ones_role(sign_in):
    officer = sign_in("LEI", name="Bea Example")

    for path in (f"/console/people/{officer.staff_id}", "/console/people/1", "/console/prisons/LEI", "/console/log"):
        officer.get(path, status=403)
    officer.post(f"/console/people/{officer.staff_id}", status=403, roles=["administrator"], prisons="all")

    assert stored(officer.email)[1:3] == (["officer"], ["LEI"])


def test_an_administrator_without_another_role_sees_no_concern_however_many_prisons_they_have(sign_in, concern):
    reference = concern(prison="LEI").reference
    admin = sign_in("LEI", reads_unrouted=True, roles=["administrator"])

    admin.get(f"/console/concerns/{reference}", status=403)
    assert admin.client.get("/console/").location == "/console/people"
