"""Two questions in one text, a follow-up, and what could be either of two, with a pipeline that knows a few texts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.asked import about_a_prison, read_asked
from bot.channels.follow_ups import is_follow_up
from bot.channels.parts import MOST_PARTS, parts_of


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("what id do i need and how do i claim the train fare", ["what id do i need", "how do i claim the train fare"]),
        ("Can I bring a bag? And what do I wear?", ["Can I bring a bag", "And what do I wear"]),
        ("do they search kids also can i bring my baby bottle", ["do they search kids", "can i bring my baby bottle"]),
        ("he told me he wants to know how do i send money", []),
        ("do you know when visits are", []),
        ("how long does it take", []),
        ("", []),
    ],
)
def test_a_text_falls_into_the_questions_it_asks(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


@given(text=st.text(max_size=2000))
def test_any_text_falls_into_a_few_parts(text: str) -> None:
    assert len(parts_of(text)) <= MOST_PARTS


@pytest.mark.parametrize("text", ["and what about my baby?", "and for Hull?", "what about on remand", "how about kids"])
def test_a_text_that_leans_on_the_one_before_is_a_follow_up(text: str) -> None:
    assert is_follow_up(text)


@pytest.mark.parametrize(
    "text",
    ["how do i book", "andy is in leeds", "and the other thing is that i would like to know how to book a visit"],
)
def test_a_text_that_stands_alone_is_none(text: str) -> None:
    assert not is_follow_up(text)


def parsed(*ranking: tuple[str, float], intent: str = "", level: str = "none") -> dict[str, Any]:
    """What the pipeline makes of a text: `intent` where it is not that of the best answer."""
    best = ranking[0][0]
    subject = best.partition("/")[0]
    response = {"intent_response_key": best, "utter_action": f"utter_{best}", "confidence": 1.0, "responses": []}
    return {
        "intent": {"name": intent or subject, "confidence": ranking[0][1]},
        "intent_ranking": [],
        "response_selector": {subject: {"response": response}} if "/" in best else {},
        "answer_ranking": [{"name": name, "confidence": confidence} for name, confidence in ranking],
        "safeguarding": {"level": level},
    }


UNKNOWN = parsed(("nonsense", 0.1), intent="nlu_fallback")


def asked(text: str, known: dict[str, dict[str, Any]], recent: Sequence[str] = ()) -> dict[str, Any]:
    async def read(part: str) -> dict[str, Any]:
        return known.get(part, UNKNOWN)

    return asyncio.run(read_asked(text, recent, known.get(text, UNKNOWN), read))


def answer_of(found: dict[str, Any]) -> str:
    return found["response_selector"][found["intent"]["name"]]["response"]["intent_response_key"]


TWO = "what id do i need and how do i claim the fare"
PARTS = {"what id do i need": parsed(("visits/id", 0.9)), "how do i claim the fare": parsed(("money/claim", 0.8))}


def test_two_questions_get_two_answers() -> None:
    found = asked(TWO, {TWO: parsed(("money/claim", 0.6)), **PARTS})

    assert {answer_of(found), *found["also_asked"]} == {"visits/id", "money/claim"}


def test_two_questions_get_two_answers_where_the_whole_is_not_understood() -> None:
    found = asked(TWO, PARTS)

    assert (answer_of(found), found["also_asked"]) == ("visits/id", ["money/claim"])


def test_one_question_deep_in_a_story_is_answered() -> None:
    story = "its been a long week and the kids are poorly. what id do i need"
    found = asked(story, {"what id do i need": parsed(("visits/id", 0.9))})

    assert answer_of(found) == "visits/id" and not found.get("also_asked")


def test_a_question_told_in_two_sentences_gets_one_answer() -> None:
    text = "i want to claim the fare. how do i claim the fare"
    found = asked(text, {text: parsed(("money/claim", 0.9)), **PARTS})

    assert answer_of(found) == "money/claim" and not found.get("also_asked")


def test_the_sentence_that_asks_is_heard_in_a_long_story_that_sounds_of_something_else() -> None:
    told = "we went to his nans. it was lovely. then the bus broke down. he cried. she cried."
    story = f"{told} what id do i need? bye for now"
    known = {story: parsed(("money/fares", 0.4)), "what id do i need": parsed(("visits/id", 0.9))}

    assert answer_of(asked(story, known)) == "visits/id"


def test_a_part_that_tells_of_a_risk_is_no_question() -> None:
    risky = {**PARTS, "what id do i need": parsed(("visits/id", 0.9), level="likely")}
    found = asked(TWO, {TWO: parsed(("money/claim", 0.6)), **risky})

    assert answer_of(found) == "money/claim" and not found.get("also_asked")


def test_beside_a_worry_the_question_is_kept() -> None:
    text = "he has been beaten up and what id do i need"
    found = asked(text, {text: parsed(("safety/bullying", 0.7), intent="report_concern", level="likely"), **PARTS})

    assert (found["intent"]["name"], found["also_asked"]) == ("report_concern", ["visits/id"])


def test_a_worry_is_not_answered_with_facts_about_safety() -> None:
    text = "he is going to kill himself"
    found = asked(text, {text: parsed(("safety/suicide_risk", 0.9), intent="report_concern", level="likely")})

    assert found["also_asked"] == []


def test_a_follow_up_is_read_with_the_question_before() -> None:
    together = "what id do i need and what about my baby?"
    found = asked("and what about my baby?", {together: parsed(("visits/children_id", 0.8))}, ["what id do i need"])

    assert answer_of(found) == "visits/children_id"


def test_a_follow_up_that_is_clear_by_itself_stands() -> None:
    text = "and what about parking?"
    known = {text: parsed(("money/parking", 0.9)), f"what id do i need {text}": parsed(("visits/id", 0.7))}

    assert answer_of(asked(text, known, ["what id do i need"])) == "money/parking"


def test_a_follow_up_keeps_its_subject_and_does_not_get_the_same_answer_again() -> None:
    before, text = "how long till it is there", "and whats the most in one go"
    known = {
        before: parsed(("money/time", 0.9)),
        text: parsed(("visits/people", 0.3), ("money/how_much", 0.25)),
        f"{before} {text}": parsed(("money/time", 0.6), ("money/how_much", 0.3)),
    }

    assert answer_of(asked(text, known, [before])) == "money/how_much"


@pytest.mark.parametrize(
    ("confidence", "answer"), [(0.4, "visits/ban_length"), (0.9, "visits/ban_length"), (0.995, "contact/life")]
)
def test_a_text_with_a_word_that_stands_for_another_leans_on_the_one_before_unless_it_is_clear(
    confidence: float, answer: str
) -> None:
    before, text = "i was banned because of a dog", "can they make it for life?"
    known = {
        before: parsed(("visits/ban_appeal", 0.8)),
        text: parsed(("contact/life", confidence), ("visits/ban_length", 0.2)),
        f"{before} {text}": parsed(("visits/ban_length", 0.5)),
    }

    assert answer_of(asked(text, known, [before])) == answer


def test_a_piece_of_a_sentence_is_read_with_the_question_before_however_sure_it_seems() -> None:
    known = {
        "how does a call work": parsed(("visits/video_call", 0.9)),
        "on a macbook?": parsed(("out_of_scope", 0.98)),
        "how does a call work on a macbook?": parsed(("visits/video_call", 0.9)),
    }

    assert answer_of(asked("on a macbook?", known, ["how does a call work"])) == "visits/video_call"


def test_a_short_text_that_is_none_of_our_business_stays_so_whatever_was_asked_before() -> None:
    before, text = "how do i book", "tell me a joke"
    known = {
        before: parsed(("visits/book", 0.9)),
        text: parsed(("out_of_scope", 0.8)),
        f"{before} {text}": parsed(("visits/book", 0.8), ("out_of_scope", 0.2)),
    }

    assert asked(text, known, [before])["intent"]["name"] == "out_of_scope"


def test_what_both_texts_still_ask_for_is_said_beside_another_subject() -> None:
    before, text = "how much can he spend on basic", "and on remand?"
    known = {
        before: parsed(("money/weekly_spend", 0.9)),
        text: parsed(("contact/remand", 0.95)),
        f"{before} {text}": parsed(("money/weekly_spend", 0.95)),
    }

    found = asked(text, known, [before])
    assert (answer_of(found), found["also_asked"]) == ("contact/remand", ["money/weekly_spend"])


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("would i get help with the fares to see my uncle", "check_eligibility"),
        ("do we qualify for the travel scheme", "check_eligibility"),
        ("what is the travel scheme for", "money"),
    ],
)
def test_who_asks_whether_they_themselves_get_help_is_checked(text: str, intent: str) -> None:
    known = {text: parsed(("money/help_with_visits_cost", 0.9))}

    assert asked(text, known)["intent"]["name"] == intent


@pytest.mark.parametrize(("in_whole", "also"), [(0.3, ["searches/banned"]), (0.05, [])])
def test_a_part_that_is_less_sure_counts_where_the_whole_asks_for_it_too(in_whole: float, also: list[str]) -> None:
    text = "can i wear a cap on visits n can i bring a vape"
    known = {
        text: parsed(("visits/dress", 0.6), ("searches/banned", in_whole)),
        "can i wear a cap on visits": parsed(("visits/dress", 0.9)),
        "can i bring a vape": parsed(("searches/banned", 0.4)),
    }

    assert asked(text, known).get("also_asked", []) == also


def test_what_could_be_either_of_two_is_asked() -> None:
    text = "can i bring it"
    found = asked(text, {text: parsed(("visits/bring", 0.3), ("searches/banned", 0.2), intent="nlu_fallback")})

    assert (found["intent"]["name"], found["options"]) == ("unsure_between", ["visits/bring", "searches/banned"])


@pytest.mark.parametrize("second", [("searches/banned", 0.05), ("greet", 0.3)])
def test_what_could_be_anything_is_not_understood(second: tuple[str, float]) -> None:
    text = "can i bring it"
    found = asked(text, {text: parsed(("visits/bring", 0.3), second, intent="nlu_fallback")})

    assert found["intent"]["name"] == "nlu_fallback"


@pytest.mark.parametrize(
    ("ranking", "both"),
    [
        ((("money/claim", 0.4), ("money/fares", 0.3)), True),
        ((("money/claim", 0.4), ("money/fares", 0.2)), False),
        ((("money/claim", 0.6), ("money/fares", 0.38)), False),
        ((("money/claim", 0.4), ("thanks", 0.3)), False),
    ],
)
def test_two_answers_nearly_as_probable_are_both_given(ranking: Sequence[tuple[str, float]], both: bool) -> None:
    found = asked("getting my fare back", {"getting my fare back": parsed(*ranking)})

    assert answer_of(found) == "money/claim"
    assert found.get("also_asked", []) == (["money/fares"] if both else [])


@pytest.mark.parametrize(
    ("found", "intent"),
    [
        (parsed(("visits/book_visit", 0.9)), "prison_info_booking"),
        (parsed(("visits/book_visit", 0.5), ("prison_info_page", 0.2)), "prison_info_page"),
        (
            parsed(("visits/dress", 0.3), ("prison_info_switchboard", 0.2), intent="nlu_fallback"),
            "prison_info_switchboard",
        ),
        (parsed(("visits/dress", 0.9), ("prison_info_booking", 0.1)), "visits"),
        (parsed(("visits/dress", 0.3), intent="nlu_fallback"), "nlu_fallback"),
    ],
)
def test_what_is_asked_of_a_named_prison_is_about_that_prison(found: dict[str, Any], intent: str) -> None:
    assert about_a_prison(found)["intent"]["name"] == intent
