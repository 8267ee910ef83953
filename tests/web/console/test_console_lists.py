"""What waits, in which order, and what else can be listed."""

from datetime import timedelta

from gateway.concerns.models import Concern
from gateway.db import now, unit_of_work
from gateway.routing.service import escalate_due


def references(page):
    return [link.text for link in page.select(".console-list h2 a")]


def text_of(page):
    return " ".join(page.find("main").text.split())


def test_the_most_urgent_come_first_and_of_those_the_oldest(sign_in, concern):
    earlier, later = now() - timedelta(hours=2), now() - timedelta(hours=1)
    expected = [
        concern(urgency=urgency, opened_at=opened_at).reference
        for urgency, opened_at in [
            ("emergency", earlier), ("emergency", later), ("urgent", earlier), ("urgent", later), ("routine", earlier)
        ]
    ]  # fmt: skip
    concern(urgency="emergency", prison="HLI")

    assert references(sign_in("LEI").get("/console/")) == expected


def test_a_line_says_what_it_is_about_where_from_and_by_when(sign_in, concern):
    theirs = concern(urgency="emergency", category="violence_bullying", opened_at=now() - timedelta(days=40))

    text = text_of(sign_in("LEI").get("/console/"))

    assert "1 open concern" in text
    assert f"{theirs.reference} Emergency Not yet read Violence or bullying, HMP Leeds" in text
    assert "Web chat, " in text and " on " in text
    assert "To be acknowledged by " in text


def test_what_nobody_answered_in_time_is_overdue_even_after_the_next_were_told(sign_in, concern):
    theirs = concern(urgency="emergency")
    with unit_of_work() as session:
        session.get_one(Concern, theirs.id).next_alarm_at = now() - timedelta(minutes=1)
    person = sign_in("LEI")
    before = text_of(person.get("/console/"))
    with unit_of_work() as session:
        escalate_due(session)
    after = text_of(person.get("/console/"))

    assert "Overdue since" in before and "Overdue since" in after


def test_acknowledging_puts_a_new_time_in_place_of_overdue(sign_in, concern):
    theirs = concern(urgency="emergency")
    with unit_of_work() as session:
        session.get_one(Concern, theirs.id).next_alarm_at = now() - timedelta(minutes=1)
        escalate_due(session)
    person = sign_in("LEI")
    person.post(f"/console/concerns/{theirs.reference}/acknowledge")

    assert "To be finished or looked at again by" in text_of(person.get("/console/"))


def test_looking_at_a_list_is_a_row_in_the_log(sign_in, concern, log):
    theirs = concern()
    person = sign_in("LEI", reads_unrouted=True)
    for path in ("/console/", "/console/closed", "/console/possible", "/console/not-processed"):
        person.get(path)

    rows = log("staff:viewed_list")[1:]  # the first is from signing in
    assert [row.details["list"] for row in rows] == ["open", "closed", "possible", "not_processed"]
    assert rows[0].details["concerns"] == [theirs.id]
    assert {row.actor for row in rows} == {log("staff:signed_in")[0].actor}


def test_when_nothing_waits_the_page_says_so(sign_in):
    assert "Nothing waits for you at the moment." in text_of(sign_in("LEI").get("/console/"))


def test_a_long_queue_comes_in_pages_of_fifty(sign_in, concern):
    for _ in range(51):
        concern()
    person = sign_in("LEI")

    first, second = person.get("/console/"), person.get("/console/?page=2")

    assert "51 open concerns" in text_of(first)
    assert (len(references(first)), len(references(second))) == (50, 1)
    assert not set(references(first)) & set(references(second))
    for odd in ("0", "-1", "x", "99999999999999999999999"):
        person.get(f"/console/?page={odd}")


def test_a_closed_concern_moves_to_the_closed_ones(sign_in, concern):
    theirs = concern()
    person = sign_in("LEI")
    person.post(f"/console/concerns/{theirs.reference}/close", **{"close-outcome": "welfare_check"})

    assert references(person.get("/console/")) == []
    closed = person.get("/console/closed")
    assert references(closed) == [theirs.reference]
    assert "Welfare check made" in text_of(closed)
