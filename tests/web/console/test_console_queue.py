"""The queue: why a concern stands where it does, what the filter shows and hides, and the one that somebody keeps."""

from datetime import timedelta
from itertools import combinations

import pytest

from gateway.concerns import filtering
from gateway.concerns.models import Concern
from gateway.concerns.queue import how_many, is_open
from gateway.db import now, unit_of_work
from gateway.routing.service import escalate_due
from gateway.staff.models import Staff
from gateway.staff.service import change


def references(page):
    return [link.text for link in page.select(".console-list h2 a")]


def text_of(page):
    return " ".join(page.find("main").text.split())


def boxes(page, group):
    """The choices of a group as they are read: words to count."""
    labels = [" ".join(label.text.split()) for label in page.select(f"label[for^='filter-{group}-']")]
    return {words: int(count.rstrip(")")) for words, _, count in (label.rpartition(" (") for label in labels)}


@pytest.fixture
def many(sign_in, concern):
    """Somebody at Leeds and Hull, and one concern for each thing that can be chosen."""
    person = sign_in("LEI", "HLI", reads_unrouted=True)
    made = {
        "bullying": concern(urgency="urgent", category="violence_bullying"),
        "hull": concern(urgency="urgent", prison="HLI"),
        "nowhere": concern(urgency="routine", prison=None, category="missing_contact_worry"),
        "mine": concern(urgency="emergency"),
        "read": concern(urgency="routine", category="drugs"),
    }
    with unit_of_work() as session:
        session.get_one(Concern, made["mine"].id).assigned_to = person.staff_id
        session.get_one(Concern, made["read"].id).status = "acknowledged"
        session.get_one(Concern, made["bullying"].id).channel = "sms"
    concern(urgency="emergency", prison="BMI")
    return person, {name: one.reference for name, one in made.items()}


def test_each_line_says_why_it_stands_where_it_does(sign_in, concern):
    earlier = now() - timedelta(hours=2)
    concern(urgency="emergency"), concern(urgency="emergency", opened_at=earlier), concern(urgency="urgent")

    text = text_of(sign_in("LEI").get("/console/"))

    assert "Place 1: an emergency, life at risk now, not yet read; the oldest of 2." in text
    assert "Place 2: an emergency, life at risk now, not yet read; 1 of 2 is older." in text
    assert "Place 3: urgent, for the same day, not yet read; the only one." in text


def test_of_those_as_urgent_the_unread_come_first_and_the_overdue_before_them(sign_in, concern):
    """Its alarm has run out for `late`; for `told` the next people know of it already, so it has another alarm."""
    ages = {"read": 6, "unread": 5, "late": 4, "told": 3, "newest": 2}
    made = {name: concern(urgency="emergency", opened_at=now() - timedelta(hours=age)) for name, age in ages.items()}
    less = concern(urgency="urgent", opened_at=now() - timedelta(hours=9))
    person = sign_in("LEI")
    person.post(f"/console/concerns/{made['read'].reference}/acknowledge")
    for name in ("told", "late"):
        with unit_of_work() as session:
            escalate_due(session)
            for one in (made[name], less) if name == "late" else (made[name],):
                session.get_one(Concern, one.id).next_alarm_at = now() - timedelta(minutes=1)

    page = person.get("/console/")

    wanted = [made[name].reference for name in ("late", "told", "unread", "newest", "read")]
    assert references(page) == [*wanted, less.reference]
    for said in (
        "Place 1: an emergency, life at risk now, overdue and not yet read; the oldest of 2.",
        "Place 2: an emergency, life at risk now, overdue and not yet read; 1 of 2 is older.",
        "Place 3: an emergency, life at risk now, not yet read; the oldest of 2.",
        "Place 5: an emergency, life at risk now, acknowledged; the only one.",
        "Place 6: urgent, for the same day, overdue and not yet read; the only one.",
    ):
        assert said in text_of(page), said


@pytest.mark.parametrize(
    "query, found",
    [
        ("urgency=emergency", ["mine"]),
        ("urgency=emergency&urgency=routine", ["mine", "nowhere", "read"]),
        ("category=violence_bullying", ["bullying"]),
        ("status=acknowledged", ["read"]),
        ("hands=mine", ["mine"]),
        ("hands=nobody&urgency=urgent", ["bullying", "hull"]),
        ("prison=HLI", ["hull"]),
        ("prison=none", ["nowhere"]),
        ("channel=sms", ["bullying"]),
        ("prison=LEI&urgency=urgent&hands=nobody", ["bullying"]),
        ("urgency=nonsense&prison=BMI&status=closed", ["mine", "bullying", "hull", "nowhere", "read"]),
    ],
)
def test_what_is_chosen_is_shown_and_nothing_else(many, query, found):
    person, known = many

    page = person.get(f"/console/?filtered=1&{query}")

    assert references(page) == [known[name] for name in found]
    assert len(page.select("input[type=checkbox][checked]")) == len(page.select(".moj-filter__tag"))


def test_the_heading_says_how_many_of_all_are_shown(many):
    assert many[0].get("/console/?urgency=urgent").find("h1").text.strip() == "2 of 5 open concerns"


def test_beside_each_choice_stands_how_many_it_would_show(many):
    page = many[0].get("/console/?urgency=urgent")

    assert boxes(page, "urgency") == {"Emergency": 1, "Urgent": 2, "Routine": 2}
    assert boxes(page, "prison") == {"HMP/YOI Hull": 1, "HMP Leeds": 1, "Prison not known": 0}
    assert boxes(page, "status") == {"Not yet read": 2, "Acknowledged": 0}
    assert boxes(page, "hands") == {"Mine": 0, "Nobody's": 2}


def test_the_counts_and_the_list_agree_for_every_choice(many):
    with unit_of_work() as session:
        staff = session.get_one(Staff, many[0].staff_id)
        counted = filtering.tally(session, staff)
        every = {(group, value) for values, _ in counted.rows for group, value in values.items()}
        for first, second in combinations(sorted(every), 2):
            chosen: dict[str, list[str]] = {}
            for group, value in (first, second):
                chosen.setdefault(group, []).append(value)

            assert counted.total(chosen) == how_many(session, staff, is_open(), *filtering.fits(staff, chosen)), chosen


def test_emergencies_that_the_filter_hides_are_spoken_of(many):
    person, _ = many

    text = text_of(person.get("/console/?urgency=urgent"))

    assert "1 emergency is hidden by the filter." in text
    assert "hidden by the filter" not in text_of(person.get("/console/?hands=mine"))


def test_when_nothing_fits_the_page_says_which_filter_hides_what(many):
    person, known = many

    page = person.get("/console/?urgency=emergency&prison=LEI&category=drugs")

    assert "None of 5 open concerns" in text_of(page)
    assert "Urgency (Emergency) hides 1 that fits the rest." in text_of(page)
    assert "Category (Drugs) hides 1 that fits the rest." in text_of(page)
    assert "Prison (HMP Leeds) hides none that fit the rest." in text_of(page)
    less = page.select("main ul.govuk-list--bullet a")[0]
    assert references(person.get(less["href"])) == [known["read"]]


def test_one_choice_or_all_can_be_taken_off_again(many):
    person, known = many
    page = person.get("/console/?urgency=urgent&prison=HLI")
    off = {" ".join(link.text.split()): link["href"] for link in page.select(".moj-filter__selected a")}

    assert references(person.get(off["Take off the filter Prison: HMP/YOI Hull"])) == [
        known["bullying"],
        known["hull"],
    ]
    assert len(references(person.get(off["Clear all"]))) == 5


def test_the_other_pages_of_a_filtered_list_are_filtered_too(sign_in, concern):
    for number in range(52):
        concern(urgency="routine" if number else "urgent")
    person = sign_in("LEI")

    page = person.get("/console/?urgency=routine")
    second = person.get(page.select_one(".govuk-pagination__next a")["href"])

    assert (len(references(page)), len(references(second))) == (50, 1)
    assert "Place 51: routine, not yet read; 50 of 51 are older." in text_of(second)


def test_a_filter_that_is_kept_comes_each_time_until_it_is_forgotten(many, log):
    person, known = many
    person.post("/console/filter", urgency=["urgent"], prison=["HLI", "BMI"])

    assert references(person.get("/console/")) == [known["hull"]]
    assert references(person.get("/console/?filtered=1&urgency=emergency")) == [known["mine"]]
    assert len(references(person.get("/console/?filtered=1"))) == 5

    person.post("/console/filter", urgency=["urgent"], prison=["HLI"])
    forgotten = person.post("/console/filter")
    person.post("/console/filter")
    assert "Your filter is forgotten." in text_of(forgotten)
    assert len(references(person.get("/console/"))) == 5
    assert [row.details["filter"] for row in log("staff:filter_kept")] == [["urgency:urgent", "prison:HLI"], []]
    assert {row.actor for row in log("staff:filter_kept")} == {f"staff:{person.staff_id}"}


def test_a_kept_filter_is_nobody_elses(many, sign_in):
    many[0].post("/console/filter", urgency="routine")

    other = sign_in("LEI", name="Bob Other")

    assert len(references(other.get("/console/"))) == 3
    assert "Forget it" not in text_of(other.get("/console/"))


def test_a_kept_prison_that_they_lose_hides_nothing(many):
    person, known = many
    person.post("/console/filter", prison="HLI")
    with unit_of_work() as session:
        staff = session.get_one(Staff, person.staff_id)
        change(session, staff, roles=["officer"], prisons=["LEI"], reads_unrouted=False)

    assert len(references(person.get("/console/"))) == 3


def test_keeping_is_offered_for_a_new_filter_and_forgetting_for_a_kept_one(many):
    person, _ = many

    assert not person.get("/console/").select("button[form]")
    assert [button["form"] for button in person.get("/console/?urgency=urgent").select("button[form]")] == ["keep"]
    kept = person.post("/console/filter", urgency="urgent")
    assert [button["form"] for button in kept.select("button[form]")] == ["forget"]
    other = person.get("/console/?urgency=routine")
    assert [button["form"] for button in other.select("button[form]")] == ["keep", "forget"]


def test_what_was_filtered_by_is_in_the_log_with_what_was_shown(many, log):
    person, _ = many
    person.get("/console/?urgency=urgent&hands=nobody")

    assert log("staff:viewed_list")[-1].details["filter"] == ["urgency:urgent", "hands:nobody"]
