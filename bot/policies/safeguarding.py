"""The policy that asks about safety: whatever else is going on, a possible worry is asked about once a turn.

What is likely a concern is in the log before the dialogue begins (the worker sees to it) and arrives here as the
intent `report_concern`, which the rules lead to the concern's questions. What is only possibly one keeps its intent:
the question is answered first, then the bot asks gently whether somebody is in danger.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME, USER_INTENT_OUT_OF_SCOPE
from rasa.shared.core.events import Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.policies.turn import CHECK, NOT_ANSWERS, SPEAKS_AFTERWARDS, TurnPolicy, last_turns, risk_level

YES_OR_NO = {"affirm", "deny"}
# There is nothing to answer in these, so the check stands alone.
NOT_A_QUESTION = {"nlu_fallback", "nonsense", "greet", USER_INTENT_OUT_OF_SCOPE, *YES_OR_NO}


def next_action(
    level: str, intent: str, actions_since_message: list[str], in_form: bool, was_asked: bool = False
) -> str | None:
    """What this policy wants next, or None when it leaves the turn to the others.

    `actions_since_message`: the names of the actions already run since the family's last message.
    `was_asked`: whether the check stood right before that message, so that a yes or no is the answer to it.
    """
    if level != "possible" or in_form or (was_asked and intent in YES_OR_NO):
        return None
    if intent == "report_concern" or {"concern_form", "action_start_concern"} & set(actions_since_message):
        return None  # there is a concern, and it is being talked about
    if CHECK in actions_since_message:
        return ACTION_LISTEN_NAME
    if actions_since_message and actions_since_message[-1] in SPEAKS_AFTERWARDS:
        return None
    answered = any(name not in NOT_ANSWERS for name in actions_since_message)
    return CHECK if answered or intent in NOT_A_QUESTION else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class SafeguardingPolicy(TurnPolicy):
    """Adapts `next_action` to Rasa. Of the highest priority, so that no rule answers in its place."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 10}

    def wanted(self, tracker: DialogueStateTracker) -> tuple[str | None, list[Event]]:
        intent = tracker.latest_message.intent.get("name") or ""
        before, since = last_turns(tracker)
        was_asked, in_form = CHECK in before, bool(tracker.active_loop_name)
        action = next_action(risk_level(tracker), intent, since, in_form, was_asked)
        return action, _forgotten(tracker, intent, since)


def _forgotten(tracker: DialogueStateTracker, intent: str, since: list[str]) -> list[Event]:
    """The check stands for one message: a «yes» to something else, days later, must not open a concern."""
    if tracker.get_slot("safety_asked") and intent not in YES_OR_NO and CHECK not in since:
        return [SlotSet("safety_asked", None)]
    return []
