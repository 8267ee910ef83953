"""The questions of «Am I eligible?»: their order, what each message does, and what is said in the end."""

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.concerns.heard import Heard
from gateway.config import ROOT
from gateway.eligibility.answers import OPTIONS
from gateway.eligibility.interview import QUESTIONS, Step, begin, go_on, hear, next_question
from gateway.eligibility.rules import UNKNOWN

TODAY = date(2026, 11, 21)
RESPONSES: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
MUM = {"relationship": "parent", "age": "adult", "benefits": "pension_credit"}


def _hear(asked: str, text: str, answers: dict[str, str] | None = None, tries: int = 0, **heard: Any) -> Step:
    return hear(answers or {}, asked, Heard(text, **heard), tries, TODAY)


def _go_through(*texts: str, start: str = "am i eligible") -> tuple[list[str], Step]:
    """The questions that were asked, and the last step."""
    step, asked = go_on(begin(start, TODAY), TODAY), []
    for text in texts:
        assert step.asks is not None
        asked.append(step.asks)
        step = hear(step.answers, step.asks, Heard(text), step.tries, TODAY)
    return asked, step


# ----- which questions -----


def test_only_what_makes_a_difference_is_asked() -> None:
    asked, step = _go_through("his mum", "54", "pension credit", "6 hours", "train", "yesterday")

    assert asked == ["relationship", "age", "benefits", "journey", "travel", "visit"]
    assert step.asks is None


def test_a_partner_is_asked_about_living_together_and_universal_credit_about_income() -> None:
    asked, _ = _go_through("partner", "no", "yes", "30", "uc", "900")

    assert asked == ["relationship", "lived_together", "only_visitor", "age", "benefits", "income"]


def test_what_the_first_message_told_is_not_asked() -> None:
    asked, _ = _go_through("34", start="am i eligible im his sister on income support")

    assert asked == ["age"]


@pytest.mark.parametrize(
    "texts, reason",
    [
        (["friend", "no"], "not_likely_relationship"),
        (["son", "17"], "not_likely_age"),
        (["his mum", "50", "none"], "not_likely_benefits"),
        (["his mum", "50", "uc", "2000"], "not_likely_income"),
    ],
)
def test_a_rule_that_is_not_met_ends_the_questions(texts: list[str], reason: str) -> None:
    _, step = _go_through(*texts)

    assert step.asks is None
    assert step.say == (reason, "contact")


def test_who_has_told_all_but_the_day_of_the_visit_hears_how_it_looks() -> None:
    _, step = _go_through("his mum", "54", "pension credit", "6 hours", "i drive")

    assert (step.asks, step.say) == ("visit", ("so_far_likely",))


def test_nothing_is_said_to_be_likely_while_what_decides_is_unknown() -> None:
    _, step = _go_through("his mum", "54", "don't know", "6 hours", "i drive")

    assert (step.asks, step.say) == ("visit", ())


# ----- results -----


def test_a_likely_result_says_what_is_paid_and_until_when_to_claim() -> None:
    _, step = _go_through("his mum", "54", "pension credit", "6 hours", "i drive", "yesterday")

    assert step.say == ("likely", "pays_travel_car", "pays_food_5", "claim_by")
    assert step.deadline == "Friday 18 December"


@pytest.mark.parametrize(
    "visit, how",
    [("in the last 28 days", "claim_after"), ("next week", "claim_before"), ("not booked yet", "claim_any")],
)
def test_how_to_claim_goes_by_the_visit(visit: str, how: str) -> None:
    step = _hear("visit", visit, {**MUM, "journey": "under_5", "travel": "taxi"})

    assert step.say == ("likely", "pays_travel_taxi", how)


def test_a_visit_too_long_ago_is_said_to_be_too_late_and_the_next_may_be_claimed() -> None:
    step = _hear("visit", "6 weeks ago", {**MUM, "journey": "under_5", "travel": "car"})

    assert step.say == ("not_likely_too_late", "claim_any", "contact")


def test_who_skips_everything_is_sent_to_the_scheme() -> None:
    asked, step = _go_through(*["don't know"] * 6)

    assert asked == ["relationship", "age", "benefits", "journey", "travel", "visit"]
    assert step.say == ("ask_them_unknown", "pays_travel_unknown", "pays_food_any", "claim_any", "contact")


# ----- what a message does -----


@pytest.mark.parametrize("asked", QUESTIONS)
@pytest.mark.parametrize("text", ["skip", "dont know", "not sure", "no idea"])
def test_every_question_can_be_skipped(asked: str, text: str) -> None:
    step = _hear(asked, text)

    assert step.answers[asked] == UNKNOWN
    assert step.asks != asked


@pytest.mark.parametrize("asked", QUESTIONS)
@pytest.mark.parametrize("text", ["stop", "that's all", "no more questions"])
def test_stop_ends_the_check(asked: str, text: str) -> None:
    assert (step := _hear(asked, text)).say == ("stopped",) and step.asks is None


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_question_of_the_familys_own_steps_aside_and_changes_nothing(asked: str) -> None:
    step = _hear(asked, "do they pay for trains?", MUM, intent="money", confidence=0.9)

    assert step.digresses and step.answers == MUM and step.asks == asked


def test_an_answer_is_taken_though_the_bot_takes_it_for_a_question() -> None:
    step = _hear("benefits", "im on universal credit and pip", intent="money", confidence=0.9)

    assert step.answers["benefits"] == "universal_credit" and not step.digresses


def test_what_is_not_understood_is_asked_once_more_and_then_counts_as_skipped() -> None:
    first = _hear("benefits", "the usual")
    second = _hear("benefits", "the usual", tries=first.tries)

    assert (first.asks, first.say, dict(first.answers)) == ("benefits", ("not_understood",), {})
    assert second.answers["benefits"] == UNKNOWN and second.tries == 0


def test_an_earlier_answer_can_be_corrected() -> None:
    step = _hear("journey", "sorry i meant income support", MUM)

    assert step.answers["benefits"] == "income_support"
    assert step.say == ("corrected",) and step.asks == "journey"


@given(st.lists(st.sampled_from(["1", "2", "3", "7", "skip", "his mum", "17", "uc", "eh", "900", "yes", "no"])))
def test_the_check_always_ends_and_never_asks_what_was_answered(texts: list[str]) -> None:
    step, replies = go_on({}, TODAY), iter(texts)
    for _ in range(2 * len(QUESTIONS)):
        if step.asks is None:
            break
        assert step.asks not in step.answers
        step = hear(step.answers, step.asks, Heard(next(replies, "eh")), step.tries, TODAY)

    assert step.asks is None and step.say


@given(st.fixed_dictionaries({question: st.sampled_from([*OPTIONS[question], UNKNOWN]) for question in QUESTIONS}))
def test_whatever_is_said_in_the_end_has_words(answers: dict[str, str]) -> None:
    said = go_on(answers, TODAY).say

    assert next_question(answers, TODAY) is None
    assert said and [name for name in said if f"utter_eligibility_{name}" not in RESPONSES] == []


def test_who_tells_something_else_than_was_asked_is_asked_again_without_blame() -> None:
    step = hear({"relationship": "parent"}, "benefits", Heard("by train, the visit is tomorrow"), 0, TODAY)

    assert (step.asks, step.say, step.tries) == ("benefits", (), 1)
    assert step.answers == {"relationship": "parent", "travel": "public", "visit": "2026-11-22"}


def test_who_answers_the_later_questions_instead_of_how_long_it_takes_gets_the_result() -> None:
    step = hear(MUM, "journey", Heard("a coach and then the tram, our visit is tomorrow"), 0, TODAY)

    assert step.asks is None and step.say[0] == "likely"
    assert step.answers["journey"] == UNKNOWN and step.answers["travel"] == "public"
