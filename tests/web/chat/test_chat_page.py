"""The chat page as a plain form."""

import threading
from dataclasses import replace

import pytest

from gateway import config
from tests.web.chat.reading import read_page
from web import create_app

SOURCE = {"title": "Visits, GOV.UK", "url": "https://www.gov.uk/prison-visits", "checked": "2026-11-21"}


def test_before_the_first_message_the_page_says_who_reads_it_and_who_to_ring(page):
    words = page().get_text(" ", strip=True)

    for needed in (
        "A computer program reads it",
        "safer custody",
        "switchboard",
        "Say it is an emergency",
        "Orderly Officer or Duty Governor",
        "999",
        "116 123",
        "SHOUT",
        "85258",
        "Exit this page",
    ):
        assert needed in words


def test_opening_the_page_starts_nothing(page, conversations):
    page()

    assert conversations() == []


def test_the_page_is_ours_alone(page):
    soup = page()

    assert "GOV.UK" not in soup.get_text()
    assert "not a government website" in soup.footer.get_text()


def test_a_message_sent_by_the_form_comes_back_with_its_reply(database, answer):
    web = create_app(replace(config.settings(), chat_wait=5)).test_client()
    proof = read_page(web.get("/chat").text).select_one("#write input[name=csrf_token]")["value"]
    threading.Timer(0.2, answer, ["You can visit twice a month."]).start()

    response = web.post("/chat", data={"csrf_token": proof, "text": "When can I visit?"})
    soup = read_page(web.get(response.location).text)

    assert response.status_code == 303
    assert [item.select_one(".message__text").text for item in soup.select(".thread .message")] == [
        "When can I visit?",
        "You can visit twice a month.",
    ]


def test_a_late_answer_is_announced_and_can_be_asked_for(write, page):
    soup = read_page(write("hello").text)

    assert "The answer is not ready yet" in soup.get_text()
    assert soup.find("a", string="Check for new messages")["href"].startswith("/chat?")
    assert not soup.find("meta", attrs={"http-equiv": "refresh"})


def test_sources_and_buttons_are_on_the_page(write, page, answer):
    write("When can I visit?")
    answer("Twice a month.", sources=[SOURCE], buttons=[{"title": "Book a visit", "payload": "/book_visit"}])

    soup = page()

    source = soup.select_one(".thread .message__source")
    assert " ".join(source.text.split()) == "Source: Visits, GOV.UK (opens in new tab), checked 21 November 2026"
    assert source.a["href"] == SOURCE["url"]
    source.select_one(".govuk-visually-hidden").extract()
    assert " ".join(source.text.split()) == "Source: Visits, GOV.UK, checked 21 November 2026"
    button = soup.select_one(".thread button")
    assert (button.text, button["name"], button["value"]) == ("Book a visit", "text", "/book_visit")
    assert soup.find("form", id=button["form"]).select_one("[name=csrf_token]")


def test_a_pressed_button_shows_its_words_and_goes_away(write, page, answer, kept):
    write("When can I visit?")
    answer("Twice a month.", buttons=[{"title": "Book a visit", "payload": "/book_visit"}])
    write("/book_visit")

    soup = page()

    assert kept()[-1] == "/book_visit"
    assert [item.text for item in soup.select(".thread .message--family .message__text")][-1] == "Book a visit"
    assert not soup.select(".thread button")


def test_words_are_never_taken_for_html(write, page, answer):
    write('<script>alert(1)</script> & "co"')
    answer(
        "<b>no</b> see https://www.gov.uk/find-prison.",
        sources=[{"title": "<i>", "url": "javascript:alert(1)", "checked": ""}],
    )

    soup = page()
    own, reply = soup.select(".thread .message__text")

    assert own.text == '<script>alert(1)</script> & "co"'
    assert reply.a["href"] == "https://www.gov.uk/find-prison"
    assert not soup.select(".thread b, .thread i, .thread script, a[href^=javascript]")


@pytest.mark.parametrize(("text", "status", "words"), [(" \n", 400, "no words"), ("a" * 4001, 413, "Send it in parts")])
def test_what_cannot_be_sent_stays_in_the_box_with_the_reason(write, kept, text, status, words):
    response = write(text)
    soup = read_page(response.text)

    assert response.status_code == status
    assert soup.title.string.startswith("Error: ")
    assert words in soup.select_one(".govuk-error-summary").text
    assert soup.find("textarea")["aria-describedby"]
    assert soup.find("textarea").text.strip() == text.strip()
    assert kept() == []


def test_a_form_that_is_not_ours_sends_nothing_and_loses_nothing(web, page, kept):
    page()
    response = web.post("/chat", data={"text": "He is not safe", "csrf_token": "made up"})
    soup = read_page(response.text)

    assert response.status_code == 400
    assert soup.find("textarea").text.strip() == "He is not safe"
    assert "press Send again" in soup.select_one(".govuk-error-summary").text
    assert kept() == []


def test_signs_that_nobody_can_read_are_taken_out(write, kept):
    write("he\x00 is\r\nnot\x07 well")

    assert kept() == ["he is\nnot well"]


def test_the_conversation_goes_on_after_the_browser_comes_back(write, conversations, web):
    write("one")
    write("two")
    cookie = web.get_cookie("chat", path="/chat")

    assert len(conversations()) == 1
    assert cookie.http_only and cookie.same_site == "Lax" and cookie.max_age > 0


def test_over_https_a_frame_on_another_site_may_keep_the_cookie_for_itself(database):
    secure = create_app(replace(config.settings(), public_url="https://gateway.example")).test_client()
    response = secure.post("/chat/api/messages", json={"text": "hello"})

    cookie = response.headers["Set-Cookie"]
    for attribute in ("Secure", "HttpOnly", "SameSite=None", "Partitioned"):
        assert attribute in cookie


def test_a_cookie_that_we_did_not_make_is_no_obstacle(write, web, kept):
    web.set_cookie("chat", "made-up", path="/chat")
    write("hello")

    assert kept() == ["hello"]


def test_the_json_and_the_page_share_the_conversation(say, page):
    say("sent by the script")

    assert page().select_one(".thread .message__text").text == "sent by the script"


def test_the_chat_can_be_cleared_from_the_device(write, page, web, kept):
    write("hello")
    proof = page().select_one("#forget input[name=csrf_token]")["value"]
    web.post("/chat/forget", data={"csrf_token": proof})

    assert not page().select(".thread .message")
    assert kept() == ["hello"]


def test_another_site_cannot_clear_the_chat(write, page, web):
    write("hello")
    web.post("/chat/forget")

    assert page().select(".thread .message")


def test_leaving_fast_forgets_the_chat_on_this_device(write, page, web):
    write("hello")
    response = web.get(page().select_one("#exit a")["href"])

    assert response.status_code == 303
    assert not response.location.startswith("/")
    assert not page().select(".thread .message")


def test_only_the_chat_may_be_framed_and_only_where_allowed(web):
    policy = web.get("/chat").headers["Content-Security-Policy"]

    assert "frame-ancestors 'self' https://charity.example" in policy
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in web.get("/nothing").headers["Content-Security-Policy"]


def test_the_button_for_other_sites_loads_from_anywhere(web):
    response = web.get("/widget.js")

    assert response.status_code == 200
    assert "javascript" in response.content_type
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
