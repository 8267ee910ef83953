"""Custom actions about answers: the second of two, and which of two was meant."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn


class ActionAnswerAlso(Action):
    """Answers what a message asked besides."""

    def name(self) -> str:
        return "action_answer_also"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        answer_also(dispatcher, Turn(tracker))
        return []


class ActionAskWhich(Action):
    """Asks which of two questions was meant. What a button sends back is its title: an example of the question."""

    def name(self) -> str:
        return "action_ask_which"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        titles = [title(domain, answer) for answer in Turn(tracker).options]
        buttons = [{"title": title, "payload": title} for title in titles]
        dispatcher.utter_message(response="utter_ask_which", buttons=buttons)
        return []


def answer_also(dispatcher: CollectingDispatcher, turn: Turn) -> None:
    """Say the answers to what was asked besides."""
    for answer in turn.also_asked:
        dispatcher.utter_message(response=f"utter_{answer}")


def title(domain: dict[str, Any], answer: str) -> str:
    """The question in a few words, as the answer's first variation in domain.yml has it."""
    return str(domain["responses"][f"utter_{answer}"][0]["metadata"]["title"])
