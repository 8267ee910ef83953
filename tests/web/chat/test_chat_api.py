"""The chat's JSON, as docs/chat-api.md promises it."""

import json
import threading
import time
import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select

from gateway import config
from gateway.conversations import service, threads, tokens
from gateway.conversations.models import Message
from gateway.db import unit_of_work
from web import create_app
from web.chat import thread

SOURCE = {"title": "Visits, GOV.UK", "url": "https://www.gov.uk/prison-visits", "checked": "2026-11-21"}
BUTTON = {"title": "Yes", "payload": "/affirm"}


def test_a_first_message_begins_a_conversation_and_is_kept(say, kept):
    answer = say("When can I visit?")

    assert answer["conversation"]
    assert answer["pending"] is True
    assert answer["messages"] == []
    assert kept() == ["When can I visit?"]


def test_a_token_goes_on_with_the_same_conversation(say, conversations):
    token = say("hello")["conversation"]

    assert say("again", conversation=token)["conversation"] == token
    assert len(conversations()) == 1


@pytest.mark.parametrize("token", [None, ""])
def test_an_empty_token_begins_a_conversation(say, conversations, token):
    say("hello", conversation=token)

    assert len(conversations()) == 1


def test_replies_come_with_their_buttons_and_sources(say, listen, answer):
    token = say("When can I visit?")["conversation"]
    answer("You can visit twice a month.", buttons=[BUTTON], sources=[SOURCE])

    found = listen(token)

    assert found["pending"] is False
    assert found["conversation"] == token
    [reply] = found["messages"]
    assert reply == {
        "id": reply["id"],
        "from": "bot",
        "text": "You can visit twice a month.",
        "buttons": [BUTTON],
        "sources": [SOURCE],
        "rate": False,
    }


def test_only_what_came_after_is_given(say, listen, answer):
    token = say("one")["conversation"]
    answer("first", "second")
    first, second = listen(token)["messages"]

    assert listen(token, after=first["id"])["messages"] == [second]
    assert listen(token, after=second["id"])["messages"] == []


def test_a_post_gives_what_came_since_it_and_nothing_older(say, answer):
    token = say("one")["conversation"]
    answer("first")

    assert say("two", conversation=token)["messages"] == []


def test_the_familys_own_words_come_only_when_asked_for(say, listen, answer):
    token = say("one")["conversation"]
    answer("first")

    assert [said["from"] for said in listen(token)["messages"]] == ["bot"]
    assert [(said["from"], said["text"]) for said in listen(token, own=1)["messages"]] == [
        ("family", "one"),
        ("bot", "first"),
    ]


def test_a_pressed_button_is_shown_by_its_words(say, listen, answer, kept):
    token = say("I am worried")["conversation"]
    answer("Are you worried about someone's safety?", buttons=[BUTTON])
    say(BUTTON["payload"], conversation=token)

    assert listen(token, own=1)["messages"][-1]["text"] == "Yes"
    assert kept()[-1] == "/affirm"


def test_words_of_staff_and_holding_replies_reach_the_family(say, listen, staff_write, database):
    token = say("my son has not rung")["conversation"]
    with unit_of_work() as session:
        service.hold(session, session.scalars(select(Message.id)).one(), service.Reply("This takes longer."))
    staff_write("We have seen him.")

    found = listen(token)

    assert [said["from"] for said in found["messages"]] == ["system", "staff"]
    assert found["pending"] is True


def test_two_browsers_on_one_conversation_see_the_same(database, answer):
    one, other = create_app().test_client(), create_app().test_client()
    token = one.post("/chat/api/messages", json={"text": "hello"}).get_json()["conversation"]
    other.post("/chat/api/messages", json={"text": "me too", "conversation": token})
    answer("Hello.")

    seen = [
        browser.get(f"/chat/api/messages?conversation={token}&own=1").get_json()["messages"] for browser in (one, other)
    ]

    assert seen[0] == seen[1]
    assert [said["text"] for said in seen[0]] == ["hello", "me too", "Hello.", "Hello."]


def test_a_long_conversation_is_given_whole(say, listen, staff_write):
    token = say("hello")["conversation"]
    for number in range(205):
        staff_write(f"line {number}")

    assert listen(token)["messages"][-1]["text"] == "line 204"


def test_a_post_waits_for_the_reply(database, answer, monkeypatch):
    web = create_app(_patient(5)).test_client()
    worker = threading.Timer(0.3, answer, ["There you are."])
    worker.start()

    started = time.monotonic()
    found = web.post("/chat/api/messages", json={"text": "hello"}).get_json()
    worker.join()

    assert [said["text"] for said in found["messages"]] == ["There you are."]
    assert found["pending"] is False
    assert time.monotonic() - started < 2


def test_a_post_does_not_wait_for_ever(database):
    web = create_app(_patient(0.3)).test_client()

    started = time.monotonic()
    found = web.post("/chat/api/messages", json={"text": "hello"}).get_json()

    assert found["pending"] is True
    assert 0.3 <= time.monotonic() - started < 2


def test_who_finds_no_place_to_wait_is_told_at_once_that_the_answer_is_still_to_come(database, monkeypatch):
    web = create_app(_patient(30)).test_client()
    monkeypatch.setattr(thread, "_places", threading.BoundedSemaphore(1))
    thread._places.acquire()

    started = time.monotonic()
    found = web.post("/chat/api/messages", json={"text": "hello"}).get_json()

    assert found["pending"] is True
    assert time.monotonic() - started < 5


def test_a_place_to_wait_is_given_back(database, monkeypatch):
    web = create_app(_patient(0.1)).test_client()
    monkeypatch.setattr(thread, "_places", threading.BoundedSemaphore(1))

    web.post("/chat/api/messages", json={"text": "hello"})

    assert thread._places.acquire(blocking=False)


def _patient(seconds: float) -> config.Settings:
    return replace(config.settings(), chat_wait=seconds)


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", '"hello"', "12", "{", '{"text": "hi"', "\x00", "[" * 100_000, '{"text": ' + "9" * 5000 + "}"],
    ids=lambda body: body[:12],
)
def test_what_is_not_a_json_object_is_refused(web, body):
    response = web.post("/chat/api/messages", data=body, content_type="application/json")

    assert response.status_code == 400
    assert response.get_json().keys() == {"error"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken_so_that_no_foreign_form_can_post(web, kept, kind):
    response = web.post("/chat/api/messages", data=json.dumps({"text": "hi"}), content_type=kind)

    assert response.status_code == 400
    assert response.get_json()["error"]
    assert kept() == []


@pytest.mark.parametrize(
    "body", [{}, {"text": None}, {"text": ""}, {"text": " \n\t\r "}, {"text": "\u200b\u2060\ufeff"}]
)
def test_a_message_without_words_is_refused(web, kept, body):
    response = web.post("/chat/api/messages", json=body)

    assert response.status_code == 400
    assert "no words" in response.get_json()["error"]
    assert kept() == []


@pytest.mark.parametrize("text", [5, 1.5, True, ["hi"], {"hi": 1}])
def test_text_must_be_a_string(say, kept, text):
    assert say(text, status=400)["error"]
    assert kept() == []


@pytest.mark.parametrize("text", ["a" * 4001, "😀" * 10_000])
def test_a_text_that_is_too_long_is_refused_with_what_to_do(say, kept, text):
    assert "Send it in parts" in say(text, status=413)["error"]
    assert kept() == []


@pytest.mark.parametrize("text", ["a" * 4000, "😀" * 4000, "👩‍👩‍👧 he’s on HMP’s wing\n\nplease"])
def test_a_long_or_unusual_text_is_kept_as_it_is(say, kept, text):
    say(text)

    assert kept() == [text]


def test_a_huge_body_is_refused(web):
    response = web.post("/chat/api/messages", json={"text": "a" * 300_000})

    assert response.status_code == 413
    assert response.get_json()["error"]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("he\x00llo", "hello"),
        ("bell\x07 and \x1b[31mred\x7f\x85", "bell and [31mred"),
        ("one\r\ntwo\rthree\tfour", "one\ntwo\nthree\tfour"),
        ("half \ud83d emoji \udc00", "half  emoji "),
    ],
)
def test_signs_that_nobody_can_read_are_taken_out(web, kept, sent, stored):
    response = web.post("/chat/api/messages", data=json.dumps({"text": sent}), content_type="application/json")

    assert response.status_code == 200
    assert kept() == [stored]


MADE_UP = ["made-up", "0", "\ud83d", "é", "\x00", "a.b.c", "9" * 10_000]


@pytest.mark.parametrize("token", [*MADE_UP, 12, True, ["x"], {"a": 1}], ids=repr)
def test_a_made_up_token_is_not_found(web, kept, token):
    body = json.dumps({"text": "hi", "conversation": token})
    response = web.post("/chat/api/messages", data=body, content_type="application/json")

    assert response.status_code == 404
    assert response.get_json()["error"]
    assert kept() == []


@pytest.mark.parametrize("token", ["made-up", "é", "\x00", "a.b.c"])
def test_a_made_up_token_cannot_be_read(listen, token):
    assert listen(token, status=404)["error"]


def test_a_tampered_token_is_not_found(say, listen):
    token = say("hello")["conversation"]
    other = ("B" if token[0] == "A" else "A") + token[1:]

    assert listen(other, status=404)["error"]
    assert listen(token[:-1], status=404)["error"]
    assert listen(token + "x", status=404)["error"]


def test_a_token_of_another_installation_is_not_found(say, monkeypatch):
    ours_but_gone = tokens.sign(uuid.uuid4())
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(tokens, "settings", lambda: config.Settings(secret_key="another", data_keys=()))
        foreign = tokens.sign(uuid.uuid4())

    say("hi", status=404, conversation=foreign)
    say("hi", status=404, conversation=ours_but_gone)


def test_a_text_message_thread_cannot_be_read_on_the_web(listen, database):
    with unit_of_work() as session:
        by_text = threads.sms_conversation(session, "+447700900123").id

    listen(tokens.sign(by_text), status=404)


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "", "9" * 30, "1 OR 1=1", "١٢"])
def test_after_must_be_the_number_of_a_message(say, listen, after):
    assert listen(say("hello")["conversation"], after=after, status=400)["error"]


def test_reading_needs_a_token(web):
    response = web.get("/chat/api/messages")

    assert response.status_code == 400
    assert response.get_json()["error"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_wrong_method_is_answered_in_json(web, method):
    response = web.open("/chat/api/messages", method=method)

    assert response.status_code == 405
    assert response.get_json()["error"]
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))


def test_an_unknown_address_is_answered_in_json(web):
    response = web.get("/chat/api/nothing")

    assert response.status_code == 404
    assert response.get_json()["error"]


def test_a_crash_is_answered_in_json_without_details(web, monkeypatch):
    def crash(*_: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(thread, "take", crash)
    response = web.post("/chat/api/messages", json={"text": "hi"})

    assert response.status_code == 500
    assert response.get_json().keys() == {"error"}
    assert "secret" not in response.text


def test_no_other_site_is_let_in_and_no_cookie_is_needed(database):
    web = create_app().test_client(use_cookies=False)
    token = web.post("/chat/api/messages", json={"text": "hi"}).get_json()["conversation"]
    foreign = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}

    assert web.get(f"/chat/api/messages?conversation={token}").status_code == 200
    for response in (
        web.options("/chat/api/messages", headers=foreign),
        web.post("/chat/api/messages", json={"text": "hi"}, headers=foreign),
    ):
        assert not [name for name in response.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118


def test_answers_are_not_stored_on_the_way(web):
    assert web.post("/chat/api/messages", json={"text": "hi"}).headers["Cache-Control"] == "no-store"
