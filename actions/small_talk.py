"""Custom actions for what the bot could not answer."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher


class ActionNotUnderstood(Action):
    """Says what the service can do; the second time in a row it offers people who can help."""

    def name(self) -> str:
        return "action_not_understood"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        again = _failed_last_time(tracker)
        dispatcher.utter_message(response="utter_not_understood_twice" if again else "utter_not_understood")
        return []


def _failed_last_time(tracker: Tracker) -> bool:
    """Whether the family's message before this one was not understood either."""
    messages = 0
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            messages += 1
        if messages == 2:
            return False
        if messages == 1 and event.get("event") == "action" and event.get("name") == "action_not_understood":
            return True
    return False
