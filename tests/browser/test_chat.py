"""The chat in a real Chromium: with a script, without one, and in a frame on another site."""

import http.server
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from gateway import config
from gateway.conversations import service
from gateway.conversations.models import Conversation, Message
from gateway.db import unit_of_work
from gateway.feedback.models import Feedback
from web import create_app
from web.chat import views

pytestmark = pytest.mark.browser

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SWITCHES = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"]
# Set to a folder, it gets a picture of each stage: for looking at the pages, not for comparing them.
PICTURES = os.environ.get("PICTURES")
SOURCE = {
    "title": "Visit someone in prison, GOV.UK",
    "url": "https://www.gov.uk/prison-visits",
    "checked": "2026-11-21",
}
VISITS = service.Reply(
    "Most people in prison can have at least two visits every four weeks.\n\nYou must book first. Which do you need?",
    buttons=[
        {"title": "How to book", "payload": "/ask_visit_booking"},
        {"title": "What to bring", "payload": "/ask_visit_id"},
        {"title": "What to wear", "payload": "/ask_visit_clothes"},
    ],
    sources=[SOURCE],
)
REPLIES = {
    "When can I visit my son?": VISITS,
    "/ask_visit_booking": service.Reply("You can book online or ring the prison.", sources=[SOURCE]),
    "I am late": service.Reply("Ring the prison.", sources=[SOURCE], answer="visits/late"),
}


class Worker(threading.Thread):
    """Answers what waits, as the worker process would."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()

    def run(self) -> None:
        while not self.done.wait(0.05):
            with unit_of_work() as session:
                for message in session.scalars(select(Message).where(Message.state == "accepted")).all():
                    reply = REPLIES.get(message.text, service.Reply(f"You said: {message.text}"))
                    if "slow" not in message.text:
                        service.answer(session, message, [reply])


@pytest.fixture
def worker(database: str) -> Iterator[Worker]:
    answering = Worker()
    answering.start()
    yield answering
    answering.done.set()
    answering.join()


@pytest.fixture
def other_site(tmp_path: Path) -> Iterator[str]:
    """A charity's page on another site: 127.0.0.1 is not localhost to a browser."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def site(database: str, worker: Worker, other_site: str) -> Iterator[str]:
    """The service's address, with the charity's site allowed to frame the chat."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    app = create_app(replace(config.settings(), public_url=address, chat_wait=2, widget_origins=(other_site,)))
    app.config["SESSION_COOKIE_SECURE"] = True  # as behind https; browsers trust localhost as much
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield address
    server.shutdown()


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open a page of a certain kind; any complaint of the browser, or a call on a foreign site, fails the test.

    It needs the site only so that the pages, which go on asking for news, are closed before the site is.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(address: str, width: int = 1280, height: int = 900, **kind: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **kind)
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda said: complaints.append(f"{said.text} {said.location['url']}") if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda asked: complaints.append(asked.url) if not _is_ours(asked.url) else None)
        page.goto(address)
        return page

    open_page.complaints = complaints
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _is_ours(url: str) -> bool:
    return url.startswith(("http://localhost:", "http://127.0.0.1:", "about:"))


def picture(page: Page, name: str, whole: bool = False) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=whole)


def words(page: Page | FrameLocator) -> list[str]:
    return [text.strip() for text in page.locator(".thread .message__text").all_text_contents()]


def write(page: Page | FrameLocator, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


KINDS = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 667}}


@pytest.mark.parametrize("kind", KINDS)
def test_a_conversation_with_a_script(site, visit, kind):
    page = visit(f"{site}/chat", **KINDS[kind])
    picture(page, f"{kind}-1-before")
    picture(page, f"{kind}-1-before-whole", whole=True)

    write(page, "When can I visit my son?")
    expect(page.locator(".message--bot")).to_have_count(1)
    assert words(page)[0] == "When can I visit my son?"
    assert "Source: Visit someone in prison, GOV.UK (opens in new tab), checked 21 November 2026" in " ".join(
        page.locator(".message__source").text_content().split()
    )
    expect(page.get_by_role("button", name="How to book")).to_be_in_viewport()
    picture(page, f"{kind}-2-answer")

    page.get_by_role("button", name="How to book").click()
    expect(page.locator(".message--bot")).to_have_count(2)
    assert words(page)[2:] == ["How to book", "You can book online or ring the prison."]
    expect(page.get_by_role("button", name="How to book")).not_to_be_visible()
    picture(page, f"{kind}-3-button")
    picture(page, f"{kind}-3-button-whole", whole=True)


def test_the_keyboard_sends_and_breaks_lines(site, visit):
    page = visit(f"{site}/chat")
    box = page.get_by_label("Your message")

    box.press_sequentially("one")
    box.press("Shift+Enter")
    box.press_sequentially("two")
    box.press("Enter")

    expect(page.locator(".message--bot")).to_have_count(1)
    assert words(page) == ["one\ntwo", "You said: one\ntwo"]
    expect(box).to_be_focused()
    expect(box).to_have_value("")


def test_an_empty_box_says_so(site, visit):
    page = visit(f"{site}/chat")
    write(page, "  ")

    expect(page.get_by_role("alert")).to_contain_text("There is nothing in the box")
    assert words(page) == []


def test_the_conversation_is_there_again_after_a_reload(site, visit):
    page = visit(f"{site}/chat")
    write(page, "hello")
    expect(page.locator(".message--bot")).to_have_count(1)

    page.reload()
    write(page, "again")
    expect(page.locator(".message--bot")).to_have_count(2)

    assert words(page) == ["hello", "You said: hello", "again", "You said: again"]


def test_later_words_of_staff_appear_by_themselves_and_leave_the_focus_alone(site, visit):
    page = visit(f"{site}/chat")
    write(page, "I am worried about my son")
    expect(page.locator(".message--bot")).to_have_count(1)
    page.get_by_label("Your message").fill("I also")
    with unit_of_work() as session:
        conversation = session.scalars(select(Conversation)).one()
        service.say_to_family(session, conversation, service.Reply("A person read your message."), sender="staff")

    expect(page.locator(".message--staff")).to_contain_text("A person read your message.", timeout=10_000)
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_label("Your message")).to_have_value("I also")
    picture(page, "desktop-4-staff")


def test_a_late_answer_is_announced(site, visit):
    page = visit(f"{site}/chat", **KINDS["phone"])
    write(page, "slow please")

    expect(page.locator("#writing")).to_contain_text("is writing")
    picture(page, "phone-5-writing")
    expect(page.locator("#writing")).to_contain_text("come back later", timeout=10_000)
    expect(page.locator(".message--family")).to_be_in_viewport()
    picture(page, "phone-6-late")


def test_a_message_without_a_network_goes_back_into_the_box(site, visit):
    page = visit(f"{site}/chat", **KINDS["phone"])
    page.context.set_offline(True)
    write(page, "He is not safe")

    expect(page.get_by_role("alert")).to_contain_text("Your words are still in the box")
    expect(page.get_by_label("Your message")).to_have_value("He is not safe")
    assert words(page) == []
    picture(page, "phone-7-offline")

    page.context.set_offline(False)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".message--bot")).to_have_count(1)
    expect(page.get_by_role("alert")).to_be_empty()
    visit.complaints[:] = [said for said in visit.complaints if "ERR_INTERNET_DISCONNECTED" not in said]


def test_a_message_that_is_too_long_stays_with_the_reason(site, visit):
    page = visit(f"{site}/chat")
    write(page, "a" * 4001)

    expect(page.get_by_role("alert")).to_contain_text("Send it in parts")
    expect(page.get_by_label("Your message")).to_have_value("a" * 4001)
    visit.complaints[:] = [said for said in visit.complaints if "413" not in said]


def test_a_conversation_that_is_gone_stops_no_message(site, visit):
    page = visit(f"{site}/chat", **KINDS["phone"])
    stale = page.content().replace('data-conversation=""', 'data-conversation="stale"')
    page.route(f"{site}/chat", lambda route: route.fulfill(body=stale, content_type="text/html"))
    page.reload()

    write(page, "hello")
    expect(page.locator(".message--bot")).to_have_count(1)

    assert words(page) == ["hello", "You said: hello"]
    visit.complaints[:] = [said for said in visit.complaints if "404" not in said]


def test_no_address_that_the_page_calls_holds_its_token(site, visit):
    page = visit(f"{site}/chat")
    called = []
    page.on("request", lambda asked: called.append(asked.url))
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        write(page, "hello")
    with page.expect_response(lambda answer: "after=" in answer.url) as looked:
        expect(page.locator(".message--bot")).to_have_count(1)

    token = sent.value.json()["conversation"]
    assert looked.value.json()["conversation"] == token
    assert called and not [url for url in called if token in url]


ASK = """async (address) => {
  const text = JSON.stringify({ text: "forged" });
  const json = { "Content-Type": "application/json" };
  const tries = [
    { credentials: "include" },
    { headers: { Authorization: "Bearer x" } },
    { method: "POST", body: text, headers: json, credentials: "include" },
    { method: "POST", body: text, mode: "no-cors", credentials: "include" },
  ];
  const ended = [];
  for (const one of tries) ended.push(await fetch(address, one).then((found) => found.type, () => "refused"));
  return ended;
}"""


def test_a_page_elsewhere_can_neither_read_nor_send(site, visit, tmp_path, other_site):
    """In the browser that has the conversation, and on a site that may frame the chat. What a page may send without
    leave arrives, but is not kept."""
    (tmp_path / "index.html").write_text('<!doctype html><link rel="icon" href="data:,">')
    page = visit(f"{site}/chat")
    write(page, "mine")
    expect(page.locator(".message--bot")).to_have_count(1)
    page.goto(f"{other_site}/index.html")

    assert page.evaluate(ASK, f"{site}/chat/api/messages") == ["refused"] * 4
    with unit_of_work() as session:
        assert list(session.scalars(select(Message.text).where(Message.sender == "family"))) == ["mine"]
    visit.complaints[:] = [said for said in visit.complaints if f"{site}/chat/api/messages" not in said]


@pytest.mark.parametrize("kind", KINDS)
def test_a_conversation_without_a_script(site, visit, kind):
    page = visit(f"{site}/chat", **KINDS[kind], java_script_enabled=False)
    picture(page, f"{kind}-8-plain-before")

    write(page, "When can I visit my son?")
    assert words(page)[0] == "When can I visit my son?"
    expect(page.locator(".thread")).to_contain_text("checked 21 November 2026")
    picture(page, f"{kind}-9-plain-answer")
    page.get_by_role("button", name="How to book").click()
    assert words(page)[2:] == ["How to book", "You can book online or ring the prison."]

    write(page, "slow please")
    expect(page.locator("main")).to_contain_text("The answer is not ready yet")
    with unit_of_work() as session:
        waiting = session.scalars(select(Message).where(Message.state == "accepted")).one()
        service.answer(session, waiting, [service.Reply("Here it is.")])
    page.get_by_role("link", name="Check for new messages").click()
    assert words(page)[-1] == "Here it is."
    picture(page, f"{kind}-10-plain-whole", whole=True)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_page_follows_the_readers_colours_and_is_never_wider_than_the_screen(site, visit, scheme):
    page = visit(f"{site}/chat", width=320, height=568, color_scheme=scheme)
    write(page, "When can I visit my son?")
    expect(page.locator(".message--bot")).to_have_count(1)
    write(page, "w" * 200)
    expect(page.locator(".message--bot")).to_have_count(2)

    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    picture(page, f"narrow-{scheme}", whole=True)


def test_leaving_fast_takes_the_conversation_off_the_screen_and_the_device(site, visit, monkeypatch):
    monkeypatch.setattr(views, "ELSEWHERE", "/static/icon.svg")
    page = visit(f"{site}/chat", **KINDS["phone"])
    write(page, "hello")
    expect(page.locator(".message--bot")).to_have_count(1)

    page.get_by_role("button", name="Exit this page").click()
    page.wait_for_url("**/icon.svg")
    page.go_back()

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert words(page) == []
    visit.complaints[:] = [said for said in visit.complaints if "favicon" not in said]


def test_the_button_on_another_site_opens_the_chat_in_a_panel(site, visit, other_site, tmp_path):
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="en"><title>A charity</title><link rel="icon" href="data:,">'
        "<style>* { color: green; font-size: 40px; letter-spacing: 3px }</style>"
        f'<h1>A charity for families</h1><script src="{site}/widget.js" async></script></html>'
    )
    page = visit(f"{other_site}/index.html", width=1000, height=800)
    globals_before = page.evaluate("Object.keys(window).length")
    opener = page.get_by_role("button", name="Ask about prison or tell us a worry")
    expect(opener).to_have_attribute("aria-expanded", "false")
    picture(page, "widget-1-closed")

    opener.focus()
    page.keyboard.press("Enter")
    chat = page.frame_locator("iframe")
    write(chat, "When can I visit my son?")
    expect(chat.locator(".message--bot")).to_have_count(1)
    picture(page, "widget-2-open")
    chat.get_by_role("button", name="How to book").click()
    expect(chat.locator(".message--bot")).to_have_count(2)
    expect(chat.locator("#exit a")).to_have_attribute("target", "_top")

    chat.get_by_label("Your message").press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()
    expect(opener).to_be_focused()
    opener.click()
    expect(chat.locator(".message--bot")).to_have_count(2)
    page.get_by_role("button", name="Close chat").click()
    expect(opener).to_be_focused()
    # The frame itself counts as a property of the window.
    assert page.evaluate("Object.keys(window).length") <= globals_before + 1

    page.reload()
    opener.click()
    expect(chat.locator(".message--bot")).to_have_count(2)
    expect(chat.locator(".message--family")).to_have_count(2)


def test_the_button_fills_a_small_screen(site, visit, other_site, tmp_path):
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A charity</title>'
        f'<link rel="icon" href="data:,"><h1>A charity</h1><script src="{site}/widget.js" async></script></html>'
    )
    page = visit(f"{other_site}/index.html", width=320, height=568)
    page.get_by_role("button", name="Ask about prison").click()
    chat = page.frame_locator("iframe")
    expect(chat.get_by_label("Your message")).to_be_in_viewport()
    picture(page, "widget-3-small")
    write(chat, "When can I visit my son?")
    expect(chat.locator(".message--bot")).to_have_count(1)
    picture(page, "widget-4-small-answer")


def test_a_frame_without_cookies_or_storage_still_works(site, visit, other_site, tmp_path):
    (tmp_path / "index.html").write_text(
        '<!doctype html><html lang="en"><title>A charity</title><link rel="icon" href="data:,">'
        f'<iframe src="{site}/chat" width="320" height="560" title="Chat"></iframe>'
    )
    page = visit("about:blank")
    page.add_init_script(
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    page.goto(f"{other_site}/index.html")
    chat = page.frame_locator("iframe")

    write(chat, "hello")
    expect(chat.locator(".message--bot")).to_have_count(1)
    page.context.clear_cookies()
    write(chat, "again")
    expect(chat.locator(".message--bot")).to_have_count(2)
    with unit_of_work() as session:
        assert len(session.scalars(select(Conversation)).all()) == 1


def test_a_site_that_is_not_named_cannot_frame_the_chat(site, visit, tmp_path, other_site):
    (tmp_path / "index.html").write_text(
        f'<!doctype html><link rel="icon" href="data:,"><iframe src="{site}/chat" title="Chat"></iframe>'
    )
    page = visit(other_site.replace("127.0.0.1", "localhost") + "/index.html")

    expect(page.frame_locator("iframe").locator("#write")).to_have_count(0)
    visit.complaints[:] = [
        said for said in visit.complaints if "frame-ancestors" not in said and "chrome-error" not in said
    ]


def test_an_answer_is_rated_where_it_stands_and_a_call_is_offered(visit: Callable[..., Page], site: str) -> None:
    page = visit(f"{site}/chat")
    page.get_by_label("Your message").fill("I am late")
    page.keyboard.press("Enter")
    page.locator(".thread .rating").get_by_role("button", name="No").click()

    offer = page.locator(".thread").get_by_role("button", name="Ask for a call from a person")
    expect(page.locator(".thread .rating")).to_contain_text("Thank you for telling us.")
    with unit_of_work() as session:
        assert session.execute(select(Feedback.score, Feedback.answer)).all() == [(1, "visits/late")]
    offer.click()
    expect(page.get_by_text("You said: can someone ring me")).to_be_visible()
    expect(page.locator(".thread .rating")).to_have_count(0)
    assert visit.complaints == []
