"""Signing in with the organisation's account, at a real provider on this machine."""

import time
from dataclasses import replace

import httpx
import phone
import pytest
from person import PASSWORD, Person, checked
from sqlalchemy import update

from gateway.config import settings
from gateway.db import unit_of_work
from gateway.staff import identities
from gateway.staff.models import Staff
from gateway.staff.service import add_staff, prison_ids, staff_by_email
from tests.policy import Watched
from tests.standins.oidc_provider import OidcProvider
from web import create_app
from web.console import oidc

EMAIL = "ann@prison.invalid"
START = "/console/sign-in/organisation"
FAILED = "Signing in with your organisation did not work, so nobody was signed in."


@pytest.fixture(scope="module")
def keyed():
    """Making a key takes long: one provider serves all tests."""
    with OidcProvider("console", "a secret of two") as opened:
        yield opened


@pytest.fixture
def provider(keyed, monkeypatch):
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")  # this machine alone: http will do
    keyed.person = {"sub": "a-1", "email": EMAIL, "email_verified": True, "name": "Ann Example", "amr": ["pwd", "mfa"]}
    return keyed


@pytest.fixture
def browser(provider, database, monkeypatch):
    """Somebody at a browser, before a console that knows the provider. Ann is staff of Leeds."""

    def opened(**more):
        found = replace(
            settings(),
            oidc_issuer=provider.issuer,
            oidc_client_id="console",
            oidc_client_secret="a secret of two",
            **more,
        )
        monkeypatch.setattr(identities, "settings", lambda: found)
        watched.append(Watched(create_app(found)))
        return Person(watched[-1].app.test_client())

    watched: list[Watched] = []
    with unit_of_work() as session:
        add_staff(session, EMAIL, "Ann Example", PASSWORD, ["LEI"], False)
        phone.give(session, EMAIL)
    yield opened
    assert [broken for one in watched for broken in one.broken] == []


def come_back(person, next=""):
    """To the provider and back: the address that the provider sends the browser to."""
    away = person.client.get(START, query_string={"next": next})
    return httpx.get(away.location, timeout=5).headers["location"].removeprefix("http://localhost:8080")


def sign_in(person, **more):
    return person.client.get(come_back(person, **more))


def told(person, answer):
    assert answer.location == "/console/sign-in"
    return checked(person.client.get("/console/sign-in").text).text


def test_who_is_known_by_a_confirmed_address_is_in_with_one_click(browser, log):
    person = browser()
    assert "Sign in with your organisation" in person.get("/console/sign-in").select_one(f"a[href='{START}']").text

    assert sign_in(person, next="/console/closed").location == "/console/closed"

    person.get("/console/closed")
    assert log("staff:signed_in")[0].details == {"via": ["oidc", "mfa"]}
    assert len(log("staff:identity_linked")) == 1


def test_the_request_carries_state_nonce_and_a_code_challenge(browser):
    asked = httpx.URL(browser().client.get(START).location).params

    assert asked["code_challenge_method"] == "S256"
    assert all(len(asked[name]) > 15 for name in ("state", "nonce", "code_challenge"))
    assert asked["redirect_uri"] == "http://localhost:8080/console/sign-in/organisation/back"


def test_without_a_second_proof_at_the_provider_ours_is_asked_for(browser, provider):
    del provider.person["amr"]
    person = browser()

    assert sign_in(person).location == "/console/sign-in/code"
    assert person.client.get("/console/").status_code == 302
    person.post("/console/sign-in/code", code=phone.code(EMAIL))
    person.get("/console/")


def test_once_linked_somebody_is_known_whatever_their_address_becomes(browser, provider):
    sign_in(browser())
    provider.person |= {"email": "ann.newname@prison.invalid", "email_verified": False}

    assert sign_in(browser()).location == "/console/"


@pytest.mark.parametrize(
    "claim",
    [
        {"nonce": "of another sign-in"},
        {"aud": "another-service"},
        {"iss": "https://evil.example"},
        {"exp": 1_600_000_000},
        {"azp": "another-service"},
        {"iat": None},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(browser, provider, claim):
    provider.person |= claim
    person = browser()

    assert FAILED in told(person, sign_in(person))
    assert person.client.get("/console/").status_code == 302


def test_a_token_signed_with_another_key_lets_nobody_in(browser, provider, monkeypatch):
    person = browser()
    monkeypatch.setattr(provider, "published", lambda keys=provider.published(): keys)
    monkeypatch.setattr(provider, "_key", type(provider._key).generate_key(2048, {"kid": "1", "alg": "RS256"}))

    assert FAILED in told(person, sign_in(person))


def test_the_answer_to_somebody_elses_request_lets_nobody_in(browser):
    theirs = come_back(browser())
    person = browser()

    assert FAILED in told(person, person.client.get(theirs))
    assert person.client.get("/console/").status_code == 302


def test_an_answer_counts_once(browser):
    person = browser()
    address = come_back(person)
    person.client.get(address)
    person.post("/console/sign-out")

    assert FAILED in told(person, person.client.get(address))


def test_whoever_said_no_at_the_provider_is_told_so_much(browser):
    person = browser()
    state = httpx.URL(person.client.get(START).location).params["state"]

    answer = person.client.get(f"{START}/back", query_string={"error": "access_denied", "state": state})

    assert FAILED in told(person, answer)


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"email_verified": False}, "has not confirmed your e-mail address"),
        ({"email_verified": "yes"}, "has not confirmed your e-mail address"),
        ({"email": "nobody@prison.invalid"}, "you have no account here"),
        ({"email": None}, "you have no account here"),
    ],
)
def test_who_is_not_surely_one_of_ours_is_told_why(browser, provider, claims, sentence):
    provider.person |= claims
    person = browser()

    assert sentence in told(person, sign_in(person))
    assert person.client.get("/console/").status_code == 302


def test_another_account_with_the_same_address_is_not_the_same_person(browser, provider):
    sign_in(browser())
    provider.person["sub"] = "b-2"
    person = browser()

    assert "Somebody else signs in to this account" in told(person, sign_in(person))


def test_somebody_who_left_is_not_let_in_by_the_provider_either(browser):
    sign_in(browser())
    with unit_of_work() as session:
        session.execute(update(Staff).values(active=False))
    person = browser()

    assert "you have no account here" in told(person, sign_in(person))


def test_prisons_follow_the_claim_at_each_sign_in(browser, provider, log):
    for said, seen in (
        (["HLI", "lei", "nowhere"], ["HLI", "LEI"]),
        ("LEI, BXI", ["BXI", "LEI"]),
        (None, []),
        ([7], []),
    ):
        provider.person["prisons"] = said
        sign_in(browser(oidc_prisons_claim="prisons"))

        with unit_of_work() as session:
            assert sorted(prison_ids(staff_by_email(session, EMAIL))) == seen
    assert [row.details["prisons"] for row in log("staff:changed")] == [["HLI", "LEI"], ["BXI", "LEI"], []]


@pytest.mark.parametrize("said", [None, [], ["chaplain"], "chaplain"])
def test_without_a_role_of_ours_nobody_is_let_in(browser, provider, said):
    provider.person["roles"] = said
    person = browser(oidc_roles_claim="roles")

    assert "gives you no role here" in told(person, sign_in(person))


def test_with_a_role_of_ours_one_is_let_in(browser, provider):
    provider.person["roles"] = ["Duty-Manager", "chaplain"]

    assert sign_in(browser(oidc_roles_claim="roles")).location == "/console/"


def test_accounts_are_made_only_where_the_operator_wants_it(browser, provider):
    provider.person |= {"sub": "n-1", "email": "new@prison.invalid", "name": "Nell New", "prisons": ["LEI"]}

    assert sign_in(browser(oidc_create=True, oidc_prisons_claim="prisons")).location == "/console/"
    with unit_of_work() as session:
        made = staff_by_email(session, "new@prison.invalid")
        assert (made.name, prison_ids(made), made.reads_unrouted) == ("Nell New", ["LEI"], False)


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/chat"])
def test_nobody_is_sent_to_another_site_afterwards(browser, elsewhere):
    assert sign_in(browser(), next=elsewhere).location == "/console/"


def test_the_session_is_a_new_one(browser):
    person = browser()
    address = come_back(person)
    with person.client.session_transaction() as planted:
        planted["planted"] = "before"

    person.client.get(address)

    with person.client.session_transaction() as after:
        assert "planted" not in after


def test_signing_out_offers_to_sign_out_of_the_organisation_too(browser, provider):
    person = browser()
    sign_in(person)

    page = person.post("/console/sign-out")
    link = page.find("a", string="Sign out of your organisation too")["href"]
    httpx.get(person.client.get(link).location, timeout=5)

    assert provider.signed_out[-1]["client_id"] == "console"
    assert provider.signed_out[-1]["post_logout_redirect_uri"] == "http://localhost:8080/console/sign-in"


def test_a_provider_that_does_not_answer_keeps_nobody_waiting(browser, provider, monkeypatch):
    monkeypatch.setattr(oidc, "TIMEOUT_SECONDS", 0.2)
    person = browser()
    monkeypatch.setattr(provider, "slow_seconds", 60)

    began = time.monotonic()
    assert "did not answer" in told(person, person.client.get(START))
    assert time.monotonic() - began < 20  # far below a minute, on a busy machine too


def test_without_a_provider_there_is_no_such_door(web):
    assert [web.get(path).status_code for path in (START, f"{START}/back", "/console/sign-out/organisation")] == [
        404
    ] * 3
    assert "organisation" not in web.get("/console/sign-in").text
