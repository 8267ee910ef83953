"""The custom action that explains a prison word."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from gateway.glossary import asked_about, glossary


class ActionExplainWord(Action):
    """Says what a prison word means, with the source of its own entry; says so when it does not know the word."""

    def name(self) -> str:
        return "action_explain_word"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        word = asked_about(Turn(tracker).text, glossary())
        if word is None:
            dispatcher.utter_message(response="utter_word_unknown")
        else:
            dispatcher.utter_message(
                response="utter_word_explained", word=word.title, meaning=word.meaning, metadata=word.source
            )
        return []
