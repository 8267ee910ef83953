"""The register of duty phones, and `gateway staff phone`."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from gateway.audit.models import LogEntry
from gateway.cli import app
from gateway.staff.duty_phones import add_phone, duty_phone, phones, remove_phone
from gateway.staff.service import CannotAdd, add_staff

EMAIL, NUMBER = "ann@prison.invalid", "+447700900111"


@pytest.fixture
def ann(work: Session) -> None:
    add_staff(work, EMAIL, "Ann Example", "twelve plain signs", ["LEI"], False)
    work.commit()


def gateway(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["staff", "phone", *arguments])


@pytest.mark.parametrize("typed", ["+447700900111", "07700 900111", "(+44) 7700-900 111"])
def test_a_number_is_registered_in_one_form_however_it_is_typed(work: Session, ann: None, typed: str) -> None:
    add_phone(work, EMAIL.upper(), typed, "lei")

    found = duty_phone(work, NUMBER)
    assert found and (found.number, found.staff.name, found.prison_id) == (NUMBER, "Ann Example", "LEI")


@pytest.mark.parametrize(
    "email, number, prison, why",
    [
        ("bob@prison.invalid", NUMBER, None, "no member of staff"),
        (EMAIL, "what", None, "not a telephone number"),
        (EMAIL, "12", None, "not a telephone number"),
        (EMAIL, NUMBER, "HLI", "not assigned"),
    ],
)
def test_what_cannot_be_registered_is_refused_with_its_reason(
    work: Session, ann: None, email: str, number: str, prison: str | None, why: str
) -> None:
    with pytest.raises(CannotAdd, match=why):
        add_phone(work, email, number, prison)


def test_a_number_belongs_to_one_person_at_a_time(work: Session, ann: None) -> None:
    add_phone(work, EMAIL, NUMBER, None)
    with pytest.raises(CannotAdd, match="registered already"):
        add_phone(work, EMAIL, "07700 900111", "LEI")

    remove_phone(work, NUMBER)
    assert duty_phone(work, NUMBER) is None
    add_phone(work, EMAIL, NUMBER, "LEI")
    assert [phone.prison_id for phone in phones(work)] == ["LEI"]


def test_adding_and_removing_are_rows_in_the_log_without_the_number(work: Session, ann: None) -> None:
    add_phone(work, EMAIL, NUMBER, None)
    remove_phone(work, NUMBER)

    rows = work.scalars(select(LogEntry).where(LogEntry.event.startswith("staff:phone_")).order_by(LogEntry.id)).all()
    assert [row.event for row in rows] == ["staff:phone_added", "staff:phone_removed"]
    assert NUMBER[-6:] not in str([row.details for row in rows])


def test_the_command_adds_lists_and_removes(work: Session, ann: None) -> None:
    assert "acknowledges for Ann Example, for LEI." in gateway("add", EMAIL, NUMBER, "--prison", "LEI").output
    assert gateway("list").output.strip() == f"{NUMBER}  Ann Example ({EMAIL}), for LEI"
    assert gateway("remove", NUMBER).exit_code == 0
    assert gateway("list").output == ""


def test_the_command_says_in_one_sentence_what_is_wrong(work: Session, ann: None) -> None:
    for arguments in (("add", EMAIL, "what"), ("remove", NUMBER)):
        result = gateway(*arguments)
        assert result.exit_code == 2 and len(result.output.strip().splitlines()) == 1
