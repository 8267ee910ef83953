"""The lists of calls, opinions and requests to delete."""

import csv
import io
from datetime import UTC, datetime, timedelta

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


def test_what_came_of_a_call_is_kept_with_its_note_among_those_that_are_done(sign_in, call):
    reference, person = call(), sign_in("LEI")
    assert "No call is done yet." in text_of(person.get("/console/callbacks?show=done"))
    person.post(f"/console/callbacks/{reference}/done", outcome="wrong_number", note="rings <b>nobody</b>")

    text = text_of(person.get("/console/callbacks?show=done"))
    assert "1 call is done" in text and "The number does not work, Ann Example, " in text
    assert "Note of staff: rings <b>nobody</b>" in text and "Mark as done" not in text


def test_a_call_that_is_done_can_wait_again_once_with_its_note(sign_in, call, log, outcome_of):
    reference, person = call(), sign_in("LEI")
    person.post(f"/console/callbacks/{reference}/done", outcome="no_answer", note="rang twice")

    back = person.post(f"/console/callbacks/{reference}/undo")
    again = person.post(f"/console/callbacks/{reference}/undo")
    assert f"The call {reference} waits again." in back.text and "Note of staff: rang twice" in text_of(back)
    assert "That was done already." in again.text and outcome_of(reference) is None
    assert [row.details["before"] for row in log("callback:undone")] == ["no_answer"]


def test_a_call_that_the_family_took_back_cannot_wait_again(sign_in, call, outcome_of):
    reference, person = call(), sign_in("LEI")
    with unit_of_work() as session:
        callback = service.by_reference(session, reference)
        service.take_back(session, callback, callback.message_id)

    assert "said by the family" in text_of(person.get("/console/callbacks?show=done"))
    person.post(f"/console/callbacks/{reference}/undo")
    assert outcome_of(reference) == "taken_back"


def test_who_rings_after_a_colleague_sees_what_came_of_it_and_keeps_the_note(sign_in, call, outcome_of):
    reference, bea, ann = call(), sign_in("LEI", name="Bea Example"), sign_in("LEI")
    bea.post(f"/console/callbacks/{reference}/done", outcome="spoke")

    page = ann.post(f"/console/callbacks/{reference}/done", status=409, outcome="no_answer", note="rang at six")
    text = text_of(page)
    assert "nothing was done. Spoke to them, Bea Example, " in text and "You had written: rang at six" in text
    assert outcome_of(reference) == "spoke"


def test_a_note_that_is_refused_stays_in_its_field(sign_in, call, outcome_of):
    reference, person = call(), sign_in("LEI")

    page = person.post(f"/console/callbacks/{reference}/done", status=400, outcome="", note="rang at six")
    assert page.select_one(f"#note-{reference}").text.strip() == "rang at six"
    long = person.post(f"/console/callbacks/{reference}/done", status=400, outcome="spoke", note="x" * 5001)
    assert "5,000 characters or fewer" in long.text and outcome_of(reference) is None


def test_many_calls_come_in_pages_of_fifty(sign_in, call):
    for _ in range(51):
        call()
    person = sign_in("LEI")

    first, second = person.get("/console/callbacks"), person.get("/console/callbacks?page=2")
    assert len(first.select(".moj-ticket-panel")) == 50 and len(second.select(".moj-ticket-panel")) == 1
    assert first.select_one("a[rel=next]")["href"] == "/console/callbacks?page=2"
    with unit_of_work() as session:
        for callback in session.scalars(select(Callback)):
            service.finish(session, callback, person.staff_id, "spoke")
    done = person.get("/console/callbacks?show=done")
    assert done.select_one("a[rel=next]")["href"] == "/console/callbacks?page=2&show=done"


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


@pytest.fixture
def opinions(database):
    """In September a 5 with words; in October a 1, a 5 and words without a mark."""
    with unit_of_work() as session:
        for month, score, words in [(9, 5, "=Kevin says yes"), (10, 1, None), (10, 5, None), (10, None, "plain words")]:
            given = feedback.give(session, a_message(session, str(score)).id, score=score, words=words)
            given.at = datetime(2026, month, 1, 0, 30, tzinfo=UTC) - timedelta(hours=1)  # by UK clocks the 1st


@pytest.mark.parametrize(
    "asked, marks",
    [
        ("", ["No score", "5 of 5", "1 of 5", "5 of 5"]),
        ("mark=5", ["5 of 5", "5 of 5"]),
        ("mark=5&month=2026-10", ["5 of 5"]),
        ("mark=none", ["No score"]),
        ("month=2026-09", ["5 of 5"]),
        ("mark=2", []),
        ("mark=7&month=soon", ["No score", "5 of 5", "1 of 5", "5 of 5"]),
    ],
)
def test_feedback_is_shown_by_mark_and_by_month(sign_in, opinions, asked, marks):
    page = sign_in(reads_unrouted=True).get(f"/console/feedback?{asked}")

    assert [heading.text for heading in page.select(".console-list h2")] == marks
    assert ("no feedback with this mark" in page.text) == (not marks)
    assert [option["value"] for option in page.select("#month option")] == ["", "2026-10", "2026-09"]


def test_feedback_for_a_spreadsheet_has_the_marks_asked_for_and_nobodys_words(sign_in, opinions, log):
    answer = sign_in(reads_unrouted=True).client.get("/console/feedback.csv?mark=5")

    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert head == ["Day", "Mark (1, no help, to 5, a lot)", "About", "Answer", "Words of the family"]
    assert rows == [
        ["2026-10-01", "5", "The service", "", "none"],
        ["2026-09-01", "5", "The service", "", "given, on the console"],
    ]
    assert b"Kevin" not in answer.data and answer.headers["Content-Disposition"].startswith("attachment")
    assert log("staff:viewed_list")[-1].details | {"list": "feedback", "shown_as": "csv", "mark": "5", "count": 2} == (
        log("staff:viewed_list")[-1].details
    )


def test_the_file_of_feedback_holds_only_what_came_about_their_prisons(sign_in, opinions):
    rows = sign_in("LEI").client.get("/console/feedback.csv").data.decode("utf-8-sig").splitlines()
    assert len(rows) == 1


def test_a_filter_of_feedback_stays_from_page_to_page(sign_in, database):
    with unit_of_work() as session:
        for _ in range(51):
            feedback.give(session, a_message(session, "4").id, score=4)

    page = sign_in(reads_unrouted=True).get("/console/feedback?mark=4")
    assert page.select_one("a[rel=next]")["href"] == "/console/feedback?page=2&mark=4"
    assert "51 opinions of those asked for" in text_of(page)


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
