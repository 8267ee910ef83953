"""A family asks, a family worries, staff answer for it: on the real service, from a phone and from a browser."""

import re
import subprocess
import uuid

import httpx
import pytest
from passlib.totp import TOTP

from evaluation.service import GATEWAY, ROOT
from tests.stack.conftest import Stack, eventually

pytestmark = pytest.mark.stack
REFERENCE = re.compile(r"\b[A-Z]{3}-[A-Z2-9]{4}\b")

EVERYTHING = (
    "Please help, my son Kyle Thompson A1234BC is in HMP Leeds and he told his nan goodbye on the phone tonight, "
    "he has got a blade in his cell and says he will cut himself when they lock up, "
    "he has been threatened over debt since Monday. "
    "I'm Jane, his mum, you can ring me on 07700 900123 any time"
)


def _said(answer: dict) -> str:
    return "\n".join(message["text"] for message in answer["messages"])


def test_two_questions_and_a_follow_up_are_answered_with_their_sources(stack: Stack) -> None:
    first = stack.ask("what id do i need for a visit")
    second = stack.ask("how do i claim for the train fare", first["conversation"])
    third = stack.ask("whats the switchboard for hmp leeds", first["conversation"])
    fourth = stack.ask("and what about hull?", first["conversation"])

    assert "passport" in _said(first) and first["messages"][0]["sources"][0]["checked"]
    assert "28 days" in _said(second)
    assert "0113 203 2600" in _said(third)
    assert "01482 282 200" in _said(fourth)
    assert not any(answer["pending"] for answer in (first, second, third, fourth))


def test_a_text_message_is_answered_by_text_in_short(stack: Stack) -> None:
    number = "+447700900011"

    assert stack.text_as(number, "how do i claim for the train fare", "SM" + "1" * 32).status_code == 200

    (text,) = eventually(lambda: stack.texts_to(number))
    assert "28 days" in text and len(text) <= 306


def test_a_worry_told_in_one_long_text_is_in_the_log_with_all_that_it_told(stack: Stack) -> None:
    number = "+447700900012"
    stack.text_as(number, EVERYTHING, "SM" + "2" * 32)
    texts = eventually(lambda: stack.texts_to(number))

    (concern,) = [c for c in stack.rows("concerns", "export") if c["conversation"] == number]
    assert concern["words"] == [EVERYTHING]
    assert (concern["urgency"], concern["subject"], concern["prison_id"]) == ("emergency", "prisoner", "LEI")
    assert concern["category"] == "self_harm_suicide"
    assert (concern["prisoner_name"], concern["prisoner_number"]) == ("Kyle Thompson", "A1234BC")
    assert concern["reporter_name"] == "Jane" and concern["reporter_relationship"] == "parent"
    assert concern["reference"] in texts[0] and "0113 203 2600" in texts[0]
    assert "name" not in texts[-1].lower(), "a name already given is not asked for again"
    assert any("safer-custody.lei@" in mail for mail in stack.alerts_about(concern["reference"]))


def test_a_worry_abandoned_after_the_first_message_is_in_the_log_and_routed(stack: Stack) -> None:
    answer = stack.ask("my brother hasnt eaten for 6 days hes in hull and he says he wants to die")

    (reference,) = set(REFERENCE.findall(_said(answer)))
    (concern,) = [c for c in stack.rows("concerns", "export") if c["reference"] == reference]
    assert concern["status"] == "open" and concern["prison_id"] == "HLI"
    eventually(lambda: stack.alerts_about(reference))


def test_staff_acknowledge_and_close_and_the_family_is_told(stack: Stack) -> None:
    answer = stack.ask("my dad says he is going to hurt himself, he is in HMP Durham")
    (reference,) = set(REFERENCE.findall(_said(answer)))
    _add_officer(stack)
    with httpx.Client(base_url=stack.url, follow_redirects=True, timeout=20) as officer:
        _sign_in(officer)
        page = officer.get(f"/console/concerns/{reference}").text
        assert "my dad says he is going to hurt himself" in page
        officer.post(f"/console/concerns/{reference}/acknowledge", data={"csrf_token": _csrf(page)})

    told = eventually(lambda: [m for m in stack.read(answer["conversation"]) if m["from"] == "system"])
    assert "read your message" in told[0]["text"] and reference in told[0]["text"]
    status = stack.ask(f"what happened to {reference}?", answer["conversation"])
    assert "A person read your message" in _said(status)
    stranger = stack.ask(f"what happened to {reference}?")
    assert "We find no message of yours" in _said(stranger)


def test_a_forged_webhook_leaves_no_trace(stack: Stack) -> None:
    number = "+447700900013"
    forged = httpx.post(
        f"{stack.url}/sms/twilio",
        data={"MessageSid": "SM" + "3" * 32, "From": number, "Body": "he is in danger"},
        headers={"X-Twilio-Signature": "bm90IHNpZ25lZA=="},
    )

    assert forged.status_code == 403
    assert stack.rows("messages", "export", "--conversation", number) == []


def test_a_text_delivered_twice_is_answered_once(stack: Stack) -> None:
    number, sid = "+447700900014", "SM" + uuid.uuid4().hex
    for _ in range(3):
        assert stack.text_as(number, "how do i book a visit", sid).status_code == 200

    eventually(lambda: stack.texts_to(number))
    stack.ask("hello")  # once this is answered, so would be a second copy
    assert len(stack.texts_to(number)) == 1


def test_a_made_up_token_is_not_found(stack: Stack) -> None:
    answer = httpx.post(f"{stack.url}/chat/api/messages", json={"text": "hello", "conversation": "made-up"})

    assert answer.status_code == 404 and answer.json()["error"]


def _add_officer(stack: Stack) -> None:
    subprocess.run(
        [
            GATEWAY,
            "staff",
            "add",
            "officer@prison.example",
            "--name",
            "Pat Moss",
            "--all-prisons",
            "--reads-unrouted",
            "--password-stdin",
        ],
        input="a long enough pass phrase",
        text=True,
        env=stack.environment,
        cwd=ROOT,
        check=True,
        capture_output=True,
    )


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page) or re.search(
        r'value="([^"]+)"[^>]*name="csrf_token"', page
    )
    assert found, "the page has no CSRF token"
    return found[1]


def _sign_in(officer: httpx.Client) -> None:
    page = officer.get("/console/sign-in").text
    form = {"email": "officer@prison.example", "password": "a long enough pass phrase", "csrf_token": _csrf(page)}
    page = officer.post("/console/sign-in", data=form).text
    key = re.search(r'class="console-key">([A-Z2-7 ]+)<', page)
    assert key, "no app is offered to be set up"
    code = TOTP(key[1].replace(" ", "")).generate().token
    answer = officer.post("/console/sign-in/set-up", data={"code": code, "csrf_token": _csrf(page)})
    assert "Your recovery codes" in answer.text and "Sign out" in answer.text
