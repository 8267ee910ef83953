"""Custom actions of «Am I eligible?»: they carry answers to the check and speak what it says."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from gateway.db import now
from gateway.eligibility import interview
from gateway.eligibility.interview import QUESTIONS, Step
from gateway.eligibility.rules import UNKNOWN
from gateway.spoken import UK

FORM = "eligibility_form"
# So few words that answer the question hold nothing else.
BARE_ANSWER_WORDS = 3


class ActionCheckEligibility(Action):
    """Begins the check. While other questions are being asked it answers in general, and they go on."""

    def name(self) -> str:
        return "action_check_eligibility"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        running = (tracker.active_loop or {}).get("name")
        if running == FORM:
            return []  # it asks its question once more
        if running:
            dispatcher.utter_message(response="utter_money/help_with_visits_cost")
            return []
        dispatcher.utter_message(response="utter_eligibility_start")
        told = interview.begin(Turn(tracker).text, now().astimezone(UK).date())
        return [*_slots(Step(told)), FollowupAction(FORM)]


class ValidateEligibilityForm(Action):
    """Takes each answer and says what comes next: a question, or in the end the result."""

    def name(self) -> str:
        return f"validate_{FORM}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn, asked, answers = Turn(tracker), _asked(tracker), _answers(tracker)
        today = now().astimezone(UK).date()
        if asked is None or turn.was_answered_otherwise:
            step = interview.go_on(answers, today)
        else:
            if turn.intent == "report_concern":
                return []  # a worry comes first: the form steps aside for its rule
            tries = int(tracker.get_slot("eligibility_tries") or 0)
            step = interview.hear(answers, asked, turn.heard, tries, today)
            if step.digresses:
                return []  # nothing was extracted: a rule answers the question
            if turn.may_be_worried and not _is_bare_answer(step, asked, turn.text):
                dispatcher.utter_message(response="utter_eligibility_worry")
        _speak(dispatcher, step)
        return [*_slots(step), SlotSet("requested_slot", _slot(step.asks) if step.asks else None)]


def _is_bare_answer(step: Step, asked: str, text: str) -> bool:
    """«im 52» was asked for, and there is no room for a worry in it."""
    return step.answers.get(asked, UNKNOWN) != UNKNOWN and len(text.split()) <= BARE_ANSWER_WORDS


def _slot(question: str) -> str:
    return f"eligibility_{question}"


def _asked(tracker: Tracker) -> str | None:
    running = (tracker.active_loop or {}).get("name") == FORM
    requested = str(tracker.get_slot("requested_slot") or "")
    return requested.removeprefix("eligibility_") if running and requested.startswith("eligibility_") else None


def _answers(tracker: Tracker) -> dict[str, str]:
    held = {question: tracker.get_slot(_slot(question)) for question in QUESTIONS}
    return {question: str(code) for question, code in held.items() if code is not None}


def _speak(dispatcher: CollectingDispatcher, step: Step) -> None:
    for name in step.say:
        dispatcher.utter_message(response=f"utter_eligibility_{name}", deadline=step.deadline)
    if step.asks:
        dispatcher.utter_message(response=f"utter_eligibility_ask_{step.asks}")


def _slots(step: Step) -> list[EventType]:
    """The answers stay while something is asked; afterwards nothing of them is kept in the slots."""
    kept = step.answers
    return [
        *(SlotSet(_slot(question), kept.get(question)) for question in QUESTIONS),
        SlotSet("eligibility_tries", step.tries),
    ]
