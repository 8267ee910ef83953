"""The custom action for «delete my data»: a person deals with it, so it is only written down here."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from gateway.privacy import service


class ActionAskForErasure(Action):
    """Keeps the request and says truly what happens with it."""

    def name(self) -> str:
        return "action_ask_for_erasure"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        dispatcher.utter_message(response="utter_erasure_asked", reference=service.ask(Turn(tracker).message_id))
        return []
