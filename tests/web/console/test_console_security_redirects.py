"""Nobody is sent to another site, by whatever address they are made to follow."""

from dataclasses import replace
from urllib.parse import quote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from person import PASSWORD, Person
from world import BOB

from gateway.config import settings
from web import create_app
from web.console.sign_in_forms import only_here

OURS = "http://localhost/console/sign-in"
ELSEWHERE = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "/\t/evil.example",
    "/console/\r\nLocation: //evil.example",
    "///evil.example", "https:/evil.example", "https://evil.example", "HTTPS://evil.example/console/",
    "javascript:alert(1)", "data:text/html,x", "/%2Fevil.example", "%2F%2Fevil.example", "\t//evil.example",
    " //evil.example", "/\n/evil.example", "/\r\n/evil.example", "/console", "/console\\..\\..\\evil.example",
    "//evil.example/console/", "@evil.example", "localhost@evil.example", "//localhost@evil.example",
    "http://localhost.evil.example/console/", "//evil.example%23/console/", "//evil。example", "/console/\x00",
    "/console/é", "/console/?" + "a" * 2000,
]  # fmt: skip


def host_of(address: str) -> str | None:
    """Where a browser goes: it drops tabs and line ends, and takes a backslash for a slash."""
    plain = address.strip().translate(str.maketrans("\\", "/", "\t\r\n"))
    return urlsplit(urljoin(OURS, plain)).hostname


@pytest.mark.parametrize("wanted", ELSEWHERE[:6])
def test_after_signing_in_everybody_is_on_the_console(whole, wanted):
    person = Person(create_app(replace(settings(), console_second_factor=False)).test_client())
    person.get(f"/console/sign-in?next={quote(wanted)}")
    fields = {"csrf_token": person.token(), "email": BOB, "password": PASSWORD, "next": wanted}

    assert person.client.post("/console/sign-in", data=fields).location == "/console/"


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_at_the_organisations_sign_in_too(whole, wanted):
    person = whole.somebody()
    person.client.get(f"/console/sign-in/organisation?next={quote(wanted)}")

    assert only_here(wanted) == ""
    with person.client.session_transaction() as session:
        assert session["oidc_wanted"] == ""


@given(st.text() | st.text(alphabet="/\\:@%.?#\t\r\n consle-vil").map(lambda end: f"/console/{end}"))
@example("/console/..//evil.example")
@example("/console/../../\\evil.example")
@example("/console/?" + "a" * 1990)
def test_an_address_that_is_taken_is_one_of_this_host_as_it_was_given(wanted):
    taken = only_here(wanted)

    assert taken in ("", wanted)
    assert host_of(taken) == "localhost" and "\n" not in taken


def test_no_page_sends_anybody_away_for_what_a_browser_says(whole):
    """Each address with the parameters and headers that programs send people back by."""
    said = "&".join(f"{name}=//evil.example" for name in ("next", "return", "return_to", "url", "redirect", "wanted"))
    headers = {"Referer": "https://evil.example/", "Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"}
    token, gone, sent = whole.ann.token(), {}, 0
    for name, method, path in whole.addresses("GET", "POST"):
        data = {"csrf_token": token, "next": "//evil.example", "tick": "sure"} if method == "POST" else None
        for person in (whole.somebody(), whole.ann) if name != "sign_out" else ():
            answer = person.client.open(f"{path}?{said}", method=method, headers=headers, data=data)
            sent += bool(answer.location)
            if answer.location and (host_of(answer.location), answer.location[:9]) != ("localhost", "/console/"):
                gone[f"{method} {path}"] = answer.location

    assert gone == {} and sent > 60
