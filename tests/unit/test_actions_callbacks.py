"""The actions about a call: slots in, responses and slots out. The desk is a stand-in."""

from typing import Any

import pytest
from action_tracker import CONVERSATION, a_tracker, followed_by, run, said, slots

from actions import callbacks
from actions.callbacks import ActionFinishCallback, ActionOfferCallback, ActionRequestCallback, ValidateCallbackForm
from gateway.callbacks.desk import Step

REFERENCE = "ABC-4KQ7"


class Desk:
    """Gives the step it was told to give, and notes what it was asked."""

    def __init__(self) -> None:
        self.step = Step([], "number")
        self.asked: list[tuple[Any, ...]] = []
        self.prison = "HMP Leeds"

    def begin(self, *given: Any, **more: Any) -> Step:
        self.asked.append(("begin", *given, more))
        return self.step

    def answer(self, *given: Any, **more: Any) -> Step:
        self.asked.append(("answer", given[2], more))
        return self.step

    def ask_again(self, *given: Any, **more: Any) -> Step:
        self.asked.append(("ask_again", given[1]))
        return self.step

    def finished(self, reference: str) -> dict[str, str]:
        return {"reference": reference, "number": "07700 900456", "prison_name": self.prison}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    stand_in = Desk()
    monkeypatch.setattr(callbacks, "desk", stand_in)
    return stand_in


def _asked(question: str, text: str, **more: Any) -> Any:
    held = {"requested_slot": f"callback_{question}"} | more.pop("slots", {})
    return a_tracker(text, slots=held, loop="callback_form", **more)


def test_who_asks_for_a_person_is_offered_a_call() -> None:
    messages, events = run(ActionOfferCallback(), a_tracker("a person please", intent="ask_for_person"))

    assert messages == [] and followed_by(events) == ["callback_form"]
    assert slots(events)["callback_wanted"] is None and slots(events)["callback_reference"] is None


@pytest.mark.parametrize("loop", ["concern_form", "prison_form", "feedback_form", "callback_form"])
def test_no_call_is_offered_in_the_middle_of_other_questions(loop: str) -> None:
    assert run(ActionOfferCallback(), a_tracker("a person please", loop=loop)) == ([], [])


def test_who_asks_to_be_rung_is_not_asked_whether_they_want_it() -> None:
    _, events = run(ActionRequestCallback(), a_tracker("ring me", intent="request_callback"))

    assert slots(events)["callback_wanted"] == "told" and followed_by(events) == ["callback_form"]


def test_a_call_asked_for_in_the_middle_of_a_worry_waits_until_it_is_told() -> None:
    messages, events = run(ActionRequestCallback(), a_tracker("ring me", loop="concern_form"))

    assert said(messages) == ["utter_callback_later"] and events == []


@pytest.mark.parametrize("wanted", [True, False])
def test_the_form_begins_with_what_the_message_says_already(desk: Desk, wanted: bool) -> None:
    held = {"callback_wanted": "told" if wanted else None}
    desk.step = Step(["wanted"], "number", values={"number": ""})

    messages, events = run(ValidateCallbackForm(), a_tracker("ring me", message_id=7, slots=held))
    assert desk.asked == [("begin", CONVERSATION, 7, "ring me", {"wanted": wanted})]
    assert said(messages) == ["utter_callback_ask_number"]
    assert slots(events)["requested_slot"] == "callback_number"


def test_an_answer_is_taken_and_the_next_question_asked(desk: Desk) -> None:
    desk.step = Step(["wanted", "number"], "time", reference=REFERENCE)

    messages, events = run(ValidateCallbackForm(), _asked("number", "07700 900456", slots={"callback_wanted": "told"}))
    ((_, question, so_far),) = desk.asked
    assert question == "number" and so_far["settled"] == ["wanted"]
    assert said(messages) == ["utter_callback_ask_time"]
    assert slots(events)["callback_number"] == "told" and slots(events)["callback_reference"] == REFERENCE


def test_the_number_itself_never_stands_in_a_slot(desk: Desk) -> None:
    desk.step = Step(["wanted", "number"], "time", values={"number": "07700 900456"}, reference=REFERENCE)

    _, events = run(ValidateCallbackForm(), _asked("number", "07700 900456"))
    assert "900456" not in str(events)


def test_prisons_to_choose_from_become_buttons(desk: Desk) -> None:
    options = [{"id": "LEI", "prison_name": "HMP Leeds"}, {"id": "HLI", "prison_name": "HMP Hull"}]
    desk.step = Step(["wanted", "number", "time"], "prison", say="which_prison", asks=False, options=options)

    messages, events = run(ValidateCallbackForm(), _asked("prison", "yorkshire"))
    assert said(messages) == ["utter_callback_which_prison"]
    assert [button["payload"] for button in messages[0]["buttons"]] == ["HMP Leeds", "HMP Hull"]
    assert slots(events)["callback_options"] == ["LEI", "HLI"]


def test_something_else_makes_the_form_step_aside(desk: Desk) -> None:
    desk.step = Step(["wanted"], "number", digresses=True)

    assert run(ValidateCallbackForm(), _asked("number", "what id do i need?", intent="visits")) == ([], [])


def test_after_a_digression_the_question_is_asked_again(desk: Desk) -> None:
    desk.step = Step(["wanted"], "number")

    messages, _ = run(ValidateCallbackForm(), _asked("number", "what id?", since=("callback_form", "utter_visits")))
    assert desk.asked == [("ask_again", "number")] and said(messages) == ["utter_callback_ask_number"]


def test_an_offer_that_was_passed_over_is_not_repeated(desk: Desk) -> None:
    messages, events = run(
        ValidateCallbackForm(), _asked("wanted", "what id?", since=("callback_form", "utter_visits"))
    )

    assert messages == [] and slots(events) == {"requested_slot": None} and desk.asked == []


@pytest.mark.parametrize(
    "prison, response",
    [("HMP Leeds", "utter_callback_recorded"), ("", "utter_callback_recorded_no_prison")],
)
def test_at_the_end_they_hear_who_will_see_it(desk: Desk, prison: str, response: str) -> None:
    desk.prison = prison

    messages, events = run(ActionFinishCallback(), a_tracker("skip", slots={"callback_reference": REFERENCE}))
    assert said(messages) == [response] and messages[0]["reference"] == REFERENCE
    assert set(slots(events).values()) == {None}


def test_where_no_call_was_asked_for_nothing_is_promised(desk: Desk) -> None:
    messages, _ = run(ActionFinishCallback(), a_tracker("no"))

    assert messages == []
