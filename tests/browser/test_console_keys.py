"""A security key in a real browser, whose authenticator is one of Chromium's own for tests."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import phone
import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright
from werkzeug.serving import make_server

from gateway import config
from gateway.db import unit_of_work
from gateway.staff.service import add_staff

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "ann@prison.invalid", "twelve plain signs"
ANSWER = "**/console/sign-in/key"


@pytest.fixture
def address(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The application under the address that it thinks is its own: keys sign for that alone, and never for numbers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("PUBLIC_URL", f"http://localhost:{port}")
    config.settings.cache_clear()
    from web import create_app

    server = make_server("127.0.0.1", port, create_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{port}"
    server.shutdown()
    thread.join()
    config.settings.cache_clear()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """Ann's browser on a narrow screen, with the password and the code given."""
    with unit_of_work() as session:
        add_staff(session, EMAIL, "Ann Example", PASSWORD, ["LEI"], reads_unrouted=True)
        phone.give(session, EMAIL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        opened = browser.new_page(viewport={"width": 320, "height": 800})
        opened.goto(f"{address}/console/closed")
        _password(opened)
        opened.get_by_label("Code from your app").fill(phone.code(EMAIL))
        opened.get_by_role("button", name="Continue").click()
        yield opened
        browser.close()


def test_a_key_is_registered_lets_in_once_for_each_answer_and_is_removed(page: Page, address: str) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)

    _plug_in(page)

    page.goto(f"{address}/console/account/keys")
    _connect(page, "blue key")
    expect(page.get_by_text("You can sign in with blue key now.")).to_be_visible()
    _shot(page, "one")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    _connect(page, "the same")
    expect(page.get_by_role("alert")).to_have_text("This key is one of yours already. Try again with another.")
    _shot(page, "same")

    page.get_by_role("button", name="Sign out").click()
    sent: list[dict] = []
    page.route(ANSWER, lambda route: _let_through(route, sent))
    page.goto(f"{address}/console/closed")
    _password(page)
    _shot(page, "code")
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert page.url == f"{address}/console/closed"

    again = page.context.browser.new_context().request.post(**sent[0])
    assert again.status == 400 and "sent twice" in again.text()

    page.goto(f"{address}/console/account/keys")
    page.get_by_label("It is no longer to let me in").check()
    page.get_by_role("button", name="Remove blue key").click()
    expect(page.get_by_text("blue key is removed")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    _password(page)
    expect(page.get_by_label("Code from your app")).to_be_visible()
    expect(page.get_by_role("button", name="Use a security key")).to_have_count(0)
    assert problems == []


def _plug_in(page: Page) -> None:
    """A key that is touched, and given its PIN, as soon as it asks."""
    able = ("hasResidentKey", "hasUserVerification", "isUserVerified", "automaticPresenceSimulation")
    options = {"protocol": "ctap2", "transport": "usb", **dict.fromkeys(able, True)}
    chromium = page.context.new_cdp_session(page)
    chromium.send("WebAuthn.enable")
    chromium.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _connect(page: Page, name: str) -> None:
    page.get_by_label("Name of the key").fill(name)
    page.get_by_label("Code from your app").fill(phone.code(EMAIL))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Connect the key").click()


def _let_through(route: Route, sent: list[dict]) -> None:
    """Keep the answer of the key with the session that it belongs to, as a thief of both would."""
    kept = {name: route.request.all_headers()[name] for name in ("cookie", "content-type")}
    sent.append({"url": route.request.url, "headers": kept, "data": route.request.post_data, "max_redirects": 0})
    route.continue_()


def _password(page: Page) -> None:
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _shot(page: Page, what: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=Path(folder) / f"security_keys_{what}.png", full_page=True)
