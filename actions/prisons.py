"""Custom actions about one prison: its booking line, switchboard, page, and which prison is meant."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from gateway.prisons import directory

FORM = "prison_form"
# After this many names that we do not know, the bot stops asking.
MOST_TRIES = 2


class ActionPrisonInfo(Action):
    """Answers at once when the prison is clear, otherwise has it asked."""

    def name(self) -> str:
        return "action_prison_info"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn(tracker)
        topic = directory.topic(turn.intent, turn.text, tracker.get_slot("prison_topic"))
        found = directory.named(turn.text, turn.prison)
        events: list[EventType] = [SlotSet("prison_topic", topic)]
        if len(found) == 1:
            _tell(dispatcher, found[0], topic)
            return events
        _ask(dispatcher, found)
        events.append(SlotSet("prison_options", [option["id"] for option in found] or None))
        if (tracker.active_loop or {}).get("name"):
            return events  # the form that is running goes on; this one must not take its place
        return [*events, SlotSet("prison_choice", None), SlotSet("prison_tries", 0), FollowupAction(FORM)]


class ValidatePrisonForm(Action):
    """Takes the answer to «which prison?»."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn(tracker)
        if tracker.get_slot("requested_slot") != "prison_choice":
            return [SlotSet("requested_slot", "prison_choice")]
        if turn.was_answered_otherwise:
            return [SlotSet("requested_slot", None)]  # the family has moved on
        if turn.intent == "report_concern":
            return []  # a worry has right of way, even one that names a prison
        found = directory.chosen(turn.text, tracker.get_slot("prison_options") or [])
        if len(found) == 1:
            return [SlotSet("prison_choice", found[0]["id"])]
        if turn.heard.is_question:
            return []
        if turn.heard.is_skip or turn.heard.is_stop:
            dispatcher.utter_message(response="utter_find_a_prison")
            return [SlotSet("prison_choice", None), SlotSet("requested_slot", None)]
        return _not_yet(dispatcher, found, int(tracker.get_slot("prison_tries") or 0) + 1)


class ActionTellPrison(Action):
    """The prison is known now: say what was asked about it."""

    def name(self) -> str:
        return "action_tell_prison"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        prison_id = tracker.get_slot("prison_choice")
        if prison_id:
            directory.remember(tracker.sender_id, prison_id)
            _tell(dispatcher, directory.entry(prison_id), tracker.get_slot("prison_topic"))
        return [SlotSet("prison_choice", None), SlotSet("prison_options", None)]


def _not_yet(dispatcher: CollectingDispatcher, found: list[dict[str, str]], tries: int) -> list[EventType]:
    if not found and tries >= MOST_TRIES:
        dispatcher.utter_message(response="utter_find_a_prison")
        return [SlotSet("prison_tries", 0), SlotSet("requested_slot", None)]
    if found:
        _ask(dispatcher, found)
    else:
        dispatcher.utter_message(response="utter_prison_not_found")
    options = [option["id"] for option in found] or None
    return [
        SlotSet("prison_tries", tries),
        SlotSet("prison_options", options),
        SlotSet("requested_slot", "prison_choice"),
    ]


def _ask(dispatcher: CollectingDispatcher, found: list[dict[str, str]]) -> None:
    if not found:
        dispatcher.utter_message(response="utter_ask_prison")
        return
    buttons = [{"title": prison["prison_name"], "payload": prison["prison_name"]} for prison in found]
    dispatcher.utter_message(response="utter_ask_which_prison", buttons=buttons)


def _tell(dispatcher: CollectingDispatcher, prison: dict[str, str], topic: str | None) -> None:
    dispatcher.utter_message(response=directory.response_for(prison, topic), **prison)
