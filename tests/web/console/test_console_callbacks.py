"""The lists of calls, opinions and requests to delete."""

import pytest
from factories import a_conversation, a_message
from sqlalchemy import select

from gateway.callbacks import service
from gateway.callbacks.models import Callback
from gateway.db import unit_of_work
from gateway.feedback import service as feedback
from gateway.privacy import service as privacy


@pytest.fixture
def call(database):
    def asked(prison="LEI", **answers):
        with unit_of_work() as session:
            callback = service.ask(session, a_message(session, "ring me").id, "+447700900456")
            service.enrich(session, callback, callback.message_id, prison_id=prison, **answers)
            return callback.reference

    return asked


@pytest.fixture
def outcome_of(database):
    def stored(reference):
        with unit_of_work() as session:
            return session.scalar(select(Callback.outcome).where(Callback.reference == reference))

    return stored


def text_of(page):
    return " ".join(page.find("main").text.split())


def test_a_call_is_shown_with_all_that_is_needed_to_ring(sign_in, call):
    reference = call(good_time="after <b>six</b>", about="my visits")

    text = text_of(sign_in("LEI").get("/console/callbacks"))
    assert "1 family waits for a call" in text and "07700 900456" in text and "HMP Leeds" in text
    assert "after <b>six</b>" in text and "my visits" in text and reference in text


def test_nobody_sees_the_calls_of_another_prison(sign_in, call, outcome_of):
    reference = call("HLI")
    with_staff = sign_in("HLI", name="Bea Example")
    person = sign_in("LEI", reads_unrouted=True)

    assert "Nobody waits for a call" in text_of(person.get("/console/callbacks"))
    person.post(f"/console/callbacks/{reference}/done", status=404, outcome="spoke")
    assert outcome_of(reference) is None and reference in text_of(with_staff.get("/console/callbacks"))


def test_calls_of_no_prison_are_for_those_who_read_the_unrouted(sign_in, call):
    reference = call(None)

    assert reference in text_of(sign_in(reads_unrouted=True).get("/console/callbacks"))
    assert reference not in text_of(sign_in("LEI", name="Bea Example").get("/console/callbacks"))


def test_a_call_is_marked_as_done_once_with_an_outcome(sign_in, call, log, outcome_of):
    reference, person = call(), sign_in("LEI")

    page = person.post(f"/console/callbacks/{reference}/done", outcome="message_left")
    assert f"The call {reference} is marked as done" in page.text and "Nobody waits for a call" in page.text
    again = person.post(f"/console/callbacks/{reference}/done", outcome="spoke")
    assert "was finished before" in again.text
    assert outcome_of(reference) == "message_left"
    assert [row.details["outcome"] for row in log("callback:done")] == ["message_left"]


@pytest.mark.parametrize("outcome", ["", "made_up", "taken_back"])
def test_without_an_outcome_from_the_list_nothing_is_done(sign_in, call, outcome_of, outcome):
    reference, person = call(), sign_in("LEI")

    page = person.post(f"/console/callbacks/{reference}/done", status=400, outcome=outcome)
    assert "Choose how the call ended" in page.text and page.title.text.startswith("Error: ")
    assert outcome_of(reference) is None


def test_a_call_cannot_be_finished_without_a_token(sign_in, call, outcome_of):
    reference, person = call(), sign_in("LEI")

    answer = person.client.post(f"/console/callbacks/{reference}/done", data={"outcome": "spoke"})
    assert answer.status_code == 400 and outcome_of(reference) is None


def test_many_calls_come_in_pages_of_fifty(sign_in, call):
    for _ in range(51):
        call()
    person = sign_in("LEI")

    first, second = person.get("/console/callbacks"), person.get("/console/callbacks?page=2")
    assert len(first.select(".console-list__item")) == 50 and len(second.select(".console-list__item")) == 1
    assert first.select_one("a[rel=next]")["href"] == "/console/callbacks?page=2"


def test_looking_at_these_lists_is_a_row_in_the_log(sign_in, call, log):
    call()
    person = sign_in("LEI", reads_unrouted=True)
    for path in ("callbacks", "feedback", "erasure-requests"):
        person.get(f"/console/{path}")

    rows = [row.details for row in log("staff:viewed_list")][1:]
    assert [row["list"] for row in rows] == ["callbacks", "feedback", "erasure_requests"]
    assert len(rows[0]["callbacks"]) == 1


def test_feedback_is_shown_newest_first_with_its_average(sign_in, database):
    with unit_of_work() as session:
        for score, words in [(4, "first words"), (1, "<i>last</i> words")]:
            feedback.give(session, a_message(session, str(score)).id, score=score, words=words)

    text = text_of(sign_in(reads_unrouted=True).get("/console/feedback"))
    assert text.index("<i>last</i> words") < text.index("first words")
    assert "2.5 2" in text and "1 of 5" in text


def test_feedback_without_any_says_so(sign_in):
    assert "No family has given feedback yet." in text_of(sign_in("LEI").get("/console/feedback"))


def test_requests_to_delete_are_for_the_duty_desk_alone(sign_in, database):
    with unit_of_work() as session:
        message = a_message(session, "delete my data", a_conversation(session, "sms"))
    reference = privacy.ask(message.id)
    duty, officer = sign_in(reads_unrouted=True), sign_in("LEI", name="Bea Example")

    text = text_of(duty.get("/console/erasure-requests"))
    assert reference in text and "07700 900123" in text
    officer.get("/console/erasure-requests", status=404)
    assert not officer.get("/console/").select("a[href='/console/erasure-requests']")
