"""One flat classifier for intents and answers.

A question such as `visits/book_visit` is an intent (`visits`) and an answer (`utter_visits/book_visit`). Rasa's own
way classifies the intent first and lets a ResponseSelector pick the answer. Here one logistic regression, over the
sparse and dense features that the pipeline made, chooses among all of them at once, and the result is given in
Rasa's form for both, so that retrieval actions work as ever. docs/decisions/0003 has the measurements.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

# The learning is stopped here: further steps take minutes and answer no more questions rightly.
STEPS = 150


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentAndAnswerClassifier(IntentClassifier, GraphComponent):
    """Sets `intent`, `intent_ranking`, `answer_ranking` and, for questions, `response_selector`."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn", "scipy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # How closely to follow the examples: the inverse of the regularisation's strength.
            "C": 30.0,
            # The weight of the sentence vector beside the words and letters, which have length 1.
            "dense_weight": 2.0,
            # Words and letters are folded into so many numbers while learning: it takes a tenth of the time and memory.
            "folds": 400,
            # How many intents to list in the ranking.
            "ranking_length": 8,
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage, self._resource = model_storage, resource
        self._labels: list[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._bias = np.zeros(0, dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentAndAnswerClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on every example that has an intent."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT) and example.get(INTENT)]
        labels = [_label(example) for example in examples]
        found = [self._features(example) for example in examples]
        weights, bias, self._labels = _learned(found, labels, self._config["C"], self._config["folds"])
        # In the order in which scipy multiplies, or it copies all of them for each message.
        self._weights = np.ascontiguousarray(weights, dtype=np.float32)
        self._bias = bias.astype(np.float32)
        self.persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Rank the intents of each message."""
        for message in messages:
            if not message.get(TEXT):
                continue
            scores = self._scores(message)
            ranking = [(self._labels[i], float(scores[i])) for i in np.argsort(-scores)]
            self._set_intent(message, ranking)
            self._set_answers(message, ranking)
            best = [{"name": label, "confidence": score} for label, score in ranking[: self._config["ranking_length"]]]
            message.set("answer_ranking", best, add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def _features(self, message: Message) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
        """A message's words and letters, and its sentence vector, one row each."""
        _, sparse = message.get_sparse_features(TEXT, [])
        _, dense = message.get_dense_features(TEXT, [])
        counts = scipy.sparse.csr_matrix((1, 0) if sparse is None else sparse.features, dtype=np.float32)
        counts.data = 1 + np.log(counts.data)
        vector = np.zeros((1, 0)) if dense is None else dense.features
        return normalize(counts) if counts.shape[1] else counts, vector * self._config["dense_weight"]

    def _scores(self, message: Message) -> np.ndarray:
        counts, vector = self._features(message)
        width = counts.shape[1]
        raw = np.asarray(counts @ self._weights[:width]).ravel() + vector.ravel() @ self._weights[width:] + self._bias
        raised = np.exp(raw - raw.max())
        return raised / raised.sum()

    def _set_intent(self, message: Message, ranking: list[tuple[str, float]]) -> None:
        """An intent is as probable as its most probable answer: fifty unlikely ones make none likely."""
        best: dict[str, float] = {}
        for label, score in ranking:
            best.setdefault(label.partition("/")[0], score)
        listed = [{"name": name, "confidence": score} for name, score in best.items()][: self._config["ranking_length"]]
        message.set("intent", listed[0], add_to_output=True)
        message.set("intent_ranking", listed, add_to_output=True)

    def _set_answers(self, message: Message, ranking: list[tuple[str, float]]) -> None:
        subjects = {label.partition("/")[0] for label in self._labels if "/" in label}
        # `rasa test` looks here to know which intents have answers.
        selected: dict[str, Any] = {"all_retrieval_intents": sorted(subjects)}
        for label, score in ranking:
            name, _, key = label.partition("/")
            if key and name not in selected:
                response = {
                    "intent_response_key": label,
                    "utter_action": f"utter_{label}",
                    "confidence": score,
                    "responses": [],
                }
                selected[name] = {
                    "response": response,
                    "ranking": [{"intent_response_key": label, "confidence": score}],
                }
        message.set("response_selector", selected, add_to_output=True)

    def persist(self) -> None:
        """Labels as JSON and weights as plain arrays: nothing in a model is code."""
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "labels.json").write_text(json.dumps(self._labels), encoding="utf-8")
            np.savez_compressed(folder / "weights.npz", weights=self._weights, bias=self._bias)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentAndAnswerClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
            arrays = np.load(folder / "weights.npz", allow_pickle=False)
            component._weights, component._bias = np.ascontiguousarray(arrays["weights"]), arrays["bias"]
        return component

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Any number does for the weights."""


def _learned(
    features: list[tuple[scipy.sparse.csr_matrix, np.ndarray]], labels: list[str], closeness: float, folds: int
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Weights (a row for each feature), bias and labels of a logistic regression.

    It learns on the sparse features folded into `folds` numbers; unfolded, its weights are for the features themselves.
    """
    counts = scipy.sparse.vstack([row for row, _ in features]).tocsr()
    vectors = np.vstack([vector for _, vector in features])
    folding = TruncatedSVD(min(folds, counts.shape[1] - 1), random_state=0).fit(counts)
    width = len(folding.components_)
    rows = np.hstack([folding.transform(counts), vectors])
    # Every example counts alike, so that what has many, as what is out of scope, is more readily believed: with weights
    # 13% of such questions in tests/nlu got an answer all the same, without them 3%, and as few others were refused.
    model = LogisticRegression(C=closeness, max_iter=STEPS, tol=1e-3).fit(rows, labels)
    coefficients = model.coef_.T
    if len(model.classes_) == 2:  # one column stands for both
        coefficients = np.hstack([-coefficients / 2, coefficients / 2])
    bias = model.intercept_ if len(model.classes_) > 2 else np.hstack([-model.intercept_ / 2, model.intercept_ / 2])
    weights = np.vstack([folding.components_.T @ coefficients[:width], coefficients[width:]])
    return weights, bias, [str(label) for label in model.classes_]


def _label(example: Message) -> str:
    return str(example.get(INTENT_RESPONSE_KEY) or example.get(INTENT))
