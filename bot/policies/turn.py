"""What policies share that look at the current turn alone and learn nothing."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

CHECK = "action_check_safety"
# After these the rules have still to say something.
SPEAKS_AFTERWARDS = {"prison_form", "callback_form", "feedback_form"}
NOT_ANSWERS = {ACTION_LISTEN_NAME, CHECK, *SPEAKS_AFTERWARDS}


class TurnPolicy(Policy):
    """Predicts the action that `wanted` names, as sure as can be, or nothing."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: Any = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)

    @abstractmethod
    def wanted(self, tracker: DialogueStateTracker) -> tuple[str | None, list[Event]]:
        """The next action, or None to leave the turn to the others; and what else becomes of the conversation."""

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        return self._resource

    def predict_action_probabilities(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only_data: dict[str, Any] | None = None, **kwargs: Any
    ) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        if tracker.latest_message is None:
            return self._prediction(probabilities)
        action, events = self.wanted(tracker)
        if action is not None:
            probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, events=events)


def risk_level(tracker: DialogueStateTracker) -> str:
    """How likely a worry the latest message is."""
    return str((tracker.latest_message.parse_data.get("safeguarding") or {}).get("level", "none"))


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
