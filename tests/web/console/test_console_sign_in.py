"""Who gets in, who does not, and what the log says of it."""

import re

import phone
import pytest
from bs4 import BeautifulSoup
from person import PASSWORD, Person
from sqlalchemy import update

from gateway.db import unit_of_work
from gateway.staff.models import Staff

WRONG = "The e-mail address or the password is not right"


def whole(web, email="ann@prison.invalid", **fields):
    """Password and code, and the answer to the code."""
    assert try_to_sign_in(web, email, PASSWORD, **fields).location == "/console/sign-in/code"
    return web.post("/console/sign-in/code", data={"csrf_token": Person(web).token(), "code": phone.code(email)})


def try_to_sign_in(web, email, password, **fields):
    person = Person(web)
    return web.post(
        "/console/sign-in", data={"csrf_token": person.token(), "email": email, "password": password, **fields}
    )


@pytest.mark.parametrize("path", ["/console/", "/console/closed", "/console/possible", "/console/concerns/ABC-4KQ7"])
def test_without_signing_in_there_is_only_the_sign_in_page(web, path):
    answer = web.get(path)

    assert answer.status_code == 302
    assert answer.location.startswith("/console/sign-in?next=")


def test_after_signing_in_one_is_where_one_wanted_to_be(web, sign_in, concern):
    reference = concern(prison="LEI").reference
    sign_in("LEI")

    page = web.get(f"/console/concerns/{reference}", follow_redirects=True)
    form = BeautifulSoup(page.text, "html5lib").find("main").find("form")
    hidden = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    answer = whole(web, next=hidden["next"])

    assert answer.location == f"/console/concerns/{reference}"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "///evil.example"])
def test_nobody_is_sent_to_another_site(web, sign_in, elsewhere):
    sign_in("LEI")

    assert whole(web, next=elsewhere).location == "/console/"


def test_signing_in_and_out_are_rows_in_the_log(sign_in, log):
    person = sign_in("LEI")
    person.post("/console/sign-out")

    assert [row.actor for row in log("staff:signed_in")] == [row.actor for row in log("staff:signed_out")]
    assert re.fullmatch(r"staff:\d+", log("staff:signed_in")[0].actor)


def test_signing_out_ends_the_session_even_for_a_copy_of_it(web, sign_in):
    person = sign_in("LEI")
    cookie = person.client.get_cookie("session").value
    person.post("/console/sign-out")

    web.set_cookie("session", cookie)

    assert web.get("/console/").status_code == 302


def test_what_was_in_the_browser_before_is_gone_after_signing_in(web, sign_in):
    sign_in("LEI")
    before = Person(web).token()
    with web.session_transaction() as planted:
        planted["planted"] = "by whoever used this computer before"
    cookie = web.get_cookie("session").value

    assert whole(web).location == "/console/"

    assert web.get_cookie("session").value != cookie
    with web.session_transaction() as after:
        assert "planted" not in after
    assert web.post("/console/sign-out", data={"csrf_token": before}).status_code == 400
    web.set_cookie("session", cookie)
    assert web.get("/console/").status_code == 302


def test_after_signing_out_nothing_is_kept_or_shown(sign_in, concern):
    reference = concern(prison="LEI").reference
    person = sign_in("LEI")
    page = person.client.get(f"/console/concerns/{reference}")
    person.post("/console/sign-out")

    answer = person.client.get(f"/console/concerns/{reference}")

    assert (page.headers["Cache-Control"], answer.headers["Cache-Control"]) == ("no-store", "no-store")
    assert answer.status_code == 302
    with person.client.session_transaction() as left:
        assert not {"_user_id", "signed_in_at", "fs_paa"} & set(left)


def test_a_wrong_password_and_an_unknown_address_sound_the_same(web, sign_in, log):
    sign_in("LEI")

    pairs = [("ann@prison.invalid", "not the password"), ("nobody@prison.invalid", PASSWORD)]
    answers = [try_to_sign_in(web, *pair) for pair in pairs]
    texts = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}

    assert [answer.status_code for answer in answers] == [400, 400]
    assert len(texts) == 1
    assert WRONG in texts.pop()
    assert len(log("staff:sign_in_failed")) == 2
    assert "ann" not in str([row.details for row in log("staff:sign_in_failed")])


def test_somebody_who_left_cannot_sign_in_and_is_out_at_once(web, sign_in):
    person = sign_in("LEI")
    with unit_of_work() as session:
        session.execute(update(Staff).values(active=False))

    assert person.client.get("/console/").status_code == 302
    assert WRONG in try_to_sign_in(web, "ann@prison.invalid", PASSWORD).text


def test_what_was_left_empty_is_said(web):
    answer = try_to_sign_in(web, "", "")

    assert "Enter your e-mail address" in answer.text
    assert "Enter your password" in answer.text


def test_guessing_has_to_wait_but_only_from_where_it_came(web, sign_in):
    sign_in("LEI")
    for _ in range(10):
        try_to_sign_in(web, "ann@prison.invalid", "not the password")

    assert "too many tries" in try_to_sign_in(web, "ann@prison.invalid", PASSWORD).text
    elsewhere = web.application.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    assert try_to_sign_in(elsewhere, "Ann@prison.invalid ", PASSWORD).location == "/console/sign-in/code"


@pytest.mark.parametrize("path", ["/login", "/register", "/reset", "/verify", "/logout", "/console/register"])
def test_flask_security_opens_no_door_of_its_own(web, path):
    assert web.get(path).status_code in (302, 404)
    assert web.get(path, follow_redirects=True).status_code == 404 or path.startswith("/console")


def test_signing_out_is_no_get(sign_in):
    person = sign_in("LEI")

    person.get("/console/sign-out", status=405)
    person.get("/console/")


def test_odd_signs_are_no_crash(web):
    assert WRONG in try_to_sign_in(web, "a\x00b@x.invalid", "pass\x00word").text
