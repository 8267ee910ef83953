"""Whoever changes an id in an address or in a form gets nothing of another prison, and leaves nothing there."""

import phone
import pytest
from every_page import changed, forms, is_bound, rows, rules
from factories import a_concern
from person import PASSWORD, Person
from samples import WORDS

from gateway.db import unit_of_work
from gateway.staff.roles import Role
from gateway.staff.service import add_staff
from web.console.blueprint import OPEN

HAL = "hal@prison.invalid"
NO_REFERENCES = ("ZZZ-2222", "%00é", "x" * 3000)
NO_NUMBERS = ("0", "-1", "2147483648", "9223372036854775808", "9" * 5000)


@pytest.fixture(scope="module")
def hal(whole) -> Person:
    """Somebody with every role, at another prison, who has a concern of their own."""
    with unit_of_work() as session:
        staff = add_staff(session, HAL, "Hal Example", PASSWORD, ["HLI"], False, list(Role))
        phone.give(session, HAL)
        whole.known["hal"] = a_concern(session, prison="HLI").reference
    person = Person(whole.app.test_client(), HAL, staff.id)
    person.sign_in(HAL)
    return person


def bound(whole) -> list[tuple[str, str, str]]:
    """The addresses of what belongs to a prison."""
    names = {name for name, _, rule in rules(whole.app) if rule.endpoint not in OPEN and is_bound(name, rule)}
    return [found for found in whole.addresses("GET", "POST") if found[0] in names]


def test_the_addresses_of_another_prison_answer_404_and_nothing_is_done(whole, hal):
    token, wrong = hal.token(), {}
    sent = {whole.endpoint(form): form.fields for _, form in whole.forms}
    before = rows()

    for name, method, path in bound(whole):
        fields = {key: token if key.endswith("csrf_token") else value for key, value in sent.get(name, {}).items()}
        answer = hal.client.open(path, method=method, data=fields if method == "POST" else None)
        if answer.status_code != 404 or WORDS in answer.text:
            wrong[f"{method} {path}"] = answer.status_code

    assert wrong == {}
    assert changed(before) == set()


def test_a_concern_of_ones_own_opens_nothing_that_belongs_to_another(whole, hal):
    own = whole.known["hal"]
    (path,) = [path for name, _, path in whole.addresses("GET") if name == "media"]
    before = rows()

    assert hal.client.get(path.replace(str(whole.known["reference"]), own)).status_code == 404
    assert changed(before) == set()


@pytest.mark.parametrize(
    ("act", "field"), [("link", "link-other"), ("unlink", "unlink-other"), ("give", "give-to"), ("find", "prison")]
)
def test_an_id_in_a_form_that_is_not_theirs_is_as_one_that_does_not_exist(whole, hal, act, field):
    """Also what the page says is the same, so that nobody learns which exist."""
    path = "/console/find" if act == "find" else f"/console/concerns/{whole.known['hal']}/{act}"
    page = hal.get("/console/find" if act == "find" else f"/console/concerns/{whole.known['hal']}")
    form = next((one for one in forms(page, path) if one.path == path), None)
    theirs, nobodys = {
        "give": (str(whole.known["staff_id"]), "99999"),
        "find": ("LEI", "XXX"),
    }.get(act, (str(whole.known["reference"]), "ZZZ-2222"))
    before, said = rows(), []

    for wanted in (theirs, nobodys):
        fields = (form.fields if form else {"csrf_token": hal.token()}) | {field: wanted}
        answer = hal.client.post(path, data=fields, follow_redirects=True)
        said.append((answer.status_code, answer.text.count("govuk-error-message"), WORDS in answer.text))

    assert said[0] == said[1] and not said[0][2]
    assert changed(before) <= {"log_entry"}


def test_what_a_colleague_elsewhere_looked_for_shows_only_ones_own(whole, hal):
    """The token in the address of a search holds what was typed, not what was found."""
    asked = whole.ann.client.post(
        "/console/find", data={"csrf_token": whole.ann.token(), "who": str(whole.known["reference"])}
    )

    assert str(whole.known["reference"]) in whole.ann.get(asked.location).select_one(".console-list").text
    assert hal.get(asked.location).select_one(".console-list") is None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/?filtered=1&prison=LEI", 200),
        ("/console/figures?prison=LEI", 400),
        ("/console/figures.csv?prison=LEI", 404),
    ],
)
def test_a_prison_in_the_address_that_is_not_theirs_gives_nothing(whole, hal, path, status):
    answer = hal.client.get(path)

    assert answer.status_code == status
    assert str(whole.known["reference"]) not in answer.text and "Leeds" not in answer.text


def test_an_id_that_nothing_has_is_404_for_everybody(whole):
    token, wrong = whole.ann.token(), {}
    for name, method, rule in rules(whole.app):
        if f"console.{name}" in OPEN or name == "figures_file":
            continue
        for argument in rule.arguments:
            for none in NO_NUMBERS if argument in ("staff_id", "message_id", "media_id") else NO_REFERENCES:
                path = made(whole, name, method, argument, none)
                answer = whole.ann.client.open(path, method=method, data={"csrf_token": token, "tick": "sure"})
                if answer.status_code not in ((302, 404) if name == "erase" else (404, 405)):
                    wrong[f"{method} {path[:80]}"] = answer.status_code

    assert wrong == {}


def made(whole, name: str, method: str, argument: str, value: str) -> str:
    """The address of a rule with one of its arguments as given."""
    (path,) = [path for other, how, path in whole.addresses(method) if (other, how) == (name, method)]
    before, _, after = path.rpartition(str(whole.known.get(f"{name}.{argument}", whole.known.get(argument))))
    return before + value + after
