"""The page of the handover sheet."""

from datetime import timedelta

from gateway.db import now
from gateway.spoken import UK


def text_of(page):
    return " ".join(page.find("main").text.split())


def test_the_sheet_of_the_last_twelve_hours_says_what_waits_who_has_it_and_what_is_due(sign_in, concern):
    details = {"prisoner_name": "Sam Sample", "prisoner_number": "A1234BC"}
    open_one = concern(urgency="emergency", details=details)
    old = concern(opened_at=now() - timedelta(hours=13))
    person = sign_in("LEI")
    person.post(f"/console/concerns/{old.reference}/acknowledge")

    text = text_of(person.get("/console/handover"))

    assert "Still open now: 2" in text and "Opened in this shift: 1" in text and "Acknowledged in this shift: 1" in text
    assert f"{open_one.reference} Emergency Not yet read" in text and "About Sam Sample A1234BC." in text
    assert "Next: To be acknowledged by" in text and "Who has it: nobody yet." in text
    assert "Who has it: Ann Example." in text
    assert "Made by Ann Example" in text and "Closed in this shift: 0 None was closed." in text


def test_the_words_that_a_family_added_stand_on_it_as_they_came(sign_in, concern):
    from factories import a_message

    from gateway.concerns.service import add_words
    from gateway.conversations.models import Conversation
    from gateway.db import unit_of_work

    theirs = concern()
    with unit_of_work() as session:
        more = a_message(session, "he <b>wont</b> eat", session.get_one(Conversation, theirs.conversation_id))
        add_words(session, session.merge(theirs), more.id)

    page = sign_in("LEI").get("/console/handover")

    assert [words.text for words in page.select(".console-words__text")] == ["he <b>wont</b> eat"]


def test_a_shift_can_be_chosen_and_is_read_on_a_uk_clock(sign_in, concern):
    opened_at = now().astimezone(UK) - timedelta(days=2)
    theirs = concern(opened_at=opened_at)
    times = f"from={opened_at - timedelta(hours=1):%Y-%m-%dT%H:%M}&to={opened_at + timedelta(hours=1):%Y-%m-%dT%H:%M}"
    person = sign_in("LEI")

    page = person.get(f"/console/handover?{times}")

    assert "Opened in this shift: 1" in text_of(page) and theirs.reference in text_of(page)
    assert page.find(id="from")["value"] in times
    assert len(page.select(".console-jumps a")) == 5
    for link in page.select(".console-jumps a"):
        person.get(link["href"])


def test_times_that_cannot_be_meant_are_an_error_in_a_sentence(sign_in):
    person = sign_in("LEI")

    wrong = person.get("/console/handover?from=2026-01-02T00:00&to=2026-01-01T00:00", status=400)
    assert "The end must come after the beginning" in text_of(wrong)
    odd = person.get('/console/handover?from="><b>', status=400)
    assert "Enter a day and a time" in text_of(odd) and odd.find(id="from")["value"] == '"><b>'
    person.get("/console/handover?page=x")


def test_reading_it_is_a_row_in_the_log(sign_in, concern, log):
    theirs = concern()
    sign_in("LEI").get("/console/handover")

    row = log("staff:viewed_list")[-1]
    assert (row.details["list"], row.details["concerns"]) == ("handover", [theirs.id])


def test_nothing_of_another_prison_stands_on_it(sign_in, concern):
    theirs = concern(prison="HLI")

    assert theirs.reference not in sign_in("LEI").get("/console/handover").text


def test_a_long_sheet_comes_in_pages(sign_in, concern):
    for _ in range(51):
        concern()
    person = sign_in("LEI")

    assert "The newest 50 of 51." in text_of(person.get("/console/handover"))
    assert "Page 2 of 2." in text_of(person.get("/console/handover?page=2"))
    assert len(person.get("/console/handover?page=2").select("#still-open ~ ol li")) == 1


def test_on_paper_stands_how_to_treat_it(sign_in):
    page = sign_in("LEI").get("/console/handover")

    assert "OFFICIAL" in page.select_one(".console-printed").text
