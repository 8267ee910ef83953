"""axe-core finds no barrier of WCAG 2.2 AA on any page, in whatever way it is looked at."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import phone
import pytest
from axe_playwright_python.sync_playwright import Axe
from console_site import EMPTY, FULL, LONG, PASSWORD, addresses, chromium, fill, served, without_codes
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import select

from gateway.conversations.models import Message
from gateway.conversations.service import Reply, answer
from gateway.db import unit_of_work
from gateway.staff import invitations
from gateway.staff.service import add_staff
from web import create_app

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 1024}}
# Each way of looking, as a browser has it. A desk screen at 400% is 320 pixels wide.
WAYS: dict[str, dict[str, Any]] = {
    "400% zoom": {"viewport": {"width": 320, "height": 256}},
    "dark": {**DESK, "color_scheme": "dark"},
    "more contrast": {**DESK, "contrast": "more"},
    "forced colours": {**DESK, "forced_colors": "active"},
    "without scripts": DESK,
}
# A list, a page of many parts, forms in a list, tables and charts: looked at in every way.
SOME = ["queue", "proposed", "callbacks", "figures"]
NOT_THERE = {"not there": "/console/concerns/none"}
LISTS = ["queue", "closed", "possible", "not_processed", "handover", "callbacks", "feedback", "figures", "find"]
ANSWER = Reply(
    "You must book first.\n\nWhich do you need?",
    buttons=[{"title": "How to book", "payload": "/ask_visit_booking"}, {"title": LONG, "payload": "/x"}],
    sources=[{"title": "Visits, GOV.UK", "url": "https://www.gov.uk/prison-visits", "checked": "2026-11-21"}],
    answer="visits/book_visit",
)


class Site:
    """The console and the chat, and who is signed in to them."""

    def __init__(self, browser: Browser, address: str, pages: dict[str, str]) -> None:
        self.browser, self.address, self.pages = browser, address, pages
        self.cookies = {who: self._signed_in(who) for who in (FULL, EMPTY)}

    def _signed_in(self, who: str) -> Any:
        context = self.browser.new_context()
        page = context.new_page()
        page.goto(f"{self.address}/console/sign-in")
        _password(page, who)
        if who == FULL:
            _chats(page, self.address)
        cookies = context.storage_state()
        context.close()
        return cookies

    def opened(self, who: str | None, scripts: bool = True, **way: Any) -> BrowserContext:
        """A browser of this person. Without scripts axe still runs, so they are only kept from loading."""
        context = self.browser.new_context(storage_state=self.cookies[who] if who else None, **way)
        if not scripts:
            context.route("**/*.js", lambda route: route.abort())
        return context


@pytest.fixture(scope="module")
def site(copy_database: Callable[..., AbstractContextManager[str]]) -> Iterator[Site]:
    with copy_database(f"looked_at_{os.getpid()}"), chromium() as browser:
        known, app = fill(), without_codes()
        more = {name: f"/console/concerns/{known[name]}" for name in ("proposed", "closed")}
        with served(app) as address:
            yield Site(browser, address, addresses(app, known) | more | NOT_THERE)


@pytest.fixture
def look(site: Site) -> Iterator[Callable[..., Page]]:
    """A page of somebody's browser: `look(FULL, color_scheme="dark")`."""
    contexts: list[BrowserContext] = []

    def opened(who: str | None = FULL, **way: Any) -> Page:
        contexts.append(site.opened(who, **({**DESK, **way})))
        return contexts[-1].new_page()

    yield opened
    for context in contexts:
        context.close()


def barriers(page: Page) -> list[str]:
    """What axe-core finds, also in what is folded away, each with the place and what would mend it."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{one['id']} at {node['target']}: {node['failureSummary']}" for one in found for node in one["nodes"]]


def barriers_of(page: Page, site: Site, paths: dict[str, str]) -> dict[str, list[str]]:
    """By the name of each page that has any."""
    found = {}
    for name, path in paths.items():
        page.goto(site.address + path)
        found[name] = barriers(page)
    return {name: those for name, those in found.items() if those}


def test_a_barrier_is_found(look):
    page = look(None)
    page.set_content("<html lang=en><title>x</title><details><summary>x</summary><input><button></button></details>")

    assert {one.partition(" ")[0] for one in barriers(page)} == {"label", "button-name", "target-size"}


def test_no_page_of_the_console_has_a_barrier(site, look):
    assert len(site.pages) > 20
    assert barriers_of(look(), site, site.pages) == {}


def test_lists_with_nothing_on_them_have_none(site, look):
    assert barriers_of(look(EMPTY), site, {name: site.pages[name] for name in LISTS}) == {}


@pytest.mark.parametrize("way", WAYS)
def test_however_it_is_looked_at_there_is_none(site, look, way):
    page = look(scripts=way != "without scripts", **WAYS[way])

    assert barriers_of(page, site, {name: site.pages[name] for name in SOME} | {"chat": "/chat"}) == {}


def test_at_400_percent_nothing_is_wider_than_the_screen_however_long_a_name(site, look):
    page, wide = look(**WAYS["400% zoom"]), {}
    for name, path in site.pages.items():
        page.goto(site.address + path)
        wide[name] = page.evaluate("document.documentElement.scrollWidth")

    assert {name: width for name, width in wide.items() if width > 320} == {}


def test_forms_with_errors_have_none(site, look):
    page, found = look(), {}
    for name, summary, button in [
        ("concern", "Say what was done, and close it", "Close it"),
        ("concern", "Give it to a colleague, or hand it over", "Give it to them"),
        ("callbacks", "", "Mark as done"),
        ("person_new", "", "Add them"),
        ("message", "", "Dismiss it"),
        ("erasure_requests", "", "Delete"),
        ("figures", "", "Show"),
    ]:
        page.goto(site.address + site.pages[name])
        if summary:
            page.locator("summary", has_text=summary).click()
        if name == "figures":
            page.locator("#to").select_option(index=5)
        page.locator("main").get_by_role("button", name=button).first.click()
        assert page.title().startswith("Error: "), (name, button)
        found[f"{name}: {button}"] = barriers(page)

    assert {name: those for name, those in found.items() if those} == {}


def test_a_chat_has_none_before_its_first_message_nor_with_a_refused_one(site, look):
    page = look(None, scripts=False)
    page.goto(f"{site.address}/chat")
    empty = barriers(page)
    page.get_by_role("button", name="Send").click()
    assert page.title().startswith("Error: ")

    assert (empty, barriers(page)) == ([], [])


def test_signing_in_has_none(site):
    with unit_of_work() as session:
        staff = add_staff(session, "new@prison.invalid", "New Person", PASSWORD, ["LEI"], False)
        invitation = invitations.token(staff)
    found: dict[str, list[str]] = {}
    with served(create_app()) as address:
        context = site.browser.new_context(**DESK)
        page = context.new_page()

        def look_at(name: str, path: str = "") -> None:
            if path:
                page.goto(f"{address}/console/{path}")
            found[name] = barriers(page)

        look_at("invitation", f"invitation/{invitation}")
        look_at("no invitation", "invitation/used")
        look_at("sign in", "sign-in")
        page.get_by_role("button", name="Sign in", exact=True).click()
        look_at("sign in, refused")
        _password(page, "new@prison.invalid")
        look_at("set up")
        page.get_by_label("Code from your app").fill(phone.shows(page.locator(".console-key").inner_text()))
        page.get_by_role("button", name="Continue").click()
        look_at("recovery codes")
        page.get_by_role("button", name="Sign out").click()
        look_at("signed out")
        _password(page, "new@prison.invalid")
        look_at("code")
        look_at("recovery code", "sign-in/recovery-code")
        context.close()

    assert {name: those for name, those in found.items() if those} == {}


def _password(page: Page, who: str) -> None:
    page.get_by_label("E-mail address").fill(who)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _chats(page: Page, address: str) -> None:
    page.goto(f"{address}/chat")
    page.get_by_label("Your message").fill("When can I visit?")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("When can I visit?").wait_for()
    with unit_of_work() as session:
        message = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        answer(session, message, [ANSWER])
