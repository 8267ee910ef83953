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
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

CHECK = "action_check_safety"
# There is nothing to answer in these, so the check stands alone.
NOT_A_QUESTION = {"nlu_fallback", "nonsense", "greet", "affirm", "deny", USER_INTENT_OUT_OF_SCOPE}


def next_action(level: str, intent: str, actions_since_message: list[str], in_form: bool) -> str | None:
    """What this policy wants next, or None when it leaves the turn to the others.

    `actions_since_message`: the names of the actions already run since the family's last message.
    """
    if level != "possible" or in_form:
        return None
    if CHECK in actions_since_message:
        return ACTION_LISTEN_NAME
    answered = any(name not in (ACTION_LISTEN_NAME, CHECK) for name in actions_since_message)
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

    def train(
        self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any
    ) -> Resource:
        return self._resource

    def predict_action_probabilities(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only_data: dict[str, Any] | None = None, **kwargs: Any
    ) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        message = tracker.latest_message
        if message is None:
            return self._prediction(probabilities)
        level = (message.parse_data.get("safeguarding") or {}).get("level", "none")
        wanted = next_action(
            str(level), message.intent.get("name") or "", _actions_since_message(tracker), bool(tracker.active_loop_name)
        )
        if wanted is not None:
            probabilities[domain.index_for_action(wanted)] = 1.0
        return self._prediction(probabilities)


def _actions_since_message(tracker: DialogueStateTracker) -> list[str]:
    names: list[str] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, ActionExecuted) and event.action_name:
            names.append(event.action_name)
    return names[::-1]
