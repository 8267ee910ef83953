"""What every answer carries, who is signed out when, and which door serves what."""

from dataclasses import replace
from datetime import timedelta

import phone
import pytest

from gateway.config import settings
from gateway.db import now, unit_of_work
from gateway.staff.service import add_staff
from tests.policy import stopped
from tests.web.console.person import PASSWORD, Person
from web import create_app
from web.console import sign_in

HTTPS = "https://gateway.example.org"


@pytest.fixture
def staff(database):
    with unit_of_work() as session:
        add_staff(session, "ann@prison.invalid", "Ann Example", PASSWORD, ["LEI"], False)
        phone.give(session, "ann@prison.invalid")


def _client(**more):
    return create_app(replace(settings(), **more)).test_client()


def _signed_in(client):
    person = Person(client)
    person.sign_in("ann@prison.invalid")
    return person


@pytest.mark.parametrize("path", ["/chat", "/console/sign-in", "/nothing", "/health", "/static/chat.js", "/sms/twilio"])
def test_no_answer_lets_a_foreign_or_inline_script_run(database, path):
    headers = _client().get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))

    assert "unsafe" not in headers["Content-Security-Policy"]
    assert {policy[name] for name in ("default-src", "script-src", "style-src", "form-action")} == {"'self'"}
    assert {policy[name] for name in ("object-src", "base-uri")} == {"'none'"}
    assert "camera=()" in headers["Permissions-Policy"] and "microphone=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if path == "/chat" else "same-origin")


def test_https_is_insisted_on_only_where_it_is_used(database):
    assert "Strict-Transport-Security" not in _client().get("/chat").headers
    assert _client(public_url=HTTPS).get("/chat").headers["Strict-Transport-Security"] == "max-age=31536000"


def test_cookies_over_https_are_for_this_host_and_out_of_reach_of_scripts(database):
    client = _client(public_url=HTTPS)
    page, message = client.get("/chat", base_url=HTTPS), client.post("/chat/api/messages", json={"text": "hello"})

    [session] = page.headers.getlist("Set-Cookie")
    [chat] = message.headers.getlist("Set-Cookie")
    assert session.startswith("__Host-session=") and "Path=/;" in f"{session};" and "Domain" not in session
    assert chat.startswith("__Secure-chat=") and "Path=/chat" in chat
    assert all("Secure" in cookie and "HttpOnly" in cookie and "SameSite" in cookie for cookie in (session, chat))


def test_staff_who_do_nothing_for_half_an_hour_sign_in_again(staff, monkeypatch):
    person = _signed_in(_client())
    began = now()
    for minutes in (25, 50, 75):
        monkeypatch.setattr(sign_in, "now", lambda m=minutes: began + timedelta(minutes=m))
        person.get("/console/")
    monkeypatch.setattr(sign_in, "now", lambda: began + timedelta(minutes=106))

    answer = person.client.get("/console/")
    assert answer.status_code == 302 and "/console/sign-in" in answer.location
    assert person.client.get("/console/").status_code == 302


def test_staff_sign_in_again_after_twelve_hours_however_busy_they_are(staff, monkeypatch):
    person = _signed_in(_client())
    began = now()
    for minutes in range(20, 12 * 60, 20):
        monkeypatch.setattr(sign_in, "now", lambda m=minutes: began + timedelta(minutes=m))
        person.get("/console/")
    monkeypatch.setattr(sign_in, "now", lambda: began + timedelta(hours=12, minutes=1))

    assert person.client.get("/console/").status_code == 302


def test_after_expiry_one_can_sign_in_again(staff, monkeypatch):
    person = _signed_in(_client())
    moment = now() + timedelta(hours=2)
    monkeypatch.setattr(sign_in, "now", lambda: moment)
    assert person.client.get("/console/").status_code == 302

    _signed_in(person.client)
    person.get("/console/")


def test_one_address_cannot_go_through_the_names_of_many(staff, monkeypatch):
    from gateway.staff import tries

    monkeypatch.setattr(tries, "MOST_FROM_ONE_ADDRESS", 3)
    client = _client()
    for number in range(3):
        Person(client).post("/console/sign-in", status=400, email=f"a{number}@prison.invalid", password="wrong")
    page = Person(client).post("/console/sign-in", status=400, email="ann@prison.invalid", password=PASSWORD)

    assert "too many tries" in page.text
    elsewhere = _client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    _signed_in(elsewhere).get("/console/")


@pytest.mark.parametrize(
    ("serves", "open_doors", "closed"),
    [
        ("public", ["/chat", "/widget.js", "/health", "/static/chat.js"], ["/console/", "/console/sign-in"]),
        (
            "console",
            ["/console/sign-in", "/health", "/static/console.css"],
            ["/chat", "/widget.js", "/chat/api/messages"],
        ),
        ("all", ["/chat", "/console/sign-in", "/health"], []),
    ],
)
def test_the_console_and_the_public_site_can_have_doors_of_their_own(database, serves, open_doors, closed):
    client = _client(web_serves=serves)

    assert [client.get(path).status_code for path in open_doors] == [200] * len(open_doors)
    assert [client.get(path).status_code for path in closed] == [404] * len(closed)
    assert client.post("/sms/twilio").status_code == (404 if serves == "console" else 403)
    assert client.get("/").location == ("/console/" if serves == "console" else "/chat")


def test_what_the_policy_would_stop_is_found():
    page = "<p style='x'><script>1</script><a onclick=x href='javascript:x'><img src='//evil.example/x'><style></style>"

    assert len(stopped(page)) == 6
    assert stopped("<script src='/static/chat.js'></script><a href='https://www.gov.uk'>x</a>") == []
