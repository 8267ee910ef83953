"""Guessing has to wait, whoever guesses; and who has to wait is told so and can be helped."""

import phone
import pytest
from factories import a_concern
from person import PASSWORD
from typer.testing import CliRunner
from world import ANN, BOB, KIM

from gateway.cli import app
from gateway.db import unit_of_work
from gateway.staff import second_factor, tries
from gateway.staff.service import staff_by_email

TOO_MANY = "That was too many tries. Wait 15 minutes, or ask whoever runs this service to let you try again now"
WAYS_IN = {"/console/sign-in/code": "000000", "/console/sign-in/recovery-code": "0000-0000-0000"}


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
    person = fresh.somebody("", "192.0.2.1")
    guess([BOB] * (tries.MOST_TRIES - 1), "192.0.2.1")

    assert TOO_MANY not in says(person.post("/console/sign-in", status=400, email=BOB, password="a wrong one here"))
    assert TOO_MANY in says(person.post("/console/sign-in", status=400, email=f" {BOB.upper()} ", password=PASSWORD))
    fresh.half_in(KIM, "192.0.2.1").get("/console/sign-in/code")
    fresh.half_in(BOB, "192.0.2.2").get("/console/sign-in/code")


def test_somebody_who_does_not_exist_waits_as_others_do(fresh):
    guess(["nobody@prison.invalid"] * tries.MOST_TRIES, "192.0.2.1")

    page = fresh.somebody("", "192.0.2.1").post(
        "/console/sign-in", status=400, email="nobody@prison.invalid", password=PASSWORD
    )

    assert TOO_MANY in says(page)


def test_one_address_waits_for_everybody_after_many_names_and_codes_too(fresh):
    guess([f"a{number}@prison.invalid" for number in range(tries.MOST_FROM_ONE_ADDRESS)], "192.0.2.1")
    with unit_of_work() as session:
        staff = staff_by_email(session, BOB)
        code = phone.code(BOB)
        refused = second_factor.check(session, staff, "192.0.2.1", code)

    assert refused is second_factor.Refused.TOO_MANY
    assert TOO_MANY in says(
        fresh.somebody("", "192.0.2.1").post("/console/sign-in", status=400, email=BOB, password=PASSWORD)
    )
    fresh.half_in(BOB, "192.0.2.2").post("/console/sign-in/code", code=code)


@pytest.mark.parametrize("path", WAYS_IN)
def test_guessing_codes_waits_for_this_person_everywhere_and_in_every_way(fresh, path):
    person = fresh.half_in(BOB)
    guess_codes(BOB, tries.MOST_TRIES - 1)
    assert TOO_MANY not in says(person.post(path, status=400, code=WAYS_IN[path]))

    for other in WAYS_IN:
        elsewhere = fresh.half_in(BOB, address="192.0.2.7")
        assert TOO_MANY in says(elsewhere.post(other, status=400, code=phone.code(BOB)))
    fresh.half_in(KIM).post("/console/sign-in/code", code=phone.code(KIM))


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

    person = fresh.half_in(BOB)
    person.post("/console/sign-in/code", code=phone.code(BOB))
    person.get("/console/closed")
    assert TOO_MANY in says(fresh.somebody().post("/console/sign-in", status=400, email=KIM, password=PASSWORD))
    guess([BOB] * tries.MOST_TRIES, "127.0.0.1")
    assert TOO_MANY in says(fresh.somebody().post("/console/sign-in", status=400, email=BOB, password=PASSWORD))


def test_who_has_to_wait_is_not_signed_out(fresh):
    """A duty officer at work is not disturbed by somebody who guesses."""
    with unit_of_work() as session:
        a_concern(session)
    guess([ANN] * tries.MOST_TRIES, "127.0.0.1")

    fresh.ann.get("/console/")
