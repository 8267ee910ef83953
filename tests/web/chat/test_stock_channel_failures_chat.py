"""How Rasa's stock chat channel fails, each with the proof that ours does the opposite. For texts, see
tests/integration/test_stock_channel_failures_sms.py; for a database that fails Rasa, tests/rasa/test_tracker_store.py.

What holds of a token: it is bound to its conversation, not to a browser. Whoever has it is the family.
"""

import json
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.config import settings
from gateway.conversations import tokens
from gateway.conversations.models import Conversation, Message
from gateway.conversations.threads import sms_conversation
from gateway.deliveries.models import Delivery
from tests.web.chat.reading import read_page
from web import create_app

MESSAGES, FEEDBACK = "/chat/api/messages", "/chat/api/feedback"
HTTPS = "https://gateway.example"
PHONE = "+447700900123"
# What a browser adds when a page elsewhere has it ask.
ELSEWHERE = {"Origin": "https://evil.example", "Referer": "https://evil.example/", "Sec-Fetch-Site": "cross-site"}

Say = Callable[..., dict]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def texts(found: dict) -> list[str]:
    return [said["text"] for said in found["messages"]]


def a_browser() -> FlaskClient:
    """Another family's, or the same family's on another day: it remembers nothing yet."""
    return create_app().test_client()


# ----- hostile Origin -----


@pytest.mark.parametrize("path", ["/chat", MESSAGES, FEEDBACK])
@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://charity.example"])
def test_no_page_elsewhere_is_given_leave_to_read_or_to_send(web: FlaskClient, path: str, method: str, origin: str):
    """Not even one that may frame the chat: what is in the frame is a page of ours."""
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    response = web.open(path, method=method, headers=asks)

    assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_what_a_page_elsewhere_may_send_without_leave_is_not_taken(
    web: FlaskClient, say: Say, kept: Callable[[], list[str]], kind: str | None
):
    """These four kinds a browser sends for any page, with the family's cookie, without asking us before."""
    token = say("mine")["conversation"]
    forged = json.dumps({"text": "forged", "conversation": token})
    response = web.post(MESSAGES, data=forged, content_type=kind, headers=ELSEWHERE)

    assert response.status_code == 400
    assert kept() == ["mine"]


def test_the_cookie_that_comes_along_is_no_key_to_the_json(web: FlaskClient, say: Say, kept: Callable[[], list[str]]):
    token = say("mine")["conversation"]
    assert web.get_cookie("chat", path="/chat")

    assert web.get(MESSAGES, headers=ELSEWHERE).status_code == 400
    assert web.post(FEEDBACK, json={"message": 1, "helped": True}, headers=ELSEWHERE).status_code == 400
    begun = web.post(MESSAGES, json={"text": "forged"}, headers=ELSEWHERE).get_json()["conversation"]
    assert begun != token


def test_the_pages_form_takes_nothing_that_a_page_elsewhere_fills_in(
    web: FlaskClient, say: Say, kept: Callable[[], list[str]]
):
    """Also not with the proof of a form that it got for itself."""
    say("mine")
    theirs = read_page(a_browser().get("/chat").text).select_one("#write input[name=csrf_token]")["value"]

    for proof in ({}, {"csrf_token": theirs}):
        assert web.post("/chat", data={"text": "forged", **proof}, headers=ELSEWHERE).status_code == 400
    assert kept() == ["mine"]


@pytest.mark.parametrize(
    ("address", "must"),
    [("http://localhost:8080", {"HttpOnly", "SameSite=Lax"}), (HTTPS, {"HttpOnly", "Secure", "Partitioned"})],
)
def test_the_cookie_is_out_of_reach_of_pages_elsewhere(database: str, address: str, must: set[str]):
    """Over https it goes along into a frame, but each site around a frame has one of its own."""
    browser = create_app(replace(settings(), public_url=address)).test_client()
    [cookie] = browser.post(MESSAGES, json={"text": "hello"}).headers.getlist("Set-Cookie")

    assert must <= set(cookie.split("; "))
    assert "Domain" not in cookie and "Path=/chat" in cookie


@pytest.mark.parametrize(
    ("sites", "allowed"),
    [((), "'self'"), (("https://charity.example",), "'self' https://charity.example")],
)
def test_only_named_sites_may_frame_the_chat_and_none_the_rest(database: str, sites: tuple[str, ...], allowed: str):
    browser = create_app(replace(settings(), widget_origins=sites)).test_client()
    framed = {}
    for path in ("/chat", MESSAGES, "/console/sign-in", "/nothing"):
        headers = browser.get(path).headers
        framed[path] = headers["Content-Security-Policy"].split("frame-ancestors ")[1].split(";")[0]
        assert (headers.get("X-Frame-Options") == "DENY") == (path != "/chat")

    assert framed == {"/chat": allowed, MESSAGES: "'none'", "/console/sign-in": "'none'", "/nothing": "'none'"}


# ----- a reply lost with persistent sessions -----


def test_who_closes_the_browser_finds_every_reply_on_coming_back_also_those_of_meanwhile(
    web: FlaskClient, say: Say, answer: Callable[..., None], staff_write: Callable[[str], None]
):
    token = say("When can I visit?")["conversation"]
    answer("Twice a month.")
    say("My son has not rung.", conversation=token)
    cookie = web.get_cookie("chat", path="/chat")

    answer("Thank you. We have written that down.")
    staff_write("We have seen him.")

    assert cookie is not None and cookie.max_age is not None and cookie.max_age > 0  # or it ends with the browser
    later = a_browser()
    later.set_cookie("chat", cookie.value, path="/chat")
    shown = [text.get_text(strip=True) for text in read_page(later.get("/chat").text).select(".thread .message__text")]
    assert shown == [
        "When can I visit?",
        "Twice a month.",
        "My son has not rung.",
        "Thank you. We have written that down.",
        "We have seen him.",
    ]


def test_a_script_that_comes_back_finds_what_came_after_all_that_it_knows(
    web: FlaskClient, say: Say, answer: Callable[..., None], staff_write: Callable[[str], None]
):
    token = say("When can I visit?")["conversation"]
    answer("Twice a month.")
    [known] = web.get(MESSAGES, headers=bearer(token)).get_json()["messages"]
    say("My son has not rung.", conversation=token)  # and the line drops before any answer
    answer("We have written that down.")
    staff_write("We have seen him.")

    later = a_browser().get(MESSAGES, query_string={"after": known["id"]}, headers=bearer(token)).get_json()
    assert texts(later) == ["We have written that down.", "We have seen him."]
    assert later["pending"] is False


def test_a_reply_is_given_as_often_as_it_is_asked_for(web: FlaskClient, say: Say, answer: Callable[..., None]):
    """To be handed out once does not take it off: the first answer may never have arrived."""
    token = say("When can I visit?")["conversation"]
    answer("Twice a month.")

    for browser in (web, web, a_browser()):
        assert texts(browser.get(MESSAGES, headers=bearer(token)).get_json()) == ["Twice a month."]


# ----- another's session by its id -----


@pytest.fixture
def theirs(session: Session, answer: Callable[..., None]) -> Message:
    """A message of another family, answered."""
    a_browser().post(MESSAGES, json={"text": "their secret"})
    answer("their reply")
    return session.scalars(select(Message).where(Message.sender == "family")).one()


IDS: dict[str, Callable[[Message], object]] = {
    "uuid": lambda message: str(message.conversation_id),
    "hex": lambda message: message.conversation_id.hex,
    "message": lambda message: str(message.id),
    "provider's id": lambda message: message.provider_id,
    "unsigned": lambda message: tokens.sign(message.conversation_id).partition(".")[0],
    "with another's proof": lambda message: ".".join(
        (tokens.sign(message.conversation_id).split(".")[0], tokens.sign(uuid.uuid4()).split(".")[1])
    ),
    "respelled": lambda message: tokens.sign(message.conversation_id) + "=",
}


@pytest.mark.parametrize("guess", IDS.values(), ids=IDS.keys())
def test_no_id_opens_the_conversation_of_another_family(
    web: FlaskClient, theirs: Message, kept: Callable[[], list[str]], guess: Callable[[Message], object]
):
    token = guess(theirs)
    rating = {"conversation": token, "message": theirs.id + 1, "helped": True}

    assert web.get(MESSAGES, headers=bearer(str(token))).status_code == 404
    assert web.get(MESSAGES, query_string={"conversation": token}).status_code == 404
    assert web.post(MESSAGES, json={"text": "forged", "conversation": token}).status_code == 404
    assert web.post(FEEDBACK, json=rating).status_code == 404
    web.set_cookie("chat", str(token), path="/chat")
    assert "their" not in web.get("/chat").text
    assert kept() == ["their secret"]


@pytest.mark.parametrize("after", [0, -1])
def test_the_numbers_of_anothers_messages_open_nothing(web: FlaskClient, theirs: Message, say: Say, after: int):
    token = say("mine")["conversation"]
    query = {"after": max(0, theirs.id + after), "own": 1}
    rating = {"conversation": token, "message": theirs.id + 1, "helped": True}

    assert texts(web.get(MESSAGES, query_string=query, headers=bearer(token)).get_json()) == ["mine"]
    assert web.post(FEEDBACK, json=rating).status_code == 404


# ----- a browser that speaks as a phone -----

AS_A_PHONE = {
    "channel": "sms", "input_channel": "sms", "provider": "twilio", "provider_id": "SM1", "MessageSid": "SM1",
    "From": PHONE, "from": PHONE, "To": PHONE, "sender": PHONE, "sender_id": PHONE, "number": PHONE, "address": PHONE,
    "sessionId": PHONE, "session_id": PHONE, "conversation_id": str(uuid.uuid4()), "id": 1,
    "at": "2020-01-01T00:00:00Z", "metadata": {"channel": "sms"}, "synthetic": True,
    "media": [{"url": "https://evil.example"}],
}  # fmt: skip
PHONE_HEADERS = {
    "X-Channel": "sms", "X-Sender": PHONE, "X-Twilio-Signature": "x", "X-Conversation": str(uuid.uuid4()),
    "X-Session-Id": PHONE, "X-Forwarded-For": PHONE, "X-HTTP-Method-Override": "PUT", "X-Original-URL": "/sms/twilio",
}  # fmt: skip


def test_nothing_in_the_json_the_address_or_a_header_makes_a_browser_a_phone(web: FlaskClient, session: Session):
    """The phone's own thread stays as it was, and the browser's message is one of the web under an id of ours."""
    phone = sms_conversation(session, PHONE)
    session.commit()
    response = web.post(
        MESSAGES, json={"text": "as a phone", **AS_A_PHONE}, query_string=AS_A_PHONE, headers=PHONE_HEADERS
    )

    assert response.status_code == 200
    message = session.scalars(select(Message)).one()
    spoken_in = session.get_one(Conversation, message.conversation_id)
    assert (message.provider, message.sender, message.media) == ("web", "family", [])
    assert message.provider_id != "SM1" and message.at.year > 2020
    assert (spoken_in.channel, spoken_in.address, spoken_in.synthetic) == ("web", None, False)
    assert str(spoken_in.id) not in (str(phone.id), AS_A_PHONE["conversation_id"], PHONE_HEADERS["X-Conversation"])
    assert session.scalar(select(func.count()).select_from(Delivery)) == 0


@pytest.mark.parametrize("token", [PHONE, f"sms:{PHONE}", {"channel": "sms", "sender": PHONE}, [PHONE]], ids=str)
def test_a_number_is_no_token(say: Say, kept: Callable[[], list[str]], token: object):
    say("as a phone", status=404, conversation=token)

    assert kept() == []


def test_even_a_signed_token_opens_no_thread_of_text_messages(web: FlaskClient, session: Session):
    token = tokens.sign(sms_conversation(session, PHONE).id)
    session.commit()

    assert web.get(MESSAGES, headers=bearer(token)).status_code == 404
    assert web.post(MESSAGES, json={"text": "as a phone", "conversation": token}).status_code == 404
    assert session.scalar(select(func.count()).select_from(Message)) == 0


# ----- a token that is not bound to its session -----


def test_a_token_speaks_in_its_own_conversation_whatever_else_is_named(
    web: FlaskClient, say: Say, session: Session, theirs: Message
):
    token, other = say("mine")["conversation"], str(theirs.conversation_id)
    web.set_cookie("chat", tokens.sign(theirs.conversation_id), path="/chat")
    beside = {"conversation_id": other, "session_id": other, "sender_id": other, "sender": other}

    query = {"conversation": tokens.sign(theirs.conversation_id), **beside}
    web.post(MESSAGES, json={"text": "mine too", "conversation": token, **beside}, query_string=query)

    found = select(Message.text).where(Message.conversation_id == theirs.conversation_id, Message.sender == "family")
    assert list(session.scalars(found)) == ["their secret"]
    read = web.get(MESSAGES, query_string={**query, "own": 1}, headers=bearer(token)).get_json()
    assert (texts(read), read["conversation"]) == (["mine", "mine too"], token)


# ----- a token in an address -----


def test_the_token_stands_in_a_header_and_still_may_in_the_address(web: FlaskClient, say: Say):
    token = say("hello")["conversation"]

    by_header = web.get(MESSAGES, query_string={"own": 1}, headers=bearer(token))
    by_address = web.get(MESSAGES, query_string={"own": 1, "conversation": token})
    assert texts(by_header.get_json()) == ["hello"]
    assert by_address.get_json() == by_header.get_json()


@pytest.mark.parametrize(
    ("header", "status"),
    [("Bearer", 400), ("Bearer ", 400), ("Bearer made-up", 404), ("Bearer é", 404), ("Basic eDp5", 400), ("x", 400)],
)
def test_a_header_without_a_token_of_ours_opens_nothing(web: FlaskClient, header: str, status: int):
    response = web.get(MESSAGES, headers={"Authorization": header.encode().decode("latin-1")})

    assert response.status_code == status
    assert response.get_json()["error"]


def test_the_page_has_its_token_in_no_address(web: FlaskClient, write: Callable[..., object]):
    write("hello")
    page = read_page(web.get("/chat").text)
    token = page.select_one("#chat")["data-conversation"]

    addresses = [tag[name] for name in ("href", "src", "action") for tag in page.select(f"[{name}]")]
    assert token and addresses and not [address for address in addresses if token in address]


def test_no_page_for_families_tells_another_site_where_its_reader_came_from(web: FlaskClient):
    """The console's forms need it among themselves: over https their proof asks for it."""
    pages = ["/chat", MESSAGES, "/widget.js", "/static/chat.js", "/nothing", "/console/sign-in"]

    sent = [web.get(path).headers["Referrer-Policy"] for path in pages]
    assert sent == ["no-referrer"] * 5 + ["same-origin"]
