"""The actions about feedback and deletion: slots in, responses and slots out. The desk is a stand-in."""

from typing import Any

import pytest
from action_tracker import a_tracker, followed_by, run, said, slots

from actions import feedback, privacy
from actions.feedback import ActionFinishFeedback, ActionStartFeedback, ValidateFeedbackForm
from actions.privacy import ActionAskForErasure
from gateway.feedback.desk import LOW, Step


class Desk:
    """Gives the step it was told to give."""

    LOW = LOW

    def __init__(self) -> None:
        self.step = Step("words", feedback_id=3, score=4)
        self.asked: list[tuple[Any, ...]] = []

    def hear_score(self, message_id: int, heard: Any, tries: int) -> Step:
        self.asked.append(("score", message_id, heard.text, tries))
        return self.step

    def hear_words(self, feedback_id: int, heard: Any) -> Step:
        self.asked.append(("words", feedback_id, heard.text))
        return self.step


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    stand_in = Desk()
    monkeypatch.setattr(feedback, "desk", stand_in)
    return stand_in


def _asked(question: str, text: str, **more: Any) -> Any:
    held = {"requested_slot": f"feedback_{question}"} | more.pop("slots", {})
    return a_tracker(text, slots=held, loop="feedback_form", **more)


def test_who_wants_to_give_feedback_is_asked_at_once() -> None:
    messages, events = run(ActionStartFeedback(), a_tracker("this was helpful"))

    assert messages == [] and followed_by(events) == ["feedback_form"]


def test_feedback_waits_until_other_questions_are_done() -> None:
    messages, events = run(ActionStartFeedback(), a_tracker("this was helpful", loop="concern_form"))

    assert said(messages) == ["utter_feedback_later"] and events == []


def test_the_score_is_asked_first_and_then_the_words(desk: Desk) -> None:
    first, after = run(ValidateFeedbackForm(), a_tracker("feedback"))
    second, then = run(ValidateFeedbackForm(), _asked("score", "4", message_id=9))

    assert said(first) == ["utter_feedback_ask_score"] and slots(after) == {"requested_slot": "feedback_score"}
    assert desk.asked == [("score", 9, "4", 0)] and said(second) == ["utter_feedback_ask_words"]
    assert slots(then)["requested_slot"] == "feedback_words" and slots(then)["feedback_given"] == 3


def test_the_words_go_to_the_score_that_was_given(desk: Desk) -> None:
    desk.step = Step(None, feedback_id=3)

    _, events = run(ValidateFeedbackForm(), _asked("words", "clear and quick", slots={"feedback_given": 3}))
    assert desk.asked == [("words", 3, "clear and quick")] and slots(events)["requested_slot"] is None


def test_who_goes_on_to_something_else_is_not_asked_again(desk: Desk) -> None:
    desk.step = Step("score", digresses=True)

    assert run(ValidateFeedbackForm(), _asked("score", "what id do i need?")) == ([], [])
    messages, events = run(ValidateFeedbackForm(), _asked("score", "what id?", since=("feedback_form", "utter_visits")))
    assert messages == [] and slots(events) == {"requested_slot": None}


@pytest.mark.parametrize("score, offers", [("1", True), ("2", True), ("3", False), ("5", False), (None, False)])
def test_whom_we_did_not_help_is_offered_a_call(score: str | None, offers: bool) -> None:
    held = {"feedback_given": 3, "feedback_score": score}

    messages, events = run(ActionFinishFeedback(), a_tracker("skip", slots=held))
    assert said(messages) == ["utter_feedback_thanks"]
    assert followed_by(events) == (["callback_form"] if offers else [])
    assert slots(events)["feedback_given"] is None


def test_who_has_moved_on_is_offered_nothing() -> None:
    held = {"feedback_given": 3, "feedback_score": "1"}

    _, events = run(ActionFinishFeedback(), a_tracker("what id?", slots=held, since=("utter_visits",)))
    assert followed_by(events) == []


@pytest.mark.parametrize("since, expected", [((), ["utter_ready"]), (("utter_visits",), [])])
def test_who_gave_nothing_is_not_thanked_and_never_left_without_a_word(since: Any, expected: list[str]) -> None:
    messages, _ = run(ActionFinishFeedback(), a_tracker("skip", since=since))

    assert said(messages) == expected


def test_a_request_to_delete_is_answered_with_its_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy.service, "ask", lambda message_id: f"REF-{message_id}")

    messages, events = run(ActionAskForErasure(), a_tracker("delete my data", message_id=5))
    assert said(messages) == ["utter_erasure_asked"] and messages[0]["reference"] == "REF-5" and events == []
