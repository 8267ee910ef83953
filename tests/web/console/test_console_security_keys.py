"""Adding, seeing and removing security keys, and signing in with one in place of the code."""

import phone
import pytest
from security_key import SoftKey

from gateway.db import unit_of_work
from gateway.staff.security_keys import keys

KEYS, NEW = "/console/account/keys", "/console/account/keys/new"
CHALLENGE, ANSWER = "/console/sign-in/key/challenge", "/console/sign-in/key"
NAME = "blue <b>key</b>"


@pytest.fixture
def ann(sign_in):
    return sign_in("LEI")


def begin(person):
    """What the page tells the browser, once the name and the code are given."""
    page = person.post(KEYS, name=NAME, code=phone.code(person.email))
    return page.select_one("#key")["data-options"]


def add(person):
    """A key of theirs, and the page that says so."""
    key = SoftKey()
    return key, person.post(NEW, answer=key.made(begin(person)))


def halfway(person):
    """In front of the page that asks for a code, and what a script of it would have a key sign."""
    person.post("/console/sign-out")
    page = person.post("/console/sign-in", email=person.email, password="twelve plain signs", next="/console/closed")
    return page, person.client.post(CHALLENGE, data={"csrf_token": person.token()}).text


def stored(person):
    with unit_of_work() as session:
        return [key.name for key in keys(session, person.staff_id)]


def test_a_key_is_added_shown_and_lets_in_without_a_code(ann, log):
    key, page = add(ann)
    assert f"You can sign in with {NAME} now" in page.text and "Not used yet" in page.text
    assert "You have 1 security key." in ann.get("/console/account").text

    page, options = halfway(ann)
    assert page.select_one("form#key[hidden]")["data-challenge"] == CHALLENGE
    closed = ann.post(ANSWER, answer=key.signed(options))

    assert closed.title.text.startswith("Closed")
    assert log("staff:signed_in")[-1].details == {"via": ["password", "security_key"]}
    assert "Last used" in ann.get(KEYS).text


def test_whoever_has_no_key_is_offered_none(ann):
    page, _ = halfway(ann)

    assert not page.select("#key") and "security_key.js" not in page.decode()


def test_without_a_code_of_the_app_no_key_is_added(ann):
    assert "This code is not right" in ann.post(KEYS, status=400, name="x", code="000000").text
    assert "Enter a name" in ann.post(KEYS, status=400, code=phone.code(ann.email)).text
    assert ann.client.get(NEW).location == KEYS
    ann.post(NEW, answer=SoftKey().made('{"rp": {"id": "localhost"}, "challenge": "x"}'))

    assert stored(ann) == []


def test_one_code_is_good_for_one_key_even_with_a_copy_of_the_session(ann):
    options, cookie = begin(ann), ann.client.get_cookie("session").value
    ann.post(NEW, answer=SoftKey().made(options))
    ann.client.set_cookie("session", cookie)

    page = ann.post(NEW, status=400, answer=SoftKey().made(options))

    assert "sent twice" in page.text and len(stored(ann)) == 1


def test_an_answer_lets_in_once_even_with_a_copy_of_the_session(ann, web):
    key, _ = add(ann)
    _, options = halfway(ann)
    token, cookie = ann.token(), ann.client.get_cookie("session").value
    form = {"csrf_token": token, "answer": key.signed(options)}
    thief = web.application.test_client()
    thief.set_cookie("session", cookie)

    assert ann.client.post(ANSWER, data=form).location == "/console/closed"
    again = thief.post(ANSWER, data=form)

    assert again.status_code == 400 and "sent twice" in again.text
    assert thief.get("/console/closed").status_code == 302


def test_an_answer_to_what_another_session_was_asked_is_refused(ann, web):
    key, _ = add(ann)
    _, options = halfway(ann)
    halfway(ann)

    page = ann.post(ANSWER, status=400, answer=key.signed(options))

    assert "This key was not accepted" in page.text and page.select("#key") and page.select("#code")


def test_a_removal_asks_once_and_reaches_only_ones_own_keys(ann, sign_in, log):
    add(ann)
    with unit_of_work() as session:
        path = f"{KEYS}/{keys(session, ann.staff_id)[0].id}/remove"
    assert "Tick the box" in ann.post(path, status=400).text
    assert "You have no such key" in sign_in("LEI", name="Bea Example").post(path, tick="sure").text
    assert stored(ann) == [NAME]

    assert "is removed" in ann.post(path, tick="sure").text
    assert "You have no such key" in ann.post(path, tick="sure").text
    ann.post(f"{KEYS}/{10**20}/remove", status=404, tick="sure")
    assert stored(ann) == [] and len(log("staff:security_key_removed")) == 1


def test_nothing_is_asked_of_a_key_before_the_password_or_without_a_token(ann):
    key, _ = add(ann)
    _, options = halfway(ann)
    assert ann.client.post(ANSWER, data={"answer": key.signed(options)}).status_code == 400
    assert ann.client.post(CHALLENGE).status_code == 400
    stranger = type(ann)(ann.client.application.test_client())
    form = {"csrf_token": stranger.token(), "answer": key.signed(options)}

    assert stranger.client.post(CHALLENGE, data=form).status_code == 400
    assert stranger.client.post(ANSWER, data=form).location == "/console/sign-in"
