"""One classifier for intents and answers: what it learns, what it gives, and what it leaves on disk."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.intent_classifier import IntentAndAnswerClassifier

EXAMPLES = {
    "greet": ["hello", "hi there", "good morning"],
    "visits/book": ["book a visit", "how do i book", "booking please"],
    "visits/wear": ["what to wear", "can i wear a hat", "clothes to wear"],
    "money/send": ["send money", "pay money in", "put money on the account"],
}


class Pipeline:
    """The smallest pipeline that trains the classifier: words, their counts, and it."""

    def __init__(self, folder: Path) -> None:
        self._storage, self._resource = LocalModelStorage(folder), Resource("classifier")
        self._context = ExecutionContext(GraphSchema({}), node_name="classifier")
        self._tokenizer = WhitespaceTokenizer(WhitespaceTokenizer.get_default_config())
        self._counts = CountVectorsFeaturizer(
            CountVectorsFeaturizer.get_default_config(), self._storage, Resource("counts"), self._context
        )

    def train(self) -> IntentAndAnswerClassifier:
        data = TrainingData([Message.build(text, label) for label, texts in EXAMPLES.items() for text in texts])
        self._tokenizer.process_training_data(data)
        self._counts.train(data)
        self._counts.process_training_data(data)
        classifier = IntentAndAnswerClassifier.create({}, self._storage, self._resource, self._context)
        classifier.train(data)
        return classifier

    def load(self) -> IntentAndAnswerClassifier:
        return IntentAndAnswerClassifier.load({}, self._storage, self._resource, self._context)

    def parse(self, classifier: IntentAndAnswerClassifier, text: str) -> Message:
        messages = [Message.build(text)]
        return classifier.process(self._counts.process(self._tokenizer.process(messages)))[0]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


def test_every_example_is_given_its_intent(pipeline: Pipeline) -> None:
    classifier = pipeline.train()

    for label, texts in EXAMPLES.items():
        for text in texts:
            assert pipeline.parse(classifier, text).get("intent")["name"] == label.split("/")[0]


def test_a_loaded_classifier_ranks_as_the_trained_one_did(pipeline: Pipeline) -> None:
    trained = pipeline.train()
    loaded = pipeline.load()

    for text in ("hello", "can i book", "how do i pay", "something else"):
        before, after = pipeline.parse(trained, text), pipeline.parse(loaded, text)

        for found in ("intent", "intent_ranking", "response_selector"):
            assert after.get(found) == before.get(found)


def test_the_ranking_lists_intents_by_confidence(pipeline: Pipeline) -> None:
    message = pipeline.parse(pipeline.train(), "how do i book")

    ranking = message.get("intent_ranking")
    assert message.get("intent") == ranking[0]
    assert {entry["name"] for entry in ranking} == {"greet", "visits", "money"}
    assert [entry["confidence"] for entry in ranking] == sorted((e["confidence"] for e in ranking), reverse=True)
    assert message.get("intent")["confidence"] == message.get("answer_ranking")[0]["confidence"]
    confidences = [entry["confidence"] for entry in ranking]
    assert confidences == sorted(confidences, reverse=True)


def test_many_unlikely_answers_do_not_outweigh_one_likely_intent(pipeline: Pipeline) -> None:
    classifier = pipeline.train()
    message = Message()

    classifier._set_intent(message, [("greet", 0.4), ("visits/book", 0.3), ("visits/wear", 0.3)])

    assert message.get("intent") == {"name": "greet", "confidence": 0.4}


def test_the_best_answer_of_each_subject_is_in_the_form_of_rasas_own_selector(pipeline: Pipeline) -> None:
    selected = pipeline.parse(pipeline.train(), "what to wear").get("response_selector")

    assert sorted(selected) == ["all_retrieval_intents", "money", "visits"]
    assert selected["all_retrieval_intents"] == ["money", "visits"]
    response = selected["visits"]["response"]
    assert response["intent_response_key"] == "visits/wear"
    assert response["utter_action"] == "utter_visits/wear"
    assert selected["visits"]["ranking"][0]["intent_response_key"] == "visits/wear"


def test_a_text_with_no_known_word_has_a_ranking_too(pipeline: Pipeline) -> None:
    message = pipeline.parse(pipeline.train(), "zzz qqq")

    assert 0 < message.get("intent")["confidence"] < 1


def test_a_message_without_text_is_left_alone(pipeline: Pipeline) -> None:
    [message] = pipeline.train().process([Message()])

    assert message.get("intent") is None


def test_what_is_stored_is_json_and_plain_arrays_and_no_code(small_model: Path, tmp_path: Path) -> None:
    with tarfile.open(small_model) as archive:
        stored = [m for m in archive.getmembers() if "IntentAndAnswerClassifier" in m.name and m.isfile()]
        archive.extractall(tmp_path, stored)

    assert sorted(Path(member.name).name for member in stored) == ["labels.json", "weights.npz"]
    folder = tmp_path / Path(stored[0].name).parent
    assert json.loads((folder / "labels.json").read_text())[0] == "act"
    assert all(name.endswith(".npy") for name in zipfile.ZipFile(folder / "weights.npz").namelist())
    arrays: Any = np.load(folder / "weights.npz", allow_pickle=False)
    assert {name: arrays[name].dtype for name in arrays} == {"weights": np.float32, "bias": np.float32}
