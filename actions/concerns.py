"""Custom actions about concerns: they carry the family's words to the desk and its replies back."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer_also
from actions.turn import Turn
from gateway.concerns import desk
from gateway.concerns.interview import QUESTIONS

FORM = "concern_form"


def _slot(question: str) -> str:
    return f"concern_{question}"


class ActionStartConcern(Action):
    """The first reply to a worry: what to do now, and the reference of what is already in the log."""

    def name(self) -> str:
        return "action_start_concern"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn(tracker)
        opening = desk.begin(turn.message_id, tracker.sender_id)
        if turn.asked_intent == "language_other":
            dispatcher.utter_message(response="utter_english_best")
        events = [*_other_form_ended(tracker), *_open(dispatcher, opening)]
        answer_also(dispatcher, turn)
        return events if opening.asks else [*events, FollowupAction("action_listen")]


class ValidateConcernForm(Action):
    """Takes each answer, says what is to be said, and asks the next question itself."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn(tracker)
        settled = [question for question in QUESTIONS if tracker.get_slot(_slot(question)) is not None]
        reference = str(tracker.get_slot("concern_reference"))
        asked = _asked(tracker)
        if asked is not None and turn.opened_other_than(reference):
            return _change_over(dispatcher, tracker, turn)
        if asked is not None and turn.was_answered_otherwise:
            step = desk.ask_again(reference, asked, settled)
        else:
            offered = tracker.get_slot("prison_options") or []
            step = desk.answer(reference, turn.message_id, asked, turn.heard, settled, offered, turn.concern_event)
            if step.digresses:
                return []  # nothing was extracted: the form steps aside, and a rule answers the question
        more_told = asked is not None and turn.concern_event in ("words_added", "urgency_raised")
        # The receipt, which follows the last question, says the reference itself.
        _speak(dispatcher, step, already_started=asked is not None, noted=more_told and bool(step.next_question))
        return _events(step, turn.message_id)


class ActionGiveReceipt(Action):
    """The questions are done: who will read it, and when the next check is due."""

    def name(self) -> str:
        return "action_give_receipt"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        values = desk.finish(str(tracker.get_slot("concern_reference")), Turn(tracker).message_id)
        dispatcher.utter_message(response="utter_concern_receipt", **values)
        return [SlotSet(_slot(question), None) for question in QUESTIONS]


class ActionConcernStatus(Action):
    """«What happened to ABC-4KQ7?»: only to the conversation that raised it, only in allowed words."""

    def name(self) -> str:
        return "action_concern_status"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        found = desk.status(tracker.sender_id, Turn(tracker).text)
        if found is None:
            dispatcher.utter_message(response="utter_concern_status_unknown")
        else:
            dispatcher.utter_message(response=f"utter_concern_status_{found['state']}", **found)
        return []


class ActionCheckSafety(Action):
    """Asks gently whether somebody is in danger, and remembers that it asked."""

    def name(self) -> str:
        return "action_check_safety"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        dispatcher.utter_message(response="utter_check_safety")
        return [SlotSet("safety_asked", True)]


class ActionSafetyFine(Action):
    """The family says that nobody is in danger."""

    def name(self) -> str:
        return "action_safety_fine"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        dispatcher.utter_message(response="utter_safety_fine")
        return [SlotSet("safety_asked", None)]


def _other_form_ended(tracker: Tracker) -> list[EventType]:
    """A worry has right of way: other questions that were going on are over."""
    running = (tracker.active_loop or {}).get("name")
    return [ActiveLoop(None), SlotSet("requested_slot", None)] if running and running != FORM else []


def _asked(tracker: Tracker) -> str | None:
    requested = tracker.get_slot("requested_slot")
    return (
        str(requested).removeprefix("concern_")
        if requested and (tracker.active_loop or {}).get("name") == FORM
        else None
    )


def _open(dispatcher: CollectingDispatcher, opening: desk.Opening) -> list[EventType]:
    dispatcher.utter_message(response=f"utter_concern_{opening.kind}", **opening.values)
    told = {question: "told" for question in opening.settled}
    return [
        SlotSet("concern_reference", opening.reference),
        SlotSet("safety_asked", None),
        *(SlotSet(_slot(question), told.get(question)) for question in QUESTIONS if opening.asks),
    ]


def _change_over(dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> list[EventType]:
    """Another worry was told in the middle of the questions, such as the caller's own: they are about that one now."""
    opening = desk.begin(turn.message_id, tracker.sender_id)
    events = _open(dispatcher, opening)
    step = desk.answer(opening.reference, turn.message_id, None, turn.heard, opening.settled, [], None)
    _speak(dispatcher, step, already_started=False)
    return [*events, *_events(step, turn.message_id)]


def _speak(dispatcher: CollectingDispatcher, step: desk.Step, *, already_started: bool, noted: bool = False) -> None:
    """`noted`: the message told more of the worry, and is with the words that staff read."""
    if step.emergency and already_started:
        dispatcher.utter_message(response=f"utter_concern_{step.emergency}", **step.values)
    elif noted:
        dispatcher.utter_message(response="utter_concern_noted", **step.values)
    for name in step.say:
        buttons = [{"title": option["name"], "payload": option["name"]} for option in step.options]
        dispatcher.utter_message(response=f"utter_concern_{name}", buttons=buttons, **step.values)
    if step.asks and step.next_question:
        dispatcher.utter_message(response=f"utter_concern_ask_{step.next_question}", **step.values)


def _events(step: desk.Step, message_id: int) -> list[EventType]:
    following = _slot(step.next_question) if step.next_question else None
    done = QUESTIONS if following is None else step.settled
    return [
        *(SlotSet(_slot(question), "told") for question in done),
        SlotSet("prison_options", [option["id"] for option in step.options] or None),
        SlotSet("concern_message", message_id),
        SlotSet("requested_slot", following),
    ]
