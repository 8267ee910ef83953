"""The console in a real browser: from signing in to closing, on a desk and on a telephone, with and without scripts."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import phone
import pytest
from console_site import chromium, served
from factories import a_concern, a_conversation
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from gateway.db import unit_of_work
from gateway.staff.models import Staff
from gateway.staff.service import add_staff
from web import create_app

pytestmark = pytest.mark.browser

EMAIL, SECOND, PASSWORD = "ann@prison.invalid", "bob@prison.invalid", "twelve plain signs"
# What a browser does when somebody comes back to the tab.
RENEW = "document.dispatchEvent(new Event('visibilitychange'))"
# Where pictures of the pages are put, for whoever wants to look at them.
SHOTS = os.environ.get("SHOTS")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def address(database: str) -> Iterator[str]:
    with served(create_app()) as opened:
        yield opened


@pytest.fixture
def reference(database: str) -> str:
    """An emergency at Leeds, told by text, beside some lesser worries; and somebody who may see them."""
    with unit_of_work() as session:
        add_staff(session, EMAIL, "Ann Example", PASSWORD, ["LEI"], reads_unrouted=True)
        phone.give(session, EMAIL)
        add_staff(session, SECOND, "Bob Second", PASSWORD, ["LEI"], reads_unrouted=False)
        phone.give(session, SECOND)
        a_concern(session, "he is being bullied for his vapes", urgency="urgent", category="debt_threats")
        a_concern(
            session, "not heard from her since monday", urgency="routine", category="missing_contact_worry", prison=None
        )
        details = {"prisoner_name": "Sam Sample", "reporter_relationship": "mother", "contact_allowed": True}
        words = "my son rang he said goodbye mum\nhe has done it before, please someone look in on him " + "now " * 20
        conversation = a_conversation(session, "sms")
        return a_concern(session, words, urgency="emergency", conversation=conversation, details=details).reference


@pytest.mark.parametrize(
    "name, width, scripts", [("desk", 1280, True), ("phone", 320, True), ("no_script", 1280, False)]
)
def test_an_emergency_is_read_acknowledged_noted_answered_and_closed_by_two(
    browser, address, reference, name, width, scripts
):
    page = browser.new_page(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/console/concerns/{reference}")
    _shot(page, name, "sign_in")
    _password(page)
    _shot(page, name, "code")
    _code(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Concern {reference}")

    page.get_by_role("link", name="Open concerns", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3 open concerns")
    _shot(page, name, "queue")
    page.locator(".console-list a").first.click()
    expect(page.get_by_text("he has done it before").first).to_be_visible()
    _shot(page, name, "concern")

    page.get_by_role("button", name="Acknowledge").click()
    expect(page.get_by_text("You have acknowledged")).to_be_visible()
    page.get_by_label("Add a note").fill("Rang the wing: an officer is with him.")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_text("an officer is with him")).to_be_visible()
    page.get_by_text("Send an approved sentence").click()
    page.get_by_label("Thank you for telling us").check()
    page.get_by_role("button", name="Send it", exact=True).click()
    expect(page.get_by_text("is on its way to the family")).to_be_visible()
    page.get_by_text("Say what was done, and close it").click()
    page.get_by_role("button", name="Close it", exact=True).click()
    expect(page.get_by_role("link", name="Choose what was done")).to_be_visible()
    _shot(page, name, "no_outcome")
    page.locator("#close").get_by_label("ACCT opened").check()
    page.get_by_role("button", name="Close it", exact=True).click()
    expect(page.get_by_text("is still open.")).to_be_visible()
    _shot(page, name, "still_open")

    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{address}/console/concerns/{reference}")
    _sign_in(page, SECOND)
    page.get_by_role("button", name="Confirm and close it").click()
    expect(page.get_by_text("is closed. The family is told")).to_be_visible()
    _shot(page, name, "closed")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()
    page.go_back(wait_until="commit")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert [line for line in refused if "400" not in line] == [], (
        "the Content-Security-Policy stopped something, or a file was missing"
    )
    page.close()


def test_an_officer_is_few_clicks_away_from_an_acknowledged_and_from_a_closed_emergency(browser, address, reference):
    page, clicks = browser.new_page(java_script_enabled=False), 0

    def click(*steps) -> None:
        nonlocal clicks
        for step in steps:
            step.click()
            clicks += 1

    def begin(email: str) -> None:
        page.goto(f"{address}/console/")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        click(page.get_by_role("button", name="Sign in", exact=True))
        page.get_by_label("Code from your app").fill(phone.code(email))
        click(page.get_by_role("button", name="Continue"), page.locator(".console-list a").first)

    begin(EMAIL)
    click(page.get_by_role("button", name="Acknowledge"))
    expect(page.get_by_text("You have acknowledged")).to_be_visible()
    assert clicks <= 4
    click(
        page.get_by_text("Say what was done, and close it"),
        page.locator("#close").get_by_label("ACCT opened"),
        page.get_by_role("button", name="Close it", exact=True),
        page.get_by_role("button", name="Sign out"),
    )
    begin(SECOND)
    click(page.get_by_role("button", name="Confirm and close it"))
    expect(page.get_by_text("is closed. The family is told")).to_be_visible()
    assert clicks <= 12
    page.close()


@pytest.mark.parametrize("width, scripts, folds", [(375, True, True), (375, False, False), (1280, True, False)])
def test_the_lists_fold_behind_one_button_where_they_would_push_the_page_down_and_a_script_can_open_them(
    browser, address, reference, width, scripts, folds
):
    page = browser.new_page(viewport={"width": width, "height": 667}, java_script_enabled=scripts)
    page.goto(f"{address}/console/")
    _sign_in(page, EMAIL)
    menu, closed = page.get_by_role("button", name="Menu"), page.get_by_role("link", name="Closed", exact=True)

    expect(menu).to_be_visible(visible=folds)
    expect(closed).to_be_visible(visible=not folds)
    if folds:
        assert page.get_by_role("heading", level=1).bounding_box()["y"] < 667 / 3
        menu.click()
        expect(menu).to_have_attribute("aria-expanded", "true")
    closed.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Closed concerns")
    page.close()


@pytest.mark.parametrize("name, width", [("desk", 1280), ("phone", 375), ("small", 320)])
def test_the_first_time_somebody_sets_up_the_app_and_gets_recovery_codes(browser, address, database, name, width):
    with unit_of_work() as session:
        add_staff(session, EMAIL, "Ann Example", PASSWORD, ["LEI"], reads_unrouted=True)
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{address}/console/closed")
    _password(page)

    for code in ("000000", phone.shows(page.locator(".console-key").inner_text())):
        expect(page.locator(".console-qr")).to_be_visible()
        page.get_by_label("Code from your app").fill(code)
        with page.expect_navigation():
            page.get_by_role("button", name="Continue").click()
        _shot(page, name, f"set_up_{code == '000000'}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    expect(page.locator(".console-codes li")).to_have_count(10)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("losed")
    page.get_by_role("link", name="Ann Example").click()
    expect(page.get_by_text("You have 10 recovery codes left")).to_be_visible()
    _shot(page, name, "account")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_from_the_code_to_an_acknowledged_emergency_it_takes_three_clicks(browser, address, reference):
    page = browser.new_page()
    page.goto(f"{address}/console/sign-in")
    _password(page)
    page.get_by_label("Code from your app").fill(phone.code(EMAIL))

    for click in (page.get_by_role("button", name="Continue"), page.locator(".console-list a").first):
        click.click()
    page.get_by_role("button", name="Acknowledge").click()

    expect(page.get_by_text(f"You have acknowledged {reference}")).to_be_visible()
    page.close()


@pytest.fixture
def desk(browser, address, reference) -> Iterator[Page]:
    """The queue on a telephone, with three concerns, somebody signed in and a count of the sounds that it makes."""
    page = browser.new_page(viewport={"width": 375, "height": 500})
    page.add_init_script(
        "window.tones = 0; window.OscillatorNode = class extends OscillatorNode "
        "{ start(...when) { window.tones += 1; super.start(...when); } }"
    )
    page.goto(f"{address}/console/")
    _sign_in(page, EMAIL)
    # The list renews itself only from when its scripts have run.
    expect(page.get_by_role("button", name="Turn the alert on")).to_be_visible()
    page.wait_for_load_state("load")
    yield page
    page.close()


def test_the_queue_renews_itself_where_the_reader_is_and_sounds_for_an_emergency_if_asked_to(desk):
    problems: list[str] = []
    desk.on("console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None)
    desk.get_by_text("Filter this list").click()
    desk.get_by_role("button", name="Turn the alert on").click()
    reading = desk.locator(".console-list a").last
    reading.focus()
    reading.evaluate("link => link.scrollIntoView()")
    read, top = reading.inner_text(), reading.evaluate("link => link.getBoundingClientRect().top")
    tones = desk.evaluate("tones")

    new = _renewed_with(desk, urgency="emergency")

    expect(desk.get_by_role("heading", level=1)).to_have_text("4 open concerns")
    expect(desk.locator("#news")).to_contain_text(f"a new emergency: {new}.")
    expect(desk).to_have_title(re.compile(r"^\(1\) New emergency - 4 open concerns"))
    expect(desk.locator("#filter")).to_have_attribute("open", "")
    assert desk.evaluate("document.activeElement.textContent") == read
    assert abs(reading.evaluate("link => link.getBoundingClientRect().top") - top) < 3
    assert 0 < tones < desk.evaluate("tones")
    assert desk.evaluate("document.documentElement.scrollWidth") <= 375
    _shot(desk, "phone", "queue_live")
    desk.keyboard.press("Shift")
    expect(desk).to_have_title(re.compile("^4 open concerns"))
    assert problems == []


def test_the_alert_is_off_until_asked_for_and_remembered_then(desk):
    new = _renewed_with(desk, urgency="emergency")
    expect(desk.locator("#news")).to_contain_text(new)
    assert (desk.evaluate("tones"), desk.title()) == (0, "4 open concerns - Family Gateway")

    desk.get_by_role("button", name="Turn the alert on").click()
    desk.reload()
    expect(desk.get_by_role("button", name="Turn the alert off")).to_be_visible()


def test_a_list_whose_session_has_ended_says_so_in_its_place(desk, reference):
    with unit_of_work() as session:
        session.execute(update(Staff).values(active=False))

    desk.evaluate(RENEW)

    expect(desk.get_by_role("heading", level=1)).to_have_text("You are signed out")
    expect(desk.get_by_role("link", name="Sign in again")).to_be_visible()
    expect(desk.get_by_text(reference)).to_have_count(0)
    expect(desk.get_by_label("Password")).to_have_count(0)
    expect(desk).to_have_title("Signed out - Family Gateway")


def _renewed_with(page: Page, **found: str) -> str:
    """A concern comes in, and the page is asked to look at once instead of in a quarter of a minute."""
    with unit_of_work() as session:
        reference = a_concern(session, "he has not eaten for days", **found).reference
    page.evaluate(RENEW)
    return reference


def _sign_in(page: Page, email: str) -> None:
    _password(page, email)
    _code(page, email)


def _password(page: Page, email: str = EMAIL) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def _code(page: Page, email: str = EMAIL) -> None:
    page.get_by_label("Code from your app").fill(phone.code(email))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def _shot(page: Page, name: str, what: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"console_{what}_{name}.png", full_page=True)
