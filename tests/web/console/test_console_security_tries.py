"""Guessing has to wait, a code is taken once whoever takes it, and who has to wait is told so and can be helped."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import phone
import pytest
from factories import a_concern
from person import PASSWORD, Person
from typer.testing import CliRunner
from world import ANN, BOB, KIM

from gateway.cli import app
from gateway.config import ROOT
from gateway.db import unit_of_work
from gateway.staff import second_factor, tries
from gateway.staff.service import staff_by_email

TOO_MANY = "That was too many tries. Wait 15 minutes, or ask whoever runs this service to let you try again now"
WAYS_IN = {"/console/sign-in/code": "000000", "/console/sign-in/recovery-code": "0000-0000-0000"}
# What another process of the web does with a session that is halfway in, and a code.
ELSEWHERE = """
import sys
from person import Person
from web import create_app
person = Person(create_app().test_client())
person.client.set_cookie("session", sys.argv[1])
answer = person.client.post("/console/sign-in/code", data={"csrf_token": person.token(), "code": sys.argv[2]})
print(answer.status_code, "used already" in answer.text)
"""


def at(whole, address: str = "127.0.0.1") -> Person:
    person = whole.somebody()
    person.client.environ_base["REMOTE_ADDR"] = address
    return person


def half_in(whole, email: str = BOB, address: str = "127.0.0.1") -> Person:
    person = at(whole, address)
    person.post("/console/sign-in", email=email, password=PASSWORD)
    return person


def says(page) -> str:
    return page.select_one(".govuk-error-summary").text


def guess(emails: list[str], address: str) -> None:
    """Wrong passwords for each of these, as the form counts them."""
    with unit_of_work() as session:
        for email in emails:
            tries.failed(session, email, address)


def guess_codes(email: str, times: int) -> None:
    """Wrong codes, from many addresses."""
    with unit_of_work() as session:
        staff = staff_by_email(session, email)
        for number in range(times):
            tries.wrong_code(session, staff, f"192.0.2.{number}")


def test_guessing_a_password_waits_for_this_person_here_and_is_said_plainly(fresh):
    person = at(fresh, "192.0.2.1")
    guess([BOB] * (tries.MOST_TRIES - 1), "192.0.2.1")

    assert TOO_MANY not in says(person.post("/console/sign-in", status=400, email=BOB, password="a wrong one here"))
    assert TOO_MANY in says(person.post("/console/sign-in", status=400, email=f" {BOB.upper()} ", password=PASSWORD))
    half_in(fresh, KIM, "192.0.2.1").get("/console/sign-in/code")
    half_in(fresh, BOB, "192.0.2.2").get("/console/sign-in/code")


def test_somebody_who_does_not_exist_waits_as_others_do(fresh):
    guess(["nobody@prison.invalid"] * tries.MOST_TRIES, "192.0.2.1")

    page = at(fresh, "192.0.2.1").post("/console/sign-in", status=400, email="nobody@prison.invalid", password=PASSWORD)

    assert TOO_MANY in says(page)


def test_one_address_waits_for_everybody_after_many_names_and_codes_too(fresh):
    guess([f"a{number}@prison.invalid" for number in range(tries.MOST_FROM_ONE_ADDRESS)], "192.0.2.1")
    with unit_of_work() as session:
        staff = staff_by_email(session, BOB)
        code = phone.code(BOB)
        refused = second_factor.check(session, staff, "192.0.2.1", code)

    assert refused is second_factor.Refused.TOO_MANY
    assert TOO_MANY in says(at(fresh, "192.0.2.1").post("/console/sign-in", status=400, email=BOB, password=PASSWORD))
    half_in(fresh, BOB, "192.0.2.2").post("/console/sign-in/code", code=code)


@pytest.mark.parametrize("path", WAYS_IN)
def test_guessing_codes_waits_for_this_person_everywhere_and_in_every_way(fresh, path):
    person = half_in(fresh)
    guess_codes(BOB, tries.MOST_TRIES - 1)
    assert TOO_MANY not in says(person.post(path, status=400, code=WAYS_IN[path]))

    for other in WAYS_IN:
        elsewhere = half_in(fresh, address="192.0.2.7")
        assert TOO_MANY in says(elsewhere.post(other, status=400, code=phone.code(BOB)))
    half_in(fresh, KIM).post("/console/sign-in/code", code=phone.code(KIM))


def test_codes_on_ones_own_account_are_counted_with_those_at_the_door(fresh):
    guess_codes(ANN, tries.MOST_TRIES - 1)
    path = "/console/account/recovery-codes"

    assert TOO_MANY not in says(fresh.ann.post(path, status=400, code="000000"))
    assert TOO_MANY in says(fresh.ann.post(path, status=400, code=phone.code(ANN)))


def forgiven_by_an_administrator(fresh):
    with unit_of_work() as session:
        path = f"/console/people/{staff_by_email(session, BOB).id}"
    assert "they have to wait until" in fresh.ann.get(path).text
    assert "can try again at once" in fresh.ann.post(f"{path}/forgive").text
    assert "does not have to wait" in fresh.ann.post(f"{path}/forgive").text
    assert "they have to wait" not in fresh.ann.get(path).text


def forgiven_by_command(fresh):
    said = [CliRunner().invoke(app, ["staff", "forgive-tries", BOB]).output for _ in range(2)]
    assert said == ["Bob can try again now.\n", "Bob does not have to wait.\n"]


@pytest.mark.parametrize("forgive", [forgiven_by_an_administrator, forgiven_by_command])
def test_who_has_to_wait_can_be_let_in_at_once_and_then_waits_as_before(fresh, forgive):
    with unit_of_work() as session:
        for _ in range(tries.MOST_TRIES):
            tries.failed(session, BOB, "127.0.0.1")
            tries.wrong_code(session, staff_by_email(session, BOB), "192.0.2.1")
            tries.failed(session, KIM, "127.0.0.1")

    forgive(fresh)

    person = half_in(fresh)
    person.post("/console/sign-in/code", code=phone.code(BOB))
    person.get("/console/closed")
    assert TOO_MANY in says(at(fresh).post("/console/sign-in", status=400, email=KIM, password=PASSWORD))
    guess([BOB] * tries.MOST_TRIES, "127.0.0.1")
    assert TOO_MANY in says(at(fresh).post("/console/sign-in", status=400, email=BOB, password=PASSWORD))


def test_who_has_to_wait_is_not_signed_out(fresh):
    """A duty officer at work is not disturbed by somebody who guesses."""
    with unit_of_work() as session:
        a_concern(session)
    guess([ANN] * tries.MOST_TRIES, "127.0.0.1")

    fresh.ann.get("/console/")


def let_in(people: list[Person], path: str, code: str) -> int:
    """How many of those come in who send the same code at the same moment."""
    together, tokens = threading.Barrier(len(people)), [person.token() for person in people]

    def send(person: Person, token: str) -> bool:
        together.wait()
        return person.client.post(path, data={"csrf_token": token, "code": code}).status_code == 302

    with ThreadPoolExecutor(len(people)) as pool:
        return sum(pool.map(send, people, tokens))


def test_of_many_who_send_one_code_at_once_one_comes_in(fresh):
    people = [half_in(fresh) for _ in range(4)]

    assert let_in(people, "/console/sign-in/code", phone.code(BOB)) == 1


def test_of_many_who_send_one_recovery_code_at_once_one_comes_in_and_nobody_after(fresh):
    with unit_of_work() as session:
        code = second_factor.recovery_codes(session, staff_by_email(session, KIM).id)[0]
    people = [half_in(fresh, KIM) for _ in range(4)]

    assert let_in(people, "/console/sign-in/recovery-code", code) == 1
    for typed in (code, code.upper().replace("-", " ")):
        page = half_in(fresh, KIM).post("/console/sign-in/recovery-code", status=400, code=typed)
        assert "was used before" in page.text


def test_a_code_that_was_taken_is_refused_by_another_process_too(fresh):
    first, second, code = half_in(fresh), half_in(fresh), phone.code(BOB)
    first.post("/console/sign-in/code", code=code)
    second.token()

    command = [sys.executable, "-c", ELSEWHERE, second.client.get_cookie("session").value, code]
    with_tests = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    other = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=with_tests, check=False, timeout=100)

    assert other.stdout == "400 True\n", other.stderr


def test_a_recovery_code_is_its_owners_alone(fresh):
    with unit_of_work() as session:
        code = second_factor.recovery_codes(session, staff_by_email(session, KIM).id)[0]

    page = half_in(fresh, BOB).post("/console/sign-in/recovery-code", status=400, code=code)

    assert "is not right" in page.text
