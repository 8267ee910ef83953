"""A session is new at each step of signing in, and worth nothing once it has ended."""

import phone
import pytest
from bs4 import BeautifulSoup
from person import PASSWORD, Person
from world import BOB, KIM, NELL

from gateway.db import unit_of_work
from gateway.staff import second_factor
from gateway.staff.service import set_active, set_password, staff_by_email

PLANTED = {"planted": "by whoever used this computer before"}


def cookie(person: Person) -> str:
    return person.client.get_cookie("session").value


def with_cookie(whole, value: str) -> Person:
    other = whole.somebody()
    other.client.set_cookie("session", value)
    return other


def is_in(person: Person) -> bool:
    return person.client.get("/console/closed").status_code == 200


def test_each_step_begins_a_session_that_has_nothing_of_the_one_before(fresh):
    person, steps = fresh.somebody(), []
    for path, fields in (
        ("/console/sign-in", {"email": BOB, "password": PASSWORD}),
        ("/console/sign-in/code", {"code": phone.code(BOB)}),
    ):
        token = person.token()
        with person.client.session_transaction() as session:
            session.update(PLANTED)
        before = cookie(person)
        person.client.post(path, data={"csrf_token": token, **fields})
        steps.append((before, token))
        with person.client.session_transaction() as session:
            assert not PLANTED.keys() & session.keys()

    assert is_in(person)
    for old, token in steps:
        assert cookie(person) != old and not is_in(with_cookie(fresh, old))
        assert person.client.post("/console/filter", data={"csrf_token": token}).status_code == 400


def test_who_was_given_a_session_beforehand_does_not_share_it(fresh):
    """The attacker's own cookie, put into somebody's browser, stays as empty as it was."""
    attacker = fresh.somebody()
    attacker.token()
    person = with_cookie(fresh, cookie(attacker))
    person.post("/console/sign-in", email=BOB, password=PASSWORD)
    assert attacker.client.get("/console/sign-in/code").location == "/console/sign-in"
    person.post("/console/sign-in/code", code=phone.code(BOB))

    assert is_in(person) and not is_in(attacker)


def test_setting_up_a_phone_begins_a_session_too(fresh):
    person = fresh.somebody()
    person.post("/console/sign-in", email=NELL, password=PASSWORD)
    key = person.get("/console/sign-in/set-up").select_one(".console-key").text
    half = cookie(person)
    person.post("/console/sign-in/set-up", code=phone.shows(key))

    assert is_in(person) and cookie(person) != half
    other = with_cookie(fresh, half)
    assert not is_in(other)
    assert other.client.get("/console/sign-in/set-up").location == "/console/sign-in/code"


@pytest.mark.parametrize("how", ["signing out", "a new password", "another phone", "being shut out"])
def test_what_ends_one_session_ends_every_copy_and_each_half_of_one(fresh, how):
    person, half = (Person(fresh.app.test_client(), BOB) for _ in range(2))
    person.sign_in(BOB)
    half.post("/console/sign-in", email=BOB, password=PASSWORD)
    copies = [with_cookie(fresh, cookie(person)), with_cookie(fresh, cookie(half))]
    assert is_in(copies[0])

    end(person, how)

    for one in (person, half, *copies):
        one.client.post("/console/sign-in/code", data={"csrf_token": one.token(), "code": phone.code(BOB)})
        assert not is_in(one)


def end(person: Person, how: str) -> None:
    if how == "signing out":
        person.post("/console/sign-out")
        return
    with unit_of_work() as session:
        staff = staff_by_email(session, BOB)
        if how == "a new password":
            set_password(session, staff, "another twelve signs")
        elif how == "another phone":
            second_factor.reset(session, staff)
            session.flush()
            phone.give(session, BOB)
        else:
            set_active(session, staff, False)


def test_a_session_of_one_browser_is_none_in_another(fresh):
    person = Person(fresh.app.test_client(), KIM)
    person.sign_in(KIM)
    thief = with_cookie(fresh, cookie(person))

    assert thief.client.get("/console/closed", headers={"User-Agent": "another browser"}).status_code == 302


def test_a_session_that_somebody_wrote_themselves_is_none(fresh):
    head, _, signature = cookie(fresh.ann).rpartition(".")
    for made_up in (head, f"{head}.", f"{head}.{signature[::-1]}", f".{head}.{signature}", "é", "{}", "null"):
        assert not is_in(with_cookie(fresh, made_up))


def test_nothing_but_the_session_lets_anybody_in(fresh):
    """The doors of the libraries that are not ours: a cookie to be remembered by, a token, a password in a header."""
    with fresh.ann.client.session_transaction() as session:
        who = session["_user_id"]
    stranger = fresh.somebody()
    for name in ("remember_token", "auth_token", "fs_token"):
        stranger.client.set_cookie(name, f"{who}|é")
    headers = {
        "Authentication-Token": who,
        "Authorization": "Basic Ym9iQHByaXNvbi5pbnZhbGlkOnR3ZWx2ZSBwbGFpbiBzaWducw==",
    }

    answer = stranger.client.get(f"/console/closed?auth_token={who}", headers=headers)

    assert answer.status_code == 302
    assert "Sign in" in BeautifulSoup(stranger.client.get("/console/sign-in").text, "html5lib").title.text
