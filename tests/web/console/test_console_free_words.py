"""An officer's own words to a family: shown what they may give away, changed, or sent on with a reason."""

import pytest
from factories import a_concern, a_conversation
from sqlalchemy import select

from gateway.concerns.models import ConcernNote
from gateway.conversations.models import Message
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery

HARMLESS = "Thank you Jo, we are looking into it."
TELLING = "He was moved to B wing & saw the nurse <b>today</b>"


@pytest.fixture
def desk(database, sign_in):
    """A concern raised by text, its address, and somebody who may answer for it."""
    with unit_of_work() as session:
        raised = a_concern(session, conversation=a_conversation(session, "sms"), details={"reporter_name": "Jo Sample"})
    return sign_in("LEI"), f"/console/concerns/{raised.reference}"


def fields(page):
    """The form as the browser sends it back, less what is typed."""
    return {field["name"]: field.get("value", "") for field in page.select("form[action$='/free'] input[type=hidden]")}


def send(person, path, page, text, reason=None, status=200):
    typed = {"free-text": text} | ({} if reason is None else {"free-reason": reason})
    return person.post(f"{path}/free", status=status, **{**fields(page), **typed})


def sent():
    with unit_of_work() as session:
        texts = session.scalars(select(Message.text).where(Message.sender == "staff").order_by(Message.id)).all()
        queued = session.scalars(select(Delivery.body).where(Delivery.body.in_(texts))).all()
    assert sorted(texts) == sorted(queued)
    return texts


def notes():
    with unit_of_work() as session:
        return list(session.scalars(select(ConcernNote.text).order_by(ConcernNote.id)))


def text_of(page):
    return " ".join(page.find("main").text.split())


def test_harmless_words_go_out_at_once_and_once(desk, log):
    person, path = desk
    page = person.get(path)

    first = send(person, path, page, HARMLESS)
    send(person, path, page, HARMLESS)

    assert sent() == [HARMLESS]
    assert "on their way to the family" in text_of(first)
    assert [row.details for row in log("concern:family_told")] == [
        {"freely": True, "warned": [], "reason_in_note": None}
    ]
    assert "Ann Example wrote to the family in their own words." in text_of(person.get(path))


def test_the_first_press_sends_nothing_shows_why_and_keeps_the_text(desk):
    person, path = desk

    page = send(person, path, person.get(path), TELLING, status=400)

    assert sent() == [] and notes() == []
    warned = page.select_one("#warnings").text
    assert "“He”" in warned and "“moved”" in warned and "“nurse”" in warned and "medical" in warned
    assert page.select_one("textarea[name=free-text]").text.strip() == TELLING
    assert page.select_one("textarea[name=free-reason]") and page.select_one(
        ".govuk-error-summary a[href='#free-text']"
    )


def test_the_second_press_sends_it_only_with_a_reason_which_is_kept(desk, log):
    person, path = desk
    page = send(person, path, person.get(path), TELLING, status=400)

    page = send(person, path, page, TELLING, reason="  ", status=400)
    assert sent() == []
    page = send(person, path, page, TELLING, reason="The governor and he agreed to it")

    assert sent() == [TELLING]
    assert notes() == ["Sent to the family in spite of a warning. Reason: The governor and he agreed to it"]
    (row,) = log("concern:family_told")
    assert row.details["warned"] == ["person", "location", "health"] and row.details["reason_in_note"]
    assert "governor" not in str(row.details) and "B wing" not in str(row.details)
    assert "with a reason in spite of 3 warnings" in text_of(page)


def test_a_reason_counts_only_for_the_words_whose_warnings_were_seen(desk):
    person, path = desk
    page = send(person, path, person.get(path), TELLING, status=400)

    again = send(person, path, page, "She is in hospital", reason="agreed", status=400)

    assert sent() == []
    assert "hospital" in again.select_one("#warnings").text
    assert again.select_one("textarea[name=free-reason]").text.strip() == "agreed"


def test_changed_words_that_give_nothing_away_need_no_reason(desk):
    person, path = desk
    page = send(person, path, person.get(path), TELLING, status=400)

    send(person, path, page, HARMLESS, reason="")

    assert sent() == [HARMLESS] and notes() == []


@pytest.mark.parametrize("text", ["", "   ", "a" * 601])
def test_nothing_and_too_much_are_refused(desk, text):
    person, path = desk

    send(person, path, person.get(path), text, status=400)

    assert sent() == []


def test_nobody_writes_about_a_concern_that_they_may_not_see(desk, sign_in):
    person, path = desk
    page = person.get(path)

    send(sign_in("HLI", name="Bob Example"), path, page, HARMLESS, status=404)

    assert sent() == []
