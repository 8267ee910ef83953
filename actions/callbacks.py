"""Custom actions about a call from a family worker: offering it, taking it down, and what the family is told."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from gateway.callbacks import desk
from gateway.callbacks.questions import QUESTIONS

FORM = "callback_form"
_PREFIX = "callback_"


class ActionOfferCallback(Action):
    """Behind the helpline's number: would they like to be rung? Not where other questions are going on."""

    def name(self) -> str:
        return "action_offer_callback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return [] if running_form(tracker) else offered()


class ActionRequestCallback(Action):
    """They ask to be rung: the questions begin at once, or after those that are going on."""

    def name(self) -> str:
        return "action_request_callback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        running = running_form(tracker)
        if running and running != FORM:
            dispatcher.utter_message(response="utter_callback_later")
        return [] if running else [*_fresh(), SlotSet("callback_wanted", "told"), FollowupAction(FORM)]


class ValidateCallbackForm(Action):
    """Takes each answer, says what is to be said, and asks the next question itself."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn(tracker)
        asked = _asked(tracker)
        if asked is None:
            wanted = tracker.get_slot("callback_wanted") is not None
            step = desk.begin(tracker.sender_id, turn.message_id, turn.text, wanted=wanted)
        elif turn.was_answered_otherwise:
            if asked == "wanted":
                return [SlotSet("requested_slot", None)]  # the family has moved on
            step = desk.ask_again(tracker.sender_id, asked, **_so_far(tracker))
        else:
            step = desk.answer(tracker.sender_id, turn.message_id, asked, turn.heard, **_so_far(tracker))
            if step.digresses:
                return []  # nothing was extracted: the form steps aside, and a rule answers
        _speak(dispatcher, step)
        return _events(step, turn.message_id)


class ActionFinishCallback(Action):
    """The questions are over: where a call was asked for, who will see it. Nobody can promise when they ring."""

    def name(self) -> str:
        return "action_finish_callback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        reference = tracker.get_slot("callback_reference")
        if reference:
            values = desk.finished(str(reference))
            by_prison = values["prison_name"]
            response = "utter_callback_recorded" if by_prison else "utter_callback_recorded_no_prison"
            dispatcher.utter_message(response=response, **values)
        return _fresh()


def running_form(tracker: Tracker) -> str | None:
    """The form that is going on, which another must not replace."""
    return (tracker.active_loop or {}).get("name")


def offered() -> list[EventType]:
    """The events that have the form offer a call."""
    return [*_fresh(), FollowupAction(FORM)]


def _fresh() -> list[EventType]:
    return [
        *(SlotSet(_PREFIX + question, None) for question in QUESTIONS),
        SlotSet("callback_reference", None),
        SlotSet("callback_options", None),
        SlotSet("callback_tries", None),
    ]


def _asked(tracker: Tracker) -> str | None:
    requested = str(tracker.get_slot("requested_slot") or "")
    return requested.removeprefix(_PREFIX) if requested.startswith(_PREFIX) else None


def _so_far(tracker: Tracker) -> dict[str, Any]:
    return {
        "settled": [question for question in QUESTIONS if tracker.get_slot(_PREFIX + question) is not None],
        "reference": tracker.get_slot("callback_reference"),
        "offered": tracker.get_slot("callback_options") or [],
        "tries": int(tracker.get_slot("callback_tries") or 0),
    }


def _speak(dispatcher: CollectingDispatcher, step: desk.Step) -> None:
    buttons = [{"title": option["prison_name"], "payload": option["prison_name"]} for option in step.options]
    if step.say:
        dispatcher.utter_message(response=f"utter_callback_{step.say}", buttons=buttons, **step.values)
    if step.asks and step.next_question:
        dispatcher.utter_message(response=f"utter_callback_ask_{step.next_question}", buttons=buttons, **step.values)


def _events(step: desk.Step, message_id: int) -> list[EventType]:
    following = _PREFIX + step.next_question if step.next_question else None
    return [
        *(SlotSet(_PREFIX + question, "told") for question in step.settled),
        SlotSet("callback_reference", step.reference),
        SlotSet("callback_options", [option["id"] for option in step.options] or None),
        SlotSet("callback_tries", step.tries),
        SlotSet("callback_message", message_id),
        SlotSet("requested_slot", following),
    ]
