"""The actions about one prison: slots in, responses and slots out. The directory is a stand-in."""

from typing import Any

import pytest
from action_tracker import CONVERSATION, a_tracker, followed_by, run, said, slots

from actions import prisons
from actions.prisons import ActionPrisonInfo, ActionTellPrison, ValidatePrisonForm
from gateway.prisons import directory as real

LEEDS = {"id": "LEI", "prison_name": "Leeds", "prison_phone": "0113 203 2600"}
LIVERPOOL = {"id": "LPI", "prison_name": "Liverpool"}
ALTCOURSE = {"id": "ACI", "prison_name": "Altcourse"}


class Directory:
    """Finds what it was told to find, and notes what it was asked."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self.asked: list[tuple[Any, ...]] = []
        self.topic = real.topic

    def named(self, *given: Any) -> list[dict[str, str]]:
        self.asked.append(("named", *given))
        return self.found

    def chosen(self, *given: Any) -> list[dict[str, str]]:
        self.asked.append(("chosen", *given))
        return self.found

    def entry(self, prison_id: str) -> dict[str, str]:
        return LEEDS

    def remember(self, *given: Any) -> None:
        self.asked.append(("remember", *given))

    def response_for(self, prison: dict[str, str], topic: str | None) -> str:
        return f"utter_about_{prison['id']}_{topic}"


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    stand_in = Directory()
    monkeypatch.setattr(prisons, "directory", stand_in)
    return stand_in


def _asked_which(text: str, **more: Any) -> Any:
    held = {"requested_slot": "prison_choice"} | more.pop("slots", {})
    return a_tracker(text, slots=held, loop="prison_form", **more)


# ----- what is asked -----


@pytest.mark.parametrize(
    "intent, text, before, topic",
    [
        ("prison_info_booking", "how do i book at leeds", None, "booking"),
        ("prison_info_switchboard", "number for leeds", "booking", "switchboard"),
        ("safer_custody_number", "safer custody leeds", None, "safer_custody"),
        ("prison_info_page", "website for leeds", None, "page"),
        ("prison_info_booking", "and what about hull?", "switchboard", "switchboard"),
        ("greet", "hull", None, "booking"),
    ],
)
def test_a_question_about_a_prison_keeps_its_topic_until_another_is_named(
    intent: str, text: str, before: str | None, topic: str
) -> None:
    assert real.topic(intent, text, before) == topic


def test_a_clear_prison_is_told_about_at_once(directory: Directory) -> None:
    directory.found = [LEEDS]

    messages, events = run(
        ActionPrisonInfo(), a_tracker("number for leeds", intent="prison_info_switchboard", prison="HLI")
    )
    assert directory.asked == [("named", "number for leeds", "HLI")]
    assert said(messages) == ["utter_about_LEI_switchboard"] and messages[0]["prison_phone"] == "0113 203 2600"
    assert slots(events) == {"prison_topic": "switchboard"} and followed_by(events) == []


def test_an_unclear_prison_is_asked_with_the_ones_it_could_be(directory: Directory) -> None:
    directory.found = [ALTCOURSE, LIVERPOOL]

    messages, events = run(ActionPrisonInfo(), a_tracker("number for merseyside", intent="prison_info_switchboard"))
    assert said(messages) == ["utter_ask_which_prison"]
    assert [button["title"] for button in messages[0]["buttons"]] == ["Altcourse", "Liverpool"]
    assert slots(events) == {
        "prison_topic": "switchboard",
        "prison_options": ["ACI", "LPI"],
        "prison_choice": None,
        "prison_tries": 0,
    }
    assert followed_by(events) == ["prison_form"]


def test_in_the_middle_of_other_questions_the_prison_is_asked_without_a_form_of_its_own(directory: Directory) -> None:
    messages, events = run(ActionPrisonInfo(), a_tracker("how do i book", loop="concern_form"))

    assert said(messages) == ["utter_ask_prison"]
    assert followed_by(events) == []


# ----- which prison -----


def test_the_form_begins_by_waiting_for_the_prison(directory: Directory) -> None:
    messages, events = run(ValidatePrisonForm(), a_tracker("how do i book", loop="prison_form"))

    assert messages == [] and slots(events) == {"requested_slot": "prison_choice"}


def test_an_answer_that_picks_a_prison_is_taken(directory: Directory) -> None:
    directory.found = [LEEDS]

    messages, events = run(ValidatePrisonForm(), _asked_which("2", slots={"prison_options": ["HLI", "LEI"]}))
    assert directory.asked == [("chosen", "2", ["HLI", "LEI"])]
    assert messages == [] and slots(events) == {"prison_choice": "LEI"}


def test_another_question_makes_the_form_step_aside_and_ends_it_when_answered(directory: Directory) -> None:
    question: dict[str, Any] = {"intent": "visits", "confidence": 0.9}

    assert run(ValidatePrisonForm(), _asked_which("what id do i need?", **question)) == ([], [])
    _, events = run(ValidatePrisonForm(), _asked_which("what id do i need?", **question, since=("utter_visits",)))
    assert slots(events) == {"requested_slot": None}


def test_a_worry_that_names_a_prison_is_a_worry_and_no_answer(directory: Directory) -> None:
    directory.found = [LEEDS]

    worry = _asked_which("my son in leeds will kill himself", intent="report_concern")
    assert run(ValidatePrisonForm(), worry) == ([], [])


@pytest.mark.parametrize("text", ["don't know", "stop", "skip"])
def test_who_does_not_know_the_prison_is_shown_how_to_find_it(directory: Directory, text: str) -> None:
    messages, events = run(ValidatePrisonForm(), _asked_which(text))

    assert said(messages) == ["utter_find_a_prison"]
    assert slots(events) == {"prison_choice": None, "requested_slot": None}


def test_an_unknown_name_is_asked_for_once_more_and_then_no_more(directory: Directory) -> None:
    first, after_first = run(ValidatePrisonForm(), _asked_which("grimsby"))
    second, after_second = run(ValidatePrisonForm(), _asked_which("grimsby", slots=slots(after_first)))

    assert said(first) == ["utter_prison_not_found"]
    assert (slots(after_first)["prison_tries"], slots(after_first)["requested_slot"]) == (1, "prison_choice")
    assert said(second) == ["utter_find_a_prison"]
    assert slots(after_second)["requested_slot"] is None


def test_a_name_of_several_is_offered_as_often_as_it_takes(directory: Directory) -> None:
    directory.found = [ALTCOURSE, LIVERPOOL]

    messages, events = run(ValidatePrisonForm(), _asked_which("merseyside", slots={"prison_tries": 5}))
    assert said(messages) == ["utter_ask_which_prison"]
    assert slots(events)["prison_options"] == ["ACI", "LPI"]


# ----- and then -----


def test_the_chosen_prison_is_told_about_and_remembered(directory: Directory) -> None:
    messages, events = run(
        ActionTellPrison(), a_tracker("leeds", slots={"prison_choice": "LEI", "prison_topic": "page"})
    )

    assert directory.asked == [("remember", CONVERSATION, "LEI")]
    assert said(messages) == ["utter_about_LEI_page"]
    assert slots(events) == {"prison_choice": None, "prison_options": None}


def test_without_a_chosen_prison_nothing_is_said(directory: Directory) -> None:
    messages, _ = run(ActionTellPrison(), a_tracker("stop"))

    assert messages == [] and directory.asked == []
