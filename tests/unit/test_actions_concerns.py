"""The actions about concerns: slots in, responses and slots out. The desk is a stand-in."""

from typing import Any

import pytest
from action_tracker import CONVERSATION, a_tracker, followed_by, run, said, slots

from actions import concerns
from actions.concerns import (
    ActionCheckSafety,
    ActionConcernStatus,
    ActionGiveReceipt,
    ActionSafetyFine,
    ActionStartConcern,
    ValidateConcernForm,
    _other_form_ended,
)
from gateway.concerns.desk import Opening, Step
from gateway.concerns.heard import Heard
from gateway.concerns.interview import QUESTIONS

VALUES = {"reference": "ABC-2222", "team": "the team", "switchboard": "Ring 1.", "next_check": "21:07"}


class Desk:
    """Gives what it was told to give, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.opening = Opening("ABC-2222", "recorded", VALUES, [], asks=True)
        self.step = Step([], "prison", values=VALUES)
        self.found: dict[str, str] | None = None

    def begin(self, *given: Any) -> Opening:
        self.asked.append(("begin", *given))
        return self.opening

    def answer(self, *given: Any) -> Step:
        self.asked.append(("answer", *given))
        return self.step

    def ask_again(self, *given: Any) -> Step:
        self.asked.append(("ask_again", *given))
        return self.step

    def finish(self, *given: Any) -> dict[str, str]:
        self.asked.append(("finish", *given))
        return VALUES

    def status(self, *given: Any) -> dict[str, str] | None:
        self.asked.append(("status", *given))
        return self.found


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    stand_in = Desk()
    monkeypatch.setattr(concerns, "desk", stand_in)
    return stand_in


def _in_form(text: str, asked: str = "person", **more: Any) -> Any:
    held = {"concern_reference": "ABC-2222", "requested_slot": f"concern_{asked}"} | more.pop("slots", {})
    return a_tracker(text, slots=held, loop="concern_form", message_id=9, **more)


# ----- the first reply -----


def test_what_was_asked_beside_a_worry_is_answered_after_the_first_reply(desk: Desk) -> None:
    tracker = a_tracker("they beat him, and what do i wear to a visit", also_asked=["visits/what_to_wear"])

    messages, _ = run(ActionStartConcern(), tracker)
    assert said(messages) == ["utter_concern_recorded", "utter_visits/what_to_wear"]


@pytest.mark.parametrize("kind", ["recorded", "emergency", "caller", "caller_emergency", "child", "threat"])
def test_the_first_reply_fits_the_worry_and_names_its_reference(desk: Desk, kind: str) -> None:
    desk.opening = Opening("ABC-2222", kind, VALUES, ["prison"], asks=True)

    messages, events = run(ActionStartConcern(), a_tracker("he is in danger", message_id=9))
    assert desk.asked == [("begin", 9, CONVERSATION)]
    assert said(messages) == [f"utter_concern_{kind}"] and messages[0]["reference"] == "ABC-2222"
    assert slots(events)["concern_reference"] == "ABC-2222"
    assert followed_by(events) == []


def test_the_first_reply_forgets_that_it_was_asked_about_safety(desk: Desk) -> None:
    _, events = run(ActionStartConcern(), a_tracker("yes", slots={"safety_asked": True}))

    assert slots(events)["safety_asked"] is None


def test_what_the_first_message_told_is_settled_and_everything_else_is_open(desk: Desk) -> None:
    desk.opening = Opening("ABC-2222", "recorded", VALUES, ["details", "prison"], asks=True)

    _, events = run(ActionStartConcern(), a_tracker("he is in leeds", slots={"concern_person": "told"}))
    settled = {question: slots(events)[f"concern_{question}"] for question in QUESTIONS}
    assert settled == dict.fromkeys(QUESTIONS) | {"details": "told", "prison": "told"}


@pytest.mark.parametrize("kind", ["added", "added_emergency", "caller"])
def test_more_on_a_concern_whose_questions_are_done_asks_nothing_again(desk: Desk, kind: str) -> None:
    desk.opening = Opening("ABC-2222", kind, VALUES, ["prison"], asks=False)

    messages, events = run(ActionStartConcern(), a_tracker("it is worse now"))
    assert said(messages) == [f"utter_concern_{kind}"]
    assert followed_by(events) == ["action_listen"]
    assert not any(name.startswith("concern_p") for name in slots(events))


# ----- the questions -----


def test_when_the_form_begins_nothing_is_an_answer_yet(desk: Desk) -> None:
    tracker = a_tracker("he is in danger", slots={"concern_reference": "ABC-2222"}, message_id=9)

    messages, events = run(ValidateConcernForm(), tracker)
    ((_, reference, message_id, asked, *_),) = desk.asked
    assert (reference, message_id, asked) == ("ABC-2222", 9, None)
    assert said(messages) == ["utter_concern_ask_prison"]
    assert slots(events)["requested_slot"] == "concern_prison"


def test_an_answer_goes_to_the_desk_with_all_that_it_needs(desk: Desk) -> None:
    tracker = _in_form(
        "2",
        "prison",
        intent="affirm",
        confidence=0.8,
        slots={"concern_details": "told", "prison_options": ["ACI", "LPI"]},
        concern={"reference": "ABC-2222", "event": "words_added"},
    )

    run(ValidateConcernForm(), tracker)
    heard = Heard("2", "affirm", 0.8)
    assert desk.asked == [("answer", "ABC-2222", 9, "prison", heard, ["details"], ["ACI", "LPI"], "words_added")]


def test_the_next_question_is_asked_and_what_is_settled_is_kept(desk: Desk) -> None:
    desk.step = Step(["prison", "person"], "details", values=VALUES)

    messages, events = run(ValidateConcernForm(), _in_form("Kyle"))
    assert said(messages) == ["utter_concern_ask_details"]
    assert slots(events) == {
        "concern_prison": "told",
        "concern_person": "told",
        "prison_options": None,
        "concern_message": 9,
        "requested_slot": "concern_details",
    }


def test_with_the_last_answer_the_form_is_done(desk: Desk) -> None:
    desk.step = Step(["prison"], None)

    messages, events = run(ValidateConcernForm(), _in_form("yes", "read_back"))
    assert messages == []
    assert slots(events)["requested_slot"] is None
    assert all(slots(events)[f"concern_{question}"] == "told" for question in QUESTIONS)


def test_what_is_to_be_said_comes_before_the_question_with_the_prisons_to_choose_from(desk: Desk) -> None:
    options = [{"id": "ACI", "name": "Altcourse"}, {"id": "LPI", "name": "Liverpool"}]
    desk.step = Step([], "prison", say=["which_prison"], values=VALUES, options=options, asks=False)

    messages, events = run(ValidateConcernForm(), _in_form("merseyside", "prison"))
    assert said(messages) == ["utter_concern_which_prison"]
    assert messages[0]["buttons"] == [
        {"title": "Altcourse", "payload": "Altcourse"},
        {"title": "Liverpool", "payload": "Liverpool"},
    ]
    assert slots(events)["prison_options"] == ["ACI", "LPI"]
    assert slots(events)["requested_slot"] == "concern_prison"


def test_a_correction_is_confirmed_and_the_question_asked_again(desk: Desk) -> None:
    desk.step = Step([], "person", say=["corrected"], values=VALUES)

    messages, _ = run(ValidateConcernForm(), _in_form("no sorry it's Hull not Leeds"))
    assert said(messages) == ["utter_concern_corrected", "utter_concern_ask_person"]


def test_a_digression_leaves_the_form_to_step_aside(desk: Desk) -> None:
    desk.step = Step(["prison"], "person", digresses=True)

    assert run(ValidateConcernForm(), _in_form("can i bring food?")) == ([], [])


def test_after_a_digression_was_answered_the_same_question_comes_again(desk: Desk) -> None:
    desk.step = Step(["prison"], "person", values=VALUES)
    tracker = _in_form("can i bring food?", slots={"concern_prison": "told"}, since=("utter_visits",))

    messages, events = run(ValidateConcernForm(), tracker)
    assert desk.asked == [("ask_again", "ABC-2222", "person", ["prison"])]
    assert said(messages) == ["utter_concern_ask_person"]
    assert slots(events)["requested_slot"] == "concern_person"


@pytest.mark.parametrize("kind", ["emergency", "caller_emergency"])
def test_an_answer_that_makes_an_emergency_of_it_is_met_with_what_to_do_now(desk: Desk, kind: str) -> None:
    desk.step = Step([], "details", values=VALUES, emergency=kind)

    messages, _ = run(ValidateConcernForm(), _in_form("he has just cut himself"))
    assert said(messages) == [f"utter_concern_{kind}", "utter_concern_ask_details"]


@pytest.mark.parametrize("event", ["words_added", "urgency_raised"])
def test_more_of_the_worry_is_thanked_for_with_the_reference_before_the_question(desk: Desk, event: str) -> None:
    tracker = _in_form("he has stopped eating now", concern={"reference": "ABC-2222", "event": event})

    messages, _ = run(ValidateConcernForm(), tracker)
    assert said(messages) == ["utter_concern_noted", "utter_concern_ask_prison"]
    assert messages[0]["reference"] == "ABC-2222"


@pytest.mark.parametrize(("asks", "event"), [("person", None), (None, "words_added")])
def test_a_plain_answer_or_the_last_one_needs_no_such_thanks(desk: Desk, asks: str | None, event: str | None) -> None:
    desk.step = Step(["prison"], asks, values=VALUES)

    messages, _ = run(ValidateConcernForm(), _in_form("Kyle", concern={"reference": "ABC-2222", "event": event}))
    assert "utter_concern_noted" not in said(messages)


def test_what_to_do_now_is_not_said_twice_when_the_form_begins(desk: Desk) -> None:
    desk.step = Step([], "prison", values=VALUES, emergency="emergency")

    messages, _ = run(ValidateConcernForm(), a_tracker("help", slots={"concern_reference": "ABC-2222"}))
    assert said(messages) == ["utter_concern_ask_prison"]


def test_another_worry_in_the_middle_of_the_questions_is_met_and_asked_about_instead(desk: Desk) -> None:
    desk.opening = Opening("DEF-3333", "caller_emergency", VALUES, [], asks=True)
    desk.step = Step([], "contact", values=VALUES)
    tracker = _in_form(
        "i cant go on either", slots={"concern_prison": "told"}, concern={"reference": "DEF-3333", "event": "opened"}
    )

    messages, events = run(ValidateConcernForm(), tracker)
    assert said(messages) == ["utter_concern_caller_emergency", "utter_concern_ask_contact"]
    after = slots(events)
    assert (after["concern_reference"], after["requested_slot"]) == ("DEF-3333", "concern_contact")
    assert after["concern_prison"] is None
    assert [call[:4] for call in desk.asked] == [("begin", 9, CONVERSATION), ("answer", "DEF-3333", 9, None)]


# ----- the receipt, the state and the gentle check -----


def test_the_receipt_is_given_and_the_questions_are_cleared(desk: Desk) -> None:
    messages, events = run(ActionGiveReceipt(), a_tracker("yes", slots={"concern_reference": "ABC-2222"}, message_id=9))

    assert desk.asked == [("finish", "ABC-2222", 9)]
    assert said(messages) == ["utter_concern_receipt"] and messages[0]["next_check"] == "21:07"
    assert slots(events) == {f"concern_{question}": None for question in QUESTIONS}


@pytest.mark.parametrize("state", ["open", "acknowledged", "closed"])
def test_the_state_of_a_concern_is_told_in_the_words_for_it(desk: Desk, state: str) -> None:
    desk.found = {"reference": "ABC-2222", "state": state, "at": "21:07"}

    messages, events = run(ActionConcernStatus(), a_tracker("what happened to ABC-2222?"))
    assert desk.asked == [("status", CONVERSATION, "what happened to ABC-2222?")]
    assert said(messages) == [f"utter_concern_status_{state}"] and messages[0]["at"] == "21:07"
    assert events == []


def test_of_a_concern_of_somebody_else_nothing_is_told(desk: Desk) -> None:
    messages, _ = run(ActionConcernStatus(), a_tracker("what happened to ABC-2222?"))

    assert said(messages) == ["utter_concern_status_unknown"]
    assert "reference" not in messages[0]


def test_the_gentle_check_is_remembered_until_it_is_answered() -> None:
    asked, after_asking = run(ActionCheckSafety(), a_tracker("he seemed low"))
    fine, after_fine = run(ActionSafetyFine(), a_tracker("no", slots={"safety_asked": True}))

    assert said(asked) == ["utter_check_safety"] and slots(after_asking) == {"safety_asked": True}
    assert said(fine) == ["utter_safety_fine"] and slots(after_fine) == {"safety_asked": None}


# ----- a worry in the middle of other questions -----


@pytest.mark.parametrize("loop, ends", [("callback_form", True), ("feedback_form", True), ("concern_form", False)])
def test_a_worry_ends_the_other_questions_that_were_going_on(loop: str, ends: bool) -> None:
    found = _other_form_ended(a_tracker("he wants to die", loop=loop))

    assert ({"event": "active_loop", "timestamp": None, "name": None} in found) is ends
    assert (slots(found) == {"requested_slot": None}) is ends
