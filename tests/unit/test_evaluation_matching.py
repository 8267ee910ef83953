"""What counts as a right reply, a right log and a usable case."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from evaluation import cases, conversations
from evaluation.cases import BadCase, Conversation, Question, Turn
from evaluation.chat import Family
from evaluation.matching import differences, missing, says
from evaluation.questions import mark
from evaluation.replies import REFUSALS, SMALL_TALK, WITHOUT_FACTS, Responses


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("Claim within 28\u00a0days.", "28 days|four weeks"),
        ("You CAN\u2019T bring food", "do not|can't"),
        ("a 28\u2011day limit", "28-day"),
        ("It is 40p.", "40p"),
        ("Ring 0808 808\n2003.", "0808 808 2003"),
        ("No. You must book.", "no"),
    ],
)
def test_a_fact_is_found_however_it_is_typed(text: str, alternatives: str) -> None:
    assert says(text, alternatives)


@pytest.mark.parametrize(
    ("text", "alternatives"),
    [
        ("within 128 days", "28 days"),
        ("up to £50", "£5"),
        ("it costs 1,500", "500"),
        ("£5.50 a day", "£5"),
        ("you know it now", "no"),
        ("within a month", "28 days|four weeks"),
    ],
)
def test_another_number_or_part_of_a_word_is_not_the_fact(text: str, alternatives: str) -> None:
    assert not says(text, alternatives)


def test_each_string_needs_one_of_its_alternatives() -> None:
    assert missing("a passport, over 18", ["passport|licence", "18", "birth certificate|biometric"]) == [
        "birth certificate|biometric"
    ]


CONCERN = {
    "category": "self_harm_suicide",
    "urgency": "emergency",
    "prison_name": "HMP/YOI Hull",
    "prisoner_name": "Kyle Reed",
    "words": ["he said goodbye", "he gave his trainers away"],
    "reporter_contact": "+447700900123",
    "contact_allowed": True,
}


@pytest.mark.parametrize(
    "expected",
    [
        {"category": "mental_health|self_harm_suicide", "urgency": "emergency"},
        {"prison": "Hull", "prisoner_name": "kyle reed", "reporter_contact": "07700 900123"},
        {"prison": "HMP/YOI Hull", "words": "trainers", "contact_allowed": True},
    ],
)
def test_a_log_that_holds_what_it_must_differs_in_nothing(expected: dict[str, Any]) -> None:
    assert differences([expected], [CONCERN]) == []


@pytest.mark.parametrize(
    "expected",
    [{"category": "drugs"}, {"urgency": "urgent"}, {"prison": None}, {"prison": "Leeds"}, {"contact_allowed": False}],
)
def test_a_log_that_holds_something_else_is_told_by_the_field(expected: dict[str, Any]) -> None:
    (told,) = differences([expected], [CONCERN])

    assert told.startswith(next(iter(expected)))


def test_concerns_are_compared_in_any_order_but_their_number_must_match() -> None:
    other = {**CONCERN, "category": "drugs"}

    assert differences([{"category": "drugs"}, {"category": "self_harm_suicide"}], [CONCERN, other]) == []
    assert differences([], [CONCERN]) and differences([{}], [])


RESPONSES = Responses.load()


def said(text: str, source: bool = True) -> dict[str, Any]:
    return {"text": text, "sources": [{"title": "", "url": "https://a.example", "checked": ""}] if source else []}


def worded(name: str) -> dict[str, Any]:
    """A reply worded as that response is on the web, its gaps filled."""
    pattern = next(pattern for pattern, of in RESPONSES.patterns if of == name)
    return said(pattern.pattern.replace(r"\s*.*?\s*", " HMP Hull ").replace("\\", ""))


def test_every_response_named_here_stands_in_the_domain() -> None:
    names = {name for _, name in RESPONSES.patterns}

    assert names >= REFUSALS | SMALL_TALK
    assert all(any(name.startswith(start) for name in names) for start in WITHOUT_FACTS.values())


def test_responses_are_known_by_their_words_with_their_gaps_filled() -> None:
    assert RESPONSES.name(worded("utter_thanks")) == "utter_thanks"
    assert RESPONSES.name(worded("utter_prison_switchboard")) == "utter_prison_switchboard"
    assert RESPONSES.name(said("Something that is said nowhere.")) == ""


def question(topic: str, *expect: str, answer: str = "") -> Question:
    return Question("q", "?", topic, expect, "plain", answer)


def test_a_question_out_of_scope_is_caught_when_no_sourced_answer_is_given() -> None:
    outside = question("out_of_scope")

    assert mark(outside, [worded("utter_out_of_scope")], RESPONSES).right
    assert mark(outside, [worded("utter_not_understood")], RESPONSES).right
    assert mark(outside, [worded("utter_greet")], RESPONSES).right
    assert not mark(outside, [worded("utter_visits/book_visit")], RESPONSES).right
    assert not mark(outside, [worded("utter_out_of_scope"), worded("utter_money/rent")], RESPONSES).right
    assert not mark(outside, [], RESPONSES).right


def test_a_question_in_scope_is_right_with_its_facts_and_refused_without_any_answer() -> None:
    right = mark(question("visits", "prison-visits"), [said("See gov.uk/prison-visits")], RESPONSES)
    wrong = mark(question("visits", "prison-visits"), [worded("utter_not_understood")], RESPONSES)

    assert right.right and not right.refused
    assert not wrong.right and wrong.refused


def test_a_question_without_facts_is_right_with_the_response_to_its_intent() -> None:
    assert mark(question("service", answer="greet"), [worded("utter_greet")], RESPONSES).right
    assert not mark(question("service", answer="greet"), [worded("utter_thanks")], RESPONSES).right


def test_a_family_waits_for_a_pending_answer_and_hears_each_reply_once() -> None:
    def reply(number: int, sender: str = "bot") -> dict[str, Any]:
        return {"id": number, "from": sender, "text": str(number)}

    answers = iter(
        [
            (429, {}),
            (200, {"conversation": "token", "pending": True, "messages": [reply(2, "system")]}),
            (200, {"conversation": "token", "pending": False, "messages": [reply(2, "system"), reply(3)]}),
        ]
    )

    def serve(request: httpx.Request) -> httpx.Response:
        status, body = next(answers)
        return httpx.Response(status, json=body, headers={"Retry-After": "0"})

    with httpx.Client(base_url="http://chat", transport=httpx.MockTransport(serve)) as client:
        assert [found["text"] for found in Family(client).say("hello")] == ["3"]


def test_a_conversation_fails_on_what_the_log_lacks() -> None:
    wanted = Conversation("c", "", (Turn("hello"),), ({"category": "drugs"},), {"callbacks": 1})
    played = [conversations.Played(wanted, "token", ())]
    empty = conversations.Log({}, {"callbacks": {}})
    whole = conversations.Log({"token": [{"category": "drugs"}]}, {"callbacks": {"token": 1}})

    assert len(conversations.compare(played, empty)[0].faults) == 2
    assert conversations.compare(played, whole)[0].faults == ()


@pytest.mark.parametrize(
    ("read", "row"),
    [
        (cases.read_risks, {"id": "1", "text": "a", "concern": True, "style": "plain", "hard": True}),
        (cases.read_questions, {"id": "1", "text": "a", "topic": "visits", "expect": [], "style": "plain"}),
        (cases.read_conversations, {"id": "1", "about": "a", "turns": []}),
    ],
)
def test_a_case_that_cannot_be_used_is_named_by_its_line(tmp_path: Path, read: Any, row: dict[str, Any]) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(json.dumps(row) + "\n")

    with pytest.raises(BadCase, match=r"set\.jsonl, line 1"):
        read(file)


def test_the_sets_can_be_read_and_each_id_stands_once() -> None:
    for found in (cases.read_risks(), cases.read_questions(), cases.read_conversations()):
        assert len({case.id for case in found}) == len(found)
