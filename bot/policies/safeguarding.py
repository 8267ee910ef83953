"""The policy that asks about safety: whatever else is going on, a possible worry is asked about once a turn.

What is likely a concern is in the log before the dialogue begins (the worker sees to it) and arrives here as the
intent `report_concern`, which the rules lead to the concern's questions. What is only possibly one keeps its intent:
the question is answered first, then the bot asks gently whether somebody is in danger.
"""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, USER_INTENT_OUT_OF_SCOPE
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

CHECK = "action_check_safety"
YES_OR_NO = {"affirm", "deny"}
# There is nothing to answer in these, so the check stands alone.
NOT_A_QUESTION = {"nlu_fallback", "nonsense", "greet", USER_INTENT_OUT_OF_SCOPE, *YES_OR_NO}
# After these the rules have still to say something.
SPEAKS_AFTERWARDS = {"prison_form", "callback_form", "feedback_form"}
NOT_ANSWERS = {ACTION_LISTEN_NAME, CHECK, *SPEAKS_AFTERWARDS}


def next_action(
    level: str, intent: str, actions_since_message: list[str], in_form: bool, was_asked: bool = False
) -> str | None:
    """What this policy wants next, or None when it leaves the turn to the others.

    `actions_since_message`: the names of the actions already run since the family's last message.
    `was_asked`: whether the check stood right before that message, so that a yes or no is the answer to it.
    """
    if level != "possible" or in_form or (was_asked and intent in YES_OR_NO):
        return None
    if intent == "report_concern" or "concern_form" in actions_since_message:
        return None  # there is a concern, and it is being talked about
    if CHECK in actions_since_message:
        return ACTION_LISTEN_NAME
    if actions_since_message and actions_since_message[-1] in SPEAKS_AFTERWARDS:
        return None
    answered = any(name not in NOT_ANSWERS for name in actions_since_message)
    return CHECK if answered or intent in NOT_A_QUESTION else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class SafeguardingPolicy(Policy):
    """Adapts `next_action` to Rasa. Of the highest priority, so that no rule answers in its place."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 10}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: Any = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        return self._resource

    def predict_action_probabilities(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only_data: dict[str, Any] | None = None, **kwargs: Any
    ) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        message = tracker.latest_message
        if message is None:
            return self._prediction(probabilities)
        level = str((message.parse_data.get("safeguarding") or {}).get("level", "none"))
        intent = message.intent.get("name") or ""
        before, since = last_turns(tracker)
        wanted = next_action(level, intent, since, bool(tracker.active_loop_name), was_asked=CHECK in before)
        if wanted is not None:
            probabilities[domain.index_for_action(wanted)] = 1.0
        return self._prediction(probabilities, events=_forgotten(tracker, intent, since))


def last_turns(tracker: DialogueStateTracker) -> tuple[list[str], list[str]]:
    """The actions between the family's last two messages, and those since the last."""
    turns: list[list[str]] = [[]]
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            if len(turns) == 2:
                break
            turns.append([])
        elif isinstance(event, ActionExecuted) and event.action_name:
            turns[-1].insert(0, event.action_name)
    since, before = turns[0], turns[1] if len(turns) == 2 else []
    return before, since


def _forgotten(tracker: DialogueStateTracker, intent: str, since: list[str]) -> list[Event]:
    """The check stands for one message: a «yes» to something else, days later, must not open a concern."""
    if tracker.get_slot("safety_asked") and intent not in YES_OR_NO and CHECK not in since:
        return [SlotSet("safety_asked", None)]
    return []
