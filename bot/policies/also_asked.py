"""The policy that sees to the second of two questions in one text: it is answered right after the first."""

from __future__ import annotations

from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from bot.policies.safeguarding import NOT_ANSWERS, last_turns

ANSWER = "action_answer_also"


def next_action(also_asked: list[str], level: str, actions_since_message: list[str]) -> str | None:
    """What this policy wants next, or None when it leaves the turn to the others."""
    if not also_asked or not any(name not in NOT_ANSWERS for name in actions_since_message):
        return None  # the first question comes first
    if ANSWER not in actions_since_message:
        return ANSWER
    return ACTION_LISTEN_NAME if level == "none" else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False)
class AlsoAskedPolicy(Policy):
    """Adapts `next_action` to Rasa. In a form the form goes on; in a worry the worry's first reply sees to it."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"priority": 11}

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
        if message is None or tracker.active_loop_name or message.intent.get("name") == "report_concern":
            return self._prediction(probabilities)
        level = str((message.parse_data.get("safeguarding") or {}).get("level", "none"))
        _, since = last_turns(tracker)
        wanted = next_action(message.parse_data.get("also_asked") or [], level, since)
        if wanted is not None:
            probabilities[domain.index_for_action(wanted)] = 1.0
        return self._prediction(probabilities)
