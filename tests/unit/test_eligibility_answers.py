"""What families type when they are asked about themselves, and the buttons that they may press instead."""

from datetime import date
from typing import Any

import pytest
import yaml

from gateway.concerns.heard import Heard
from gateway.config import ROOT
from gateway.eligibility.answers import OPTIONS, understand, volunteered
from gateway.eligibility.interview import QUESTIONS
from gateway.eligibility.rules import UNKNOWN

TODAY = date(2026, 11, 21)  # a Saturday
RESPONSES: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))[
    "responses"
]


def _understood(question: str, text: str) -> str | None:
    return understand(question, Heard(text), TODAY)


# ----- buttons -----


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_button_means_the_option_in_its_place(question: str) -> None:
    for variation in RESPONSES[f"utter_eligibility_ask_{question}"]:
        meant = [_understood(question, button["payload"]) for button in variation["buttons"]]

        assert meant == list(OPTIONS[question])


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_number_of_a_button_picks_it(question: str) -> None:
    numbers = [str(place) for place in range(1, len(OPTIONS[question]) + 1)]

    assert [_understood(question, number) for number in numbers] == list(OPTIONS[question])
    assert _understood(question, "the second one") == OPTIONS[question][1]


# ----- typed answers -----


@pytest.mark.parametrize(
    "text, code",
    [
        ("his mum", "parent"),
        ("im his mam", "parent"),
        ("Mother", "parent"),
        ("nan", "parent"),
        ("my son is inside", "parent"),
        ("he's my grandson", "parent"),
        ("my dad", "child"),
        ("I'm his daughter", "child"),
        ("our kid", "sibling"),
        ("step brother", "sibling"),
        ("my hubby", "spouse"),
        ("we are married", "spouse"),
        ("girlfriend", "partner"),
        ("his partner, we're not married", "partner"),
        ("fiancée", "partner"),
        ("stepdad", "stand_in"),
        ("foster mum", "stand_in"),
        ("i brought him up", "stand_in"),
        ("friend", "other"),
        ("We are friends, not related. Nobody else goes.", "other"),
        ("his ex wife", "other"),
        ("sister in law", "other"),
        ("mother-in-law", "other"),
        ("my nan", "other"),
        ("his grandson", "other"),
        ("mum of his kids", "other"),
        ("his kids' mum", "other"),
        ("aunty", "other"),
        ("next of kin", "next_of_kin"),
        # Nothing is made of two people, of a denial, or of nobody.
        ("his brother and his mum", None),
        ("not his wife", None),
        ("im from leeds", None),
    ],
)
def test_who_somebody_is(text: str, code: str | None) -> None:
    assert _understood("relationship", text) == code


@pytest.mark.parametrize(
    "text, code",
    [
        ("im on uc", "universal_credit"),
        ("Universal Credit", "universal_credit"),
        ("no just uc", "universal_credit"),
        ("pip and universal credit", "universal_credit"),
        ("pension credits", "pension_credit"),
        ("state pension and pension credit", "pension_credit"),
        ("got an HC2 off the nhs", "nhs_certificate"),
        ("jsa income based", "income_based_jsa"),
        ("income related ESA", "income_related_esa"),
        ("esa", "kind_unclear"),
        ("pip and esa", "kind_unclear"),
        ("jobseekers", "kind_unclear"),
        ("new style esa", "none"),
        ("pip", "none"),
        ("tax credits", "none"),
        ("just my wages", "none"),
        ("no", "none"),
        ("im not on any", "none"),
        # A denial or a maybe must not count as having it.
        ("i dont get universal credit", None),
        ("waiting for uc", None),
        ("esa or uc", None),
        ("no idea", None),
        ("benefits", None),
    ],
)
def test_which_benefit(text: str, code: str | None) -> None:
    assert _understood("benefits", text) == code


@pytest.mark.parametrize(
    "text, code",
    [
        ("900", "under"),
        ("about £1,100 a month", "under"),
        ("£1250", "about"),
        ("1.2k", "under"),
        ("300 a week", "about"),
        ("£400 pw", "over"),
        ("12000 a year", "under"),
        ("2k", "over"),
        ("nothing", "under"),
        ("under 1000", "under"),
        ("over 1500", "over"),
        ("less than 2000", None),
        ("more than 900", None),
        ("not over 1250", None),
        ("900 and he got 600", None),
        ("not a lot", None),
    ],
)
def test_how_much_comes_in(text: str, code: str | None) -> None:
    assert _understood("income", text) == code


@pytest.mark.parametrize(
    "text, code",
    [("17", "under_18"), ("im 34", "adult"), ("74", "adult"), ("81", "over_75"), ("over 18", "adult"), ("old", None)],
)
def test_how_old(text: str, code: str | None) -> None:
    assert _understood("age", text) == code


@pytest.mark.parametrize(
    "question, text, code",
    [
        ("lived_together", "yes we did", "yes"),
        ("lived_together", "we lived together 6 years", "yes"),
        ("lived_together", "nah", "no"),
        ("lived_together", "we didn't", "no"),
        ("lived_together", "not sure", None),
        ("only_visitor", "im his only visitor", "yes"),
        ("only_visitor", "no his mum goes as well", "no"),
        ("only_visitor", "no idea", None),
        ("only_visitor", "rather not say", None),
        ("only_visitor", "what is next of kin", None),
        ("only_visitor", "next of kin", "yes"),
        ("lived_together", "next of kin", None),
        ("travel", "do they pay for a taxi", None),
        ("journey", "3 hours each way", "5_to_10"),
        ("journey", "two hours", "under_5"),
        ("journey", "about 12 hrs", "over_10"),
        ("journey", "90 mins", "under_5"),
        ("journey", "6", "5_to_10"),
        ("journey", "120 miles", UNKNOWN),
        ("journey", "ages", None),
        ("travel", "i drive", "car"),
        ("travel", "train and then a taxi", "public taxi"),
        ("travel", "i dont drive so its the bus", "public"),
        ("travel", "hire a car", "hire"),
        ("travel", "the ferry", "crossing"),
        ("travel", "dunno", None),
    ],
)
def test_the_rest(question: str, text: str, code: str | None) -> None:
    assert _understood(question, text) == code


@pytest.mark.parametrize(
    "text, code",
    [
        ("yesterday", "2026-11-20"),
        ("today", "2026-11-21"),
        ("it's tomorrow", "2026-11-22"),
        ("3 days ago", "2026-11-18"),
        ("in 5 days", "2026-11-26"),
        ("last sunday", "2026-11-15"),
        ("last saturday", "2026-11-14"),
        ("next saturday", "2026-11-28"),
        ("12th nov", "2026-11-12"),
        ("november the 2nd", "2026-11-02"),
        ("1/12", "2026-12-01"),
        ("5 jan", "2027-01-05"),
        ("last week", "recent"),
        ("2 weeks ago", "recent"),
        ("6 weeks ago", "older"),
        ("months ago", "older"),
        ("next week", "soon"),
        ("in 2 weeks", "soon"),
        ("in 8 weeks", UNKNOWN),
        ("every fortnight", UNKNOWN),
        ("not booked yet", UNKNOWN),
        ("a month ago", UNKNOWN),
        # It could be behind or ahead.
        ("sunday", None),
        ("31 feb", None),
    ],
)
def test_when_the_visit_is(text: str, code: str | None) -> None:
    assert _understood("visit", text) == code


# ----- told in passing -----


@pytest.mark.parametrize(
    "text, told",
    [
        ("am i eligible, I'm his mum on universal credit", {"relationship": "parent", "benefits": "universal_credit"}),
        ("im on pension credit and im 80 do i qualify", {"benefits": "pension_credit", "age": "over_75"}),
        ("am i eligible my mum is on uc", {}),
        ("im his mum and hes on uc", {"relationship": "parent"}),
        ("im 20 miles away", {}),
        ("universal credit, about £900 a month coming in", {"income": "under"}),
        ("train then a bus, its in England, visit is next thursday", {"travel": "public", "visit": "2026-11-26"}),
        ("We are friends. I have been his only visitor since the summer.", {"only_visitor": "yes"}),
        ("I drive, about forty miles each way", {"travel": "car"}),
        ("am i eligible, the train is £40", {}),
        ("can i get help with a train to visit hubby", {}),
        ("do i qualify", {}),
    ],
)
def test_only_what_leaves_no_doubt_is_taken_from_the_first_message(text: str, told: dict[str, str]) -> None:
    assert volunteered(text, TODAY) == told
