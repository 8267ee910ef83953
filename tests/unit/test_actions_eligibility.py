"""The actions of «Am I eligible?»: slots in, responses and slots out. The check itself is the real one."""

from typing import Any

import pytest
from action_tracker import a_tracker, followed_by, run, said, slots

from actions.eligibility import ActionCheckEligibility, ValidateEligibilityForm
from gateway.eligibility.interview import QUESTIONS

EVERY_SLOT = {f"eligibility_{question}" for question in QUESTIONS} | {"eligibility_tries"}
MUM = {"eligibility_relationship": "parent", "eligibility_age": "adult", "eligibility_benefits": "pension_credit"}


def _asked(question: str, text: str, **more: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the form does with a message when this was the question."""
    held = {"requested_slot": f"eligibility_{question}"} | more.pop("slots", {})
    return run(ValidateEligibilityForm(), a_tracker(text, slots=held, loop="eligibility_form", **more))


# ----- the start -----


def test_the_check_begins_with_nothing_left_of_an_earlier_one() -> None:
    messages, events = run(ActionCheckEligibility(), a_tracker("am i eligible", slots=MUM))

    assert said(messages) == ["utter_eligibility_start"]
    assert slots(events) == dict.fromkeys(EVERY_SLOT - {"eligibility_tries"}) | {"eligibility_tries": 0}
    assert followed_by(events) == ["eligibility_form"]


def test_what_is_told_at_once_is_kept() -> None:
    _, events = run(ActionCheckEligibility(), a_tracker("am i eligible im his mum on uc"))

    assert slots(events)["eligibility_relationship"] == "parent"
    assert slots(events)["eligibility_benefits"] == "universal_credit"


def test_in_the_middle_of_a_worry_there_is_a_general_answer_and_no_other_form() -> None:
    messages, events = run(ActionCheckEligibility(), a_tracker("am i eligible", loop="concern_form"))

    assert said(messages) == ["utter_money/help_with_visits_cost"] and events == []


def test_asked_for_again_in_its_middle_the_check_goes_on() -> None:
    assert run(ActionCheckEligibility(), a_tracker("am i eligible", loop="eligibility_form", slots=MUM)) == ([], [])


@pytest.mark.parametrize("requested", [None, "concern_prison"])
def test_the_form_asks_its_first_open_question(requested: str | None) -> None:
    held = {"requested_slot": requested, "eligibility_relationship": "parent"}

    messages, events = run(ValidateEligibilityForm(), a_tracker("am i eligible", slots=held, loop="eligibility_form"))
    assert said(messages) == ["utter_eligibility_ask_age"]
    assert slots(events)["requested_slot"] == "eligibility_age"


# ----- answers -----


def test_an_answer_is_kept_and_the_next_question_asked() -> None:
    messages, events = _asked("relationship", "his mum")

    assert said(messages) == ["utter_eligibility_ask_age"]
    assert slots(events)["eligibility_relationship"] == "parent"
    assert slots(events)["requested_slot"] == "eligibility_age"


def test_the_number_of_a_choice_is_an_answer() -> None:
    _, events = _asked("benefits", "2")

    assert slots(events)["eligibility_benefits"] == "pension_credit"


def test_what_is_not_understood_is_asked_once_more() -> None:
    messages, events = _asked("age", "blue")
    again, after = _asked("age", "blue", slots=slots(events))

    assert said(messages) == ["utter_eligibility_not_understood", "utter_eligibility_ask_age"]
    assert said(again) == ["utter_eligibility_ask_relationship"]
    assert slots(after)["eligibility_age"] == "unknown"


def test_the_last_answer_brings_the_result_and_the_form_ends() -> None:
    held = MUM | {"eligibility_journey": "over_10", "eligibility_travel": "public"}

    messages, events = _asked("visit", "next week", slots=held)
    assert said(messages) == [
        "utter_eligibility_likely",
        "utter_eligibility_pays_travel_public",
        "utter_eligibility_pays_food_10",
        "utter_eligibility_claim_before",
    ]
    assert slots(events)["requested_slot"] is None


def test_the_last_day_to_claim_is_given_to_its_sentence() -> None:
    held = MUM | {"eligibility_journey": "under_5", "eligibility_travel": "car"}

    messages, _ = _asked("visit", "today", slots=held)
    assert said(messages)[-1] == "utter_eligibility_claim_by"
    assert messages[-1]["deadline"]


@pytest.mark.parametrize("text", ["stop", "enough", "no more questions"])
def test_stop_ends_the_form(text: str) -> None:
    messages, events = _asked("journey", text, slots=MUM)

    assert said(messages) == ["utter_eligibility_stopped"]
    assert slots(events)["requested_slot"] is None


# ----- stepping aside -----


def test_a_worry_makes_the_form_step_aside_without_a_word() -> None:
    assert _asked("benefits", "im on uc but he says hell kill himself", intent="report_concern") == ([], [])


def test_another_question_makes_the_form_step_aside_and_is_followed_by_the_same_question() -> None:
    question: dict[str, Any] = {"intent": "visits", "confidence": 0.9}

    assert _asked("age", "what id do i need?", slots=MUM | {"eligibility_age": None}, **question) == ([], [])
    messages, events = _asked(
        "age", "what id do i need?", slots=MUM | {"eligibility_age": None}, since=("utter_visits",), **question
    )
    assert said(messages) == ["utter_eligibility_ask_age"]
    assert slots(events)["requested_slot"] == "eligibility_age"
    assert slots(events)["eligibility_relationship"] == "parent"


@pytest.mark.parametrize(
    ("text", "asked_to_tell"), [("his mum, he is very low", True), ("he is low", True), ("his mum", False)]
)
def test_a_possible_worry_is_asked_to_be_told_but_not_after_a_bare_answer(text: str, asked_to_tell: bool) -> None:
    tracker = a_tracker(text, slots={"requested_slot": "eligibility_relationship"}, loop="eligibility_form")
    tracker.latest_message["safeguarding"] = {"level": "possible"}

    messages, _ = run(ValidateEligibilityForm(), tracker)
    assert ("utter_eligibility_worry" in said(messages)) is asked_to_tell
    assert said(messages)[-1].startswith("utter_eligibility_ask_")
