"""The policy that goes on as the stories do when a conversation is not quite like one of them.

One logistic regression over a bag of what was said and done. It speaks only where no rule does, outside forms, and
when it is sure enough. docs/decisions/0010 has the measurements.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from rasa.core.featurizers.tracker_featurizers import MaxHistoryTrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTIVE_LOOP, PREVIOUS_ACTION, SLOTS, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker
from sklearn.linear_model import LogisticRegression

Features = dict[str, float]
IDLE = {f"done {ACTION_LISTEN_NAME}", "done None", "said None"}


def features_of(states: list[State], known: set[str] | None = None) -> Features:
    """What is so now counts 1; of what was said and done before, the nearest counts 1, the next half, and so on.

    `known`: what the stories tell of. Nothing else counts or puts anything further back, so small talk is no matter.
    """
    now, earlier = states[-1], states[-2::-1]
    present = [f"intent {_intent(now)}", f"after {_action(now)}"]
    present += [f"slot {name} {value}" for name, value in now.get(SLOTS, {}).items()]
    found = {name: 1.0 for name in present if known is None or name in known}
    for names in ([f"said {_intent(state)}" for state in earlier], [f"done {_action(state)}" for state in earlier]):
        told = dict.fromkeys(name for name in names if name not in IDLE and (known is None or name in known))
        found |= {name: 0.5**place for place, name in enumerate(told)}
    return found


def learned(rows: list[Features], actions: list[str], closeness: float) -> tuple[list[str], list[str], np.ndarray]:
    """The features, the actions and the weights, the bias last; nothing where there are no two actions to choose."""
    if len(set(actions)) < 2:
        return [], [], np.zeros((0, 0))
    names = sorted({name for row in rows for name in row})
    matrix = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    model = LogisticRegression(C=closeness, max_iter=1000).fit(matrix, actions)
    weights = np.vstack([model.coef_.T, model.intercept_])
    if len(model.classes_) == 2:  # one column stands for both
        weights = np.hstack([-weights / 2, weights / 2])
    return names, [str(action) for action in model.classes_], weights


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class StoryPolicy(Policy):
    """Learns from stories only. Its predictions are below 1, so that rules and exact stories always win."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "priority": 1,
            # How many states to look back on. A question and its answer are two: what was long ago must not lead.
            "max_history": 10,
            # From which probability on it speaks. More than the core_fallback_threshold of RulePolicy.
            "threshold": 0.5,
            # How closely to follow the stories: the inverse of the regularisation's strength.
            "C": 30.0,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: list[str] = []
        self._actions: list[str] = []
        self._weights = np.zeros((0, 0))

    def _standard_featurizer(self) -> MaxHistoryTrackerFeaturizer:
        return MaxHistoryTrackerFeaturizer(state_featurizer=None, max_history=self.config["max_history"])

    def train(self, training_trackers: list[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        original = [tracker for tracker in training_trackers if not getattr(tracker, "is_augmented", False)]
        stories = SupportedData.trackers_for_supported_data(self.supported_data(), original)
        states, labels = self.featurizer.training_states_and_labels(stories, domain)
        # What a form does next is the form's affair.
        examples = [(a, b[0]) for a, b in zip(states, labels, strict=True) if not a[-1].get(ACTIVE_LOOP)]
        rows = [features_of(past) for past, _ in examples]
        self._names, self._actions, self._weights = learned(rows, [action for _, action in examples], self.config["C"])
        self.persist()
        return self._resource

    def predict_action_probabilities(
        self, tracker: DialogueStateTracker, domain: Domain, rule_only_data: dict[str, Any] | None = None, **kwargs: Any
    ) -> PolicyPrediction:
        probabilities = self._default_predictions(domain)
        if self._actions and not tracker.active_loop_name:
            # With the turns that Rasa hides from policies: it takes them out so that the rest no longer fits together.
            states = self.featurizer.prediction_states([tracker], domain)[0]
            action, score = self._next(states, tracker.latest_action_name == ACTION_LISTEN_NAME)
            if score >= self.config["threshold"]:
                probabilities[domain.index_for_action(action)] = min(score, 0.99)
        return self._prediction(probabilities)

    def _next(self, states: list[State], nothing_said: bool) -> tuple[str, float]:
        """The likeliest action. What no story hears is for the others, and no message is met with silence; but once
        something was said, unsure means to wait: the fallback would say that nothing was understood."""
        found = features_of(states, set(self._names))
        raw = np.array([*(found.get(name, 0.0) for name in self._names), 1.0]) @ self._weights
        raised = np.exp(raw - raw.max())
        best = int(raised.argmax())
        action, score = self._actions[best], float(raised[best] / raised.sum())
        if nothing_said:
            heard = f"intent {_intent(states[-1])}" in self._names
            return action, score if heard and action != ACTION_LISTEN_NAME else 0.0
        return (action, score) if score >= self.config["threshold"] else (ACTION_LISTEN_NAME, self.config["threshold"])

    def persist(self) -> None:
        """Names as JSON and weights as a plain array: nothing in a model is code."""
        with self._model_storage.write_to(self._resource) as folder:
            names = {"features": self._names, "actions": self._actions}
            (folder / "names.json").write_text(json.dumps(names), encoding="utf-8")
            np.savez_compressed(folder / "weights.npz", weights=self._weights)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> StoryPolicy:
        policy = cls(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
            policy._names, policy._actions = names["features"], names["actions"]
            policy._weights = np.load(folder / "weights.npz", allow_pickle=False)["weights"]
        return policy


def _intent(state: State) -> str:
    return str(state.get(USER, {}).get("intent"))


def _action(state: State) -> str:
    return str(state.get(PREVIOUS_ACTION, {}).get("action_name"))
