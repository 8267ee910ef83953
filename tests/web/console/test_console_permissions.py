"""Every page of the console × every role × own and other prison. A page without a rule fails here."""

import logging

import pytest
from every_page import address, is_bound, rules
from samples import WORDS, samples
from sqlalchemy import func, select
from werkzeug.routing import Rule

from gateway.audit.models import LogEntry
from gateway.db import unit_of_work
from gateway.staff.roles import Role
from gateway.staff.service import change, staff_by_email
from web.console.blueprint import OPEN
from web.console.permissions import EVERYBODY, HOMES, MAY_REACH

# What a page answers that is open to somebody: the forms are sent empty, so some are refused.
OPENS = {200, 302, 400, 409}
# Not about a prison, but only for those who read what has none.
OF_THE_DESK = {"not_processed", "erasure_requests", "erase"}
NOT_ASKED = {"static", "sign_out"}  # the latter would end the session; tests/web/console/test_console_sign_in.py


def pages(web) -> list[tuple[str, str, Rule]]:
    """Endpoint, method and rule of everything that whoever is signed in may be asked about."""
    return [one for one in rules(web.application) if one[2].endpoint not in OPEN and one[0] not in NOT_ASKED]


def ask(person, method, path, token):
    if method == "GET":
        return person.client.get(path)
    return person.client.open(path, method=method, data={"csrf_token": token})


def lines_of(person) -> int:
    with unit_of_work() as session:
        return session.scalar(select(func.count(LogEntry.id)).where(LogEntry.actor == f"staff:{person.staff_id}")) or 0


def wanted(endpoint: str, method: str, rule: Rule, role: Role, own: bool) -> set[int]:
    """What a page must answer to somebody with this role."""
    if role not in MAY_REACH[endpoint]:
        has_home = endpoint == HOMES[0] and any(role in MAY_REACH.get(home, ()) for home in HOMES)
        return {302} if has_home else {403}
    if not own and (endpoint in OF_THE_DESK or is_bound(endpoint, rule)):
        return {404}
    return OPENS


@pytest.mark.parametrize("own", [True, False], ids=["own prison", "other prison"])
@pytest.mark.parametrize("role", Role)
def test_each_page_opens_for_the_roles_and_the_prisons_it_is_for_and_for_nobody_else(web, sign_in, role, own):
    known = samples()
    person = sign_in("LEI" if own else "HLI", reads_unrouted=own, roles=[role])
    token = person.token()

    wrong = {}
    for endpoint, method, rule in pages(web):
        before, answer = lines_of(person), ask(person, method, address(web.application, rule, method, known), token)
        may = role in MAY_REACH[endpoint]
        if answer.status_code not in wanted(endpoint, method, rule, role, own):
            wrong[f"{method} {endpoint}"] = f"answered {answer.status_code}"
        elif answer.headers["Cache-Control"] != "no-store":
            wrong[f"{method} {endpoint}"] = "may be kept by the browser, and be seen after signing out"
        elif WORDS.encode() in answer.data and not (may and own):
            wrong[f"{method} {endpoint}"] = "showed the words of a family that is not theirs"
        elif WORDS.encode() in answer.data and lines_of(person) == before:
            wrong[f"{method} {endpoint}"] = "was read without a line in the log"

    assert wrong == {}


def test_every_page_has_a_rule_and_every_rule_a_page(web):
    assert {endpoint for endpoint, _, _ in pages(web)} | {"sign_out"} == set(MAY_REACH)


def test_nothing_but_the_open_pages_answers_to_whoever_is_not_signed_in(web):
    known = samples()

    for endpoint, method, rule in pages(web):
        answer = web.open(address(web.application, rule, method, known), method=method)
        assert (answer.status_code, answer.location.split("?")[0]) == (302, "/console/sign-in"), endpoint


def test_a_page_without_a_rule_is_nobodys_and_the_log_says_so(sign_in, monkeypatch, caplog):
    person = sign_in("LEI", roles=Role)
    monkeypatch.delitem(MAY_REACH, "closed")

    with caplog.at_level(logging.ERROR):
        person.get("/console/closed", status=404)

    assert "console.page_without_a_rule" in caplog.text
    assert all(link["href"] != "/console/closed" for link in person.get("/console/").select("nav a"))


def test_the_navigation_leads_only_to_pages_that_open(sign_in):
    for role in Role:
        person = sign_in("LEI", reads_unrouted=True, roles=[role], name=f"{role.value.title()} Example")
        answer = person.client.get("/console/", follow_redirects=True)
        for link in set(person.links(answer.text)):
            assert person.client.get(link).status_code == 200, (role, link)


def test_forms_that_a_role_may_not_send_are_not_shown(sign_in, samples_made):
    page = sign_in("LEI", roles=["family_worker"]).get(f"/console/concerns/{samples_made['reference']}")
    shown = {form["action"].rpartition("/")[2] for form in page.select("main form")}

    assert "note" in shown and not shown & {"acknowledge", "free", "close", "file.pdf"}


def test_a_role_that_is_taken_away_closes_the_page_at_the_next_click(sign_in, samples_made):
    path = f"/console/concerns/{samples_made['reference']}"
    person = sign_in("LEI")
    person.get(path)

    give(person, roles=["administrator"], prisons=["LEI"])
    person.get(path, status=403)
    person.post(f"{path}/acknowledge", status=403)
    give(person, roles=["officer"], prisons=["LEI"])
    person.get(path)


def test_a_prison_that_is_taken_away_closes_its_concerns_at_the_next_click(sign_in, samples_made):
    path = f"/console/concerns/{samples_made['reference']}"
    person = sign_in("LEI")
    person.get(path)

    give(person, roles=["officer"], prisons=["HLI"])

    person.get(path, status=404)
    assert WORDS not in person.client.get("/console/callbacks").text


def test_after_signing_out_no_page_opens_again_with_back_or_with_a_copy_of_the_session(web, sign_in, samples_made):
    person = sign_in("LEI")
    path, cookie = f"/console/concerns/{samples_made['reference']}", person.client.get_cookie("session").value
    person.get(path)

    person.post("/console/sign-out")
    again = person.client.get(path)
    copied = web.application.test_client()
    copied.set_cookie("session", cookie)

    for answer in (again, copied.get(path)):
        assert answer.status_code == 302 and answer.headers["Cache-Control"] == "no-store"
        assert WORDS.encode() not in answer.data


def test_everybody_may_sign_out():
    assert MAY_REACH["sign_out"] == EVERYBODY == frozenset(Role)


def give(person, roles, prisons):
    with unit_of_work() as session:
        staff = staff_by_email(session, person.email)
        change(session, staff, roles=roles, prisons=prisons, reads_unrouted=False)


@pytest.fixture
def samples_made(database):
    return samples()
