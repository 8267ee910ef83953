"""Every way in which a real text of Twilio's could be taken for a forged one, or the other way round."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from gateway.config import Settings, settings
from web import create_app

Form = list[tuple[str, str]]
PUBLIC = "https://gateway.example.org"
FORM = [("MessageSid", "SM1"), ("From", "+447700900001"), ("To", "+447700900000"), ("Body", "hello")]
KIND = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.fixture
def door(database: str) -> Callable[..., FlaskClient]:
    """The web application with other settings than usual."""

    def made(**given: str) -> FlaskClient:
        usual = {"public_url": PUBLIC, "twilio_auth_token": "the token"}
        return create_app(Settings(**{**vars(settings()), **usual, **given})).test_client()

    return made


def signed(signature: str) -> dict[str, str]:
    return {"X-Twilio-Signature": signature}


def send(
    client: FlaskClient, form: Form, *, address: str = f"{PUBLIC}/sms/twilio", token: str = "the token",
    base_url: str = "http://10.0.0.7:8080", path: str = "/sms/twilio",
) -> TestResponse:  # fmt: skip
    signature = RequestValidator(token).compute_signature(address, MultiDict(form))
    headers = {"X-Twilio-Signature": signature}
    return client.post(path, data=urlencode(form), headers=headers, base_url=base_url, content_type=KIND)


@pytest.mark.parametrize(
    "base_url", ["http://gateway.example.org", "http://10.0.0.7:8080", "https://other.example", "https://[::1]:8443"]
)
def test_a_proxy_may_change_scheme_host_and_port(door: Callable[..., FlaskClient], base_url: str) -> None:
    assert send(door(), FORM, base_url=base_url).status_code == 200


@pytest.mark.parametrize(
    ("public_url", "signed_for"),
    [
        ("https://gateway.example.org", "https://gateway.example.org:443"),
        ("https://gateway.example.org:443", "https://gateway.example.org"),
        ("http://gateway.example.org", "http://gateway.example.org:80"),
        ("http://gateway.example.org:80", "http://gateway.example.org"),
        ("https://gateway.example.org:8443", "https://gateway.example.org:8443"),
        ("https://gateway.example.org:8443", "https://gateway.example.org"),
    ],
)
def test_the_port_may_be_in_the_signed_address_or_not(
    door: Callable[..., FlaskClient], public_url: str, signed_for: str
) -> None:
    answer = send(door(public_url=public_url), FORM, address=f"{signed_for}/sms/twilio")

    assert answer.status_code == 200


@pytest.mark.parametrize("address", ["http://gateway.example.org", "https://elsewhere.example", PUBLIC + ":8443"])
def test_what_was_signed_for_another_address_is_not_for_us(door: Callable[..., FlaskClient], address: str) -> None:
    assert send(door(), FORM, address=f"{address}/sms/twilio").status_code == 403


def test_a_messaging_service_adds_parameters_and_may_choose_another_number(door: Callable[..., FlaskClient]) -> None:
    more = [("MessagingServiceSid", "MG" + "0" * 32), ("To", "+447700900999"), ("OptOutType", ""), ("NewOne", "x")]

    assert send(door(), [pair for pair in FORM if pair[0] != "To"] + more).status_code == 200


@pytest.mark.parametrize("query", ["?a=1", "?a=%2B1&b=", "?a=1&a=2", "?%C3%A9=%20x"])
def test_a_query_string_is_signed_as_it_stands(door: Callable[..., FlaskClient], query: str) -> None:
    path = f"/sms/twilio{query}"

    assert send(door(), FORM, address=PUBLIC + path, path=path).status_code == 200
    assert send(door(), FORM, path=path).status_code == 403


@pytest.mark.parametrize(
    "form",
    [
        [("Body", "  spaces before and after \n")],
        [("Body", "")],
        [("Body", "hello"), ("Empty", "")],
        [("Body", "hello"), ("Tag", "b"), ("Tag", "a"), ("Tag", "b")],
        [("Body", "ŵ é 😢 سلام")],
        [("Body", "a+b &=% c")],
        [("body", "small"), ("Body", "large")],
    ],
    ids=["untrimmed", "empty", "another empty", "repeated", "not ascii", "marks of the encoding", "case"],
)
def test_parameters_are_signed_as_they_were_sent(door: Callable[..., FlaskClient], form: Form) -> None:
    whole = [*FORM[:3], *form]

    assert send(door(), whole).status_code == 200
    changed = [(name, value.strip() + "x") for name, value in whole]
    signature = RequestValidator("the token").compute_signature(f"{PUBLIC}/sms/twilio", MultiDict(whole))
    answer = door().post("/sms/twilio", data=urlencode(changed), headers=signed(signature), content_type=KIND)
    assert answer.status_code == 403


def test_while_the_token_is_changed_both_are_accepted_and_no_third(door: Callable[..., FlaskClient]) -> None:
    client = door(twilio_auth_token="new", twilio_auth_token_previous="old")

    answers = {token: send(client, FORM, token=token).status_code for token in ("new", "old", "older", "")}
    assert answers == {"new": 200, "old": 200, "older": 403, "": 403}


def test_without_a_token_before_an_empty_one_opens_nothing(door: Callable[..., FlaskClient]) -> None:
    assert send(door(twilio_auth_token_previous=""), FORM, token="").status_code == 403


@given(form=st.lists(st.tuples(st.text("abcXYZ", min_size=1), st.text(st.characters(codec="utf-8"))), max_size=8))
@limits(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_twilio_signs_is_known_as_its_own(web: FlaskClient, form: Form) -> None:
    """An unknown status changes nothing, so this door can be tried with anything."""
    address = f"{settings().public_url}/sms/twilio/status"
    form = [*form, ("MessageStatus", "unheard of")]
    signature = RequestValidator(settings().sms_signing_key).compute_signature(address, MultiDict(form))
    answer = web.post("/sms/twilio/status", data=urlencode(form), headers=signed(signature), content_type=KIND)

    assert answer.status_code == 200
