"""What leaves the console as a file or a mail runs nothing either, in a spreadsheet or a mail program."""

import csv
import io

import pytest
from hostile import PAYLOAD
from hypothesis import example, given
from hypothesis import strategies as st
from odfdo import Document
from sqlalchemy import select, text

from gateway.adapters.smtp_email import compose
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.inert import cell

FORMULAS = [
    '=HYPERLINK("https://evil.example")', "+1+cmd|'/c calc'!A1", "-2+3", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1",
    "  =1+1", "\u00a0=1+1", "\ufeff=1+1", "\u200b=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)",
    "\x00=1+1", "%=1", "|=1", '"=1+1',
]  # fmt: skip
# What spreadsheets begin a formula with, in one script or another; they pass over what is not seen before it.
BEGINS = tuple("=+-@＝＋－＠")


def is_formula(value: str) -> bool:
    return value.lstrip(" \t\r\n\u00a0\ufeff\u200b\u3000").startswith(BEGINS)


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_begins_a_formula(formula):
    assert not is_formula(cell(formula))


@given(st.text())
@example("-")
@example(" ")
def test_whatever_the_words(words):
    assert not is_formula(cell(words)) and (cell(words) == words or not words.isalnum())


def values(answer) -> list[str]:
    """Every cell of a file that is not a number."""
    if answer.mimetype == "text/csv":
        return [value for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))) for value in row]
    sheets = Document(io.BytesIO(answer.data)).body.tables
    cells = [one for sheet in sheets for row in sheet.rows for one in row.cells]
    assert not [one for one in cells if one.formula]
    return [str(one.value) for one in cells if isinstance(one.value, str)]


@pytest.mark.parametrize("path", ["/console/figures.csv", "/console/figures.ods", "/console/feedback.csv"])
@pytest.mark.parametrize("formula", FORMULAS[:4])
def test_a_name_in_a_file_for_a_spreadsheet_is_a_name(fresh, path, formula):
    with unit_of_work() as session:
        session.execute(text("UPDATE prison SET name = :name || id"), {"name": formula})
        session.execute(text("UPDATE feedback SET answer = :name"), {"name": formula})

    found = values(fresh.ann.client.get(path))

    assert any(formula in value for value in found) or "ods" in path
    assert [value for value in found if is_formula(value) and not value.lstrip("-").isdigit()] == []


def test_each_mail_is_plain_text_to_one_address_with_one_subject(fresh):
    """Also for a colleague with a name that would be a header or an element."""
    name = f"Dora\r\nBcc: all@evil.example\r\n\r\n{PAYLOAD}"[:200]
    fresh.ann.post("/console/people/new", name=name, email="dora@prison.invalid", prisons="LEI", roles=["officer"])
    with unit_of_work() as session:
        mails = [
            compose(one, "gateway@prison.invalid")
            for one in session.scalars(select(Delivery).where(Delivery.medium == "email"))
        ]

    assert [mail for mail in mails if mail["To"] == "dora@prison.invalid"]
    for mail in mails:
        assert mail.get_content_type() == "text/plain" and not mail.is_multipart()
        assert mail["Bcc"] is None and len(mail.get_all("Subject")) == len(mail.get_all("To")) == 1


@pytest.mark.parametrize(
    "email",
    ["dora@prison.invalid\r\nBcc: all@evil.example", "dora@prison.invalid, all@evil.example", "a b@c", "a@\x01b"],
)
def test_an_address_that_is_more_than_one_is_none(fresh, email):
    page = fresh.ann.post("/console/people/new", status=400, name="Dora", email=email, prisons="LEI", roles=["officer"])

    assert "is not an e-mail address" in page.select_one(".govuk-error-summary").text
