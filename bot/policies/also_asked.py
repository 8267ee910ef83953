"""The policy that sees to the second of two questions in one text: it is answered right after the first."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.policies.turn import NOT_ANSWERS, TurnPolicy, last_turns, risk_level

ANSWER = "action_answer_also"


def next_action(also_asked: list[str], level: str, actions_since_message: list[str]) -> str | None:
    """What this policy wants next, or None when it leaves the turn to the others."""
    if not also_asked or not any(name not in NOT_ANSWERS for name in actions_since_message):
        return None  # the first question comes first
    if ANSWER not in actions_since_message:
        return ANSWER
    return ACTION_LISTEN_NAME if level == "none" else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class AlsoAskedPolicy(TurnPolicy):
    """Adapts `next_action` to Rasa. In a form the form goes on; in a worry the worry's first reply sees to it."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 11}

    def wanted(self, tracker: DialogueStateTracker) -> tuple[str | None, list[Event]]:
        message = tracker.latest_message
        if tracker.active_loop_name or message.intent.get("name") == "report_concern":
            return None, []
        _, since = last_turns(tracker)
        return next_action(message.parse_data.get("also_asked") or [], risk_level(tracker), since), []
