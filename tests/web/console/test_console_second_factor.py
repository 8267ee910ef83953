"""Setting up the app on a phone, signing in with its code, and recovery codes."""

from dataclasses import replace
from datetime import timedelta

import phone
import pytest
from person import PASSWORD, Person

from gateway.config import settings
from gateway.db import now, unit_of_work
from gateway.staff.service import add_staff
from tests.policy import Watched
from web import create_app
from web.console import sign_in as signing_in

EMAIL = "new@prison.invalid"
PAGES = ["/console/sign-in/code", "/console/sign-in/set-up", "/console/sign-in/recovery-code"]
RECOVERY = "/console/sign-in/recovery-code"


@pytest.fixture
def newcomer(web):
    """Somebody who was added a moment ago, with the password typed."""
    with unit_of_work() as session:
        add_staff(session, EMAIL, "Nell New", PASSWORD, ["LEI"], False)
    person = Person(web)
    person.post("/console/sign-in", email=EMAIL, password=PASSWORD, next="/console/closed")
    return person


def key_on(page):
    return page.select_one(".console-key").text


def set_up(person):
    """What the page after it shows: the recovery codes."""
    page = person.get("/console/sign-in/set-up")
    return person.post("/console/sign-in/set-up", code=phone.shows(key_on(page)))


def halfway(person):
    """The same person again, in front of the page that asks for a code."""
    person.post("/console/sign-out")
    person.post("/console/sign-in", email=EMAIL, password=PASSWORD)


def test_the_first_time_the_app_is_set_up_and_recovery_codes_are_given(newcomer, log):
    page = newcomer.get("/console/sign-in/set-up")
    assert page.select_one("[role=img][aria-label] svg.console-qr path")
    assert page.select_one("a[href^='otpauth://totp/']")["href"].endswith("issuer=Family%20Gateway")
    assert [len(group) for group in key_on(page).split()] == [4] * 8

    codes = [item.text for item in set_up(newcomer).select(".console-codes li")]
    newcomer.get("/console/closed")
    assert [item.text for item in newcomer.get("/console/account").select(".console-codes li")] == codes

    kept = newcomer.post("/console/account/recovery-codes/kept")

    assert len(codes) == 10
    assert kept.title.text.startswith("Closed")
    assert not [code for code in codes if code in newcomer.get("/console/account").text]
    assert log("staff:signed_in")[0].details == {"via": ["password", "authenticator"]}
    assert len(log("staff:second_factor_set")) == 1


def test_a_wrong_first_code_sets_nothing_up_and_shows_the_same_key_again(newcomer):
    key = key_on(newcomer.get("/console/sign-in/set-up"))

    page = newcomer.post("/console/sign-in/set-up", status=400, code="000000")

    assert "This code is not right" in page.text
    assert key_on(page) == key
    assert newcomer.client.get("/console/").status_code == 302


def test_the_secret_is_not_readable_in_the_cookie(newcomer):
    key = key_on(newcomer.get("/console/sign-in/set-up")).replace(" ", "")

    with newcomer.client.session_transaction() as session:
        assert "secret" in session and key not in str(dict(session))


@pytest.mark.parametrize("path", PAGES)
def test_without_the_password_no_code_is_asked_for(web, path):
    assert web.get(path).location == "/console/sign-in"
    answer = web.post(path, data={"csrf_token": Person(web).token(), "code": "123456"})
    assert answer.location == "/console/sign-in"


@pytest.mark.parametrize("path", ["/console/", "/console/account", "/console/closed"])
def test_with_the_password_alone_there_is_no_page(newcomer, path):
    assert newcomer.client.get(path).location.startswith("/console/sign-in?next=")


@pytest.mark.parametrize("path", [*PAGES, "/console/account/recovery-codes", "/console/account/recovery-codes/kept"])
def test_each_form_needs_its_token(newcomer, path):
    if "account" in path:
        set_up(newcomer)

    assert newcomer.client.post(path, data={"code": "123456"}).status_code == 400
    assert "without a valid token" in newcomer.client.post(path, data={"code": "123456"}).text


def test_the_same_code_does_not_let_in_twice(newcomer):
    set_up(newcomer)
    halfway(newcomer)
    code = phone.code(EMAIL)
    newcomer.post("/console/sign-in/code", code=code)
    halfway(newcomer)

    page = newcomer.post("/console/sign-in/code", status=400, code=code)

    assert "This code was used already" in page.text
    assert newcomer.client.get("/console/").status_code == 302


def test_guessing_codes_has_to_wait_for_this_person_from_everywhere(newcomer):
    set_up(newcomer)
    halfway(newcomer)
    for _ in range(10):
        newcomer.post("/console/sign-in/code", status=400, code="000000")
    elsewhere = Person(newcomer.client.application.test_client())
    elsewhere.client.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    elsewhere.post("/console/sign-in", email=EMAIL, password=PASSWORD)

    page = elsewhere.post("/console/sign-in/code", status=400, code=phone.code(EMAIL))

    assert "too many tries" in page.text


def test_whoever_has_a_phone_is_not_offered_another(newcomer):
    key = key_on(newcomer.get("/console/sign-in/set-up"))
    other = Person(newcomer.client.application.test_client())
    other.post("/console/sign-in", email=EMAIL, password=PASSWORD)
    set_up(other)

    answer = newcomer.client.post(
        "/console/sign-in/set-up", data={"csrf_token": newcomer.token(), "code": phone.shows(key)}
    )

    assert answer.location == "/console/sign-in/code"


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(newcomer, log):
    code = set_up(newcomer).select_one(".console-codes li").text
    halfway(newcomer)

    page = newcomer.post(RECOVERY, code=code)
    halfway(newcomer)

    assert "You have 9 more" in page.text
    assert log("staff:signed_in")[1].details == {"via": ["password", "recovery_code"]}
    assert "was used before" in newcomer.post(RECOVERY, status=400, code=code).text


def test_new_recovery_codes_are_made_with_a_code_and_replace_the_old(newcomer):
    old = set_up(newcomer).select_one(".console-codes li").text
    newcomer.post("/console/account/recovery-codes/kept")
    assert "This code is not right" in newcomer.post("/console/account/recovery-codes", status=400, code="000000").text

    page = newcomer.post("/console/account/recovery-codes", code=phone.code(EMAIL))

    assert len(page.select(".console-codes li")) == 10
    assert old not in page.text


def test_the_code_must_follow_the_password_within_a_quarter_of_an_hour(newcomer, monkeypatch):
    moment = now() + timedelta(minutes=16)
    monkeypatch.setattr(signing_in, "now", lambda: moment)

    assert newcomer.client.get("/console/sign-in/set-up").location == "/console/sign-in"


def test_a_trial_machine_can_do_without(database):
    watched = Watched(create_app(replace(settings(), console_second_factor=False)))
    with unit_of_work() as session:
        add_staff(session, EMAIL, "Nell New", PASSWORD, ["LEI"], False)
    person = Person(watched.app.test_client())

    person.post("/console/sign-in", email=EMAIL, password=PASSWORD)

    assert "No app on a phone is set up" in person.get("/console/account").text
    assert watched.broken == []
