"""Custom actions for feedback: a score from 1 to 5 and, if they like, words. The bot never asks for it by itself."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.callbacks import offered, running_form
from actions.turn import Turn
from gateway.feedback import desk

FORM = "feedback_form"


class ActionStartFeedback(Action):
    """They want to say what they think; questions that are going on come first."""

    def name(self) -> str:
        return "action_start_feedback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        running = running_form(tracker)
        if running and running != FORM:
            dispatcher.utter_message(response="utter_feedback_later")
        return [] if running else [*_fresh(), FollowupAction(FORM)]


class ValidateFeedbackForm(Action):
    """Takes the score, then the words."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = Turn(tracker)
        asked = tracker.get_slot("requested_slot")
        if asked not in ("feedback_score", "feedback_words"):
            dispatcher.utter_message(response="utter_feedback_ask_score")
            return [SlotSet("requested_slot", "feedback_score")]
        if turn.was_answered_otherwise:
            return [SlotSet("requested_slot", None)]  # the family has moved on
        step = self._hear(tracker, turn, str(asked))
        if step.digresses:
            return []  # nothing was extracted: the form steps aside, and a rule answers
        if step.next_question:
            dispatcher.utter_message(response=f"utter_feedback_ask_{step.next_question}")
        return _events(step, turn.message_id)

    def _hear(self, tracker: Tracker, turn: Turn, asked: str) -> desk.Step:
        if asked == "feedback_words":
            return desk.hear_words(int(tracker.get_slot("feedback_given")), turn.heard)
        return desk.hear_score(turn.message_id, turn.heard, int(tracker.get_slot("feedback_tries") or 0))


class ActionFinishFeedback(Action):
    """Thanks for what was given. Whom we did not help is offered a person."""

    def name(self) -> str:
        return "action_finish_feedback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        answered = Turn(tracker).was_answered_otherwise
        if tracker.get_slot("feedback_given") is None:
            if not answered:
                dispatcher.utter_message(response="utter_ready")
            return _fresh()
        dispatcher.utter_message(response="utter_feedback_thanks")
        score = tracker.get_slot("feedback_score")
        low = score is not None and int(score) <= desk.LOW and not answered
        return [*_fresh(), *(offered() if low else [])]


def _fresh() -> list[EventType]:
    names = ("feedback_score", "feedback_words", "feedback_given", "feedback_tries")
    return [SlotSet(name, None) for name in names]


def _events(step: desk.Step, message_id: int) -> list[EventType]:
    following = f"feedback_{step.next_question}" if step.next_question else None
    given = [SlotSet("feedback_given", step.feedback_id)] if step.feedback_id is not None else []
    scored = [SlotSet("feedback_score", str(step.score))] if step.score is not None else []
    return [
        *given,
        *scored,
        SlotSet("feedback_tries", step.tries),
        SlotSet("feedback_message", message_id),
        SlotSet("requested_slot", following),
    ]
