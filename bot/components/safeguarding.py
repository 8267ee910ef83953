"""Gives every message its risk to somebody's safety, whatever the dialogue is about. The finding is in
safeguarding_risk.py, safeguarding_rules.py and safeguarding_model.py; this class fits it into Rasa."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.safeguarding_model import LIKELY, NONE, Example, RiskModel
from bot.components.safeguarding_risk import Risk, Thresholds, assess, passage, passages
from bot.components.safeguarding_rules import BESIDE, RuleBook
from bot.components.sentence_encoder import SentenceEncoder

# Raise with every change of the code that could change a decision: it is part of the model's version.
CODE_VERSION = "1"
OUTPUT = "safeguarding"
ASKED_INTENT = "asked_intent"
CONCERN = {"name": "report_concern", "confidence": 1.0}
_CODE = ("safeguarding_text", "safeguarding_patterns", "safeguarding_rules", "safeguarding_model", "safeguarding_risk")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Safeguarding(IntentClassifier, GraphComponent):
    """Sets `safeguarding` on each message; a likely concern also becomes the intent, the former one `asked_intent`.

    It stands after the intent classifier in the pipeline, so that what was asked is known.
    """

    @staticmethod
    def required_packages() -> list[str]:
        return ["spacy", "sklearn", "onnxruntime"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # Messages with their risk, one JSON object a line.
            "data": "data/safeguarding/messages.jsonl",
            # The patterns; exclusions.yml, words.yml and spellings.yml are looked for beside it.
            "rules": "data/safeguarding/rules.yml",
            # Where a learned probability becomes a decision; see Thresholds for what each one means.
            "thresholds": asdict(Thresholds()),
            # Ordinary questions that are a worry all the same: no examples of a harmless message.
            "not_harmless": ["report_concern", "searches/forced_to_bring"],
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._thresholds = Thresholds(**{**asdict(Thresholds()), **self._config["thresholds"]})
        self._model_storage, self._resource = model_storage, resource
        self._rules: RuleBook | None = None
        self._model: RiskModel | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Safeguarding:
        return cls(config, model_storage, resource)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A changed message, pattern or line of code means training anew."""
        return _digest(_sources({**cls.get_default_config(), **config}), [])

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the labelled messages, and from the bot's ordinary questions that nothing in them is a worry."""
        questions = sorted(set(self._questions(training_data)))
        self._rules = RuleBook.load(Path(self._config["rules"]))
        version = _digest(_sources(self._config), questions)
        examples = [*labelled(Path(self._config["data"]), self._rules), *harmless(questions, self._rules)]
        self._model = RiskModel.train(examples, SentenceEncoder.shared(), version)
        self.persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            risk = self.assess(message.get(TEXT) or "")
            message.set(OUTPUT, asdict(risk), add_to_output=True)
            if risk.level == LIKELY:
                message.set(ASKED_INTENT, message.get(INTENT), add_to_output=True)
                message.set(INTENT, dict(CONCERN), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples keep their intents."""
        return training_data

    def assess(self, text: str) -> Risk:
        if self._rules is None or self._model is None:
            raise RuntimeError("the safeguarding component is used before it was trained or loaded")
        return assess(text, self._rules, self._model, self._thresholds)

    def _questions(self, training_data: TrainingData) -> Iterable[str]:
        for example in training_data.intent_examples:
            intent = example.get(INTENT_RESPONSE_KEY) or example.get(INTENT)
            if example.get(TEXT) and intent and intent not in self._config["not_harmless"]:
                yield example.get(TEXT)

    def persist(self) -> None:
        """The model, and the rules that it was trained with: they are only used together."""
        rules = Path(self._config["rules"])
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
            for source in (rules, *(rules.with_name(name) for name in BESIDE)):
                (folder / source.name).write_bytes(source.read_bytes())

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Safeguarding:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._rules = RuleBook.load(folder / Path(component._config["rules"]).name)
            component._model = RiskModel.load(folder, SentenceEncoder.shared())
        return component

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        Thresholds(**config.get("thresholds", {}))


def labelled(path: Path, rules: RuleBook) -> list[Example]:
    """The examples in a file of messages; each clause of a harmless message is one too."""
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            given = json.loads(line)
            text, answers = given["text"], {key: given[key] for key in ("level", "urgency", "category", "subject")}
        except (json.JSONDecodeError, KeyError) as error:
            raise ValueError(f"{path}:{number} is not a labelled message: {error!r}") from error
        whole = passage(text, rules.find(text))
        parts = passages(whole.plain.split()) if answers["level"] == NONE else []
        examples.append(Example(whole, **answers))
        examples.extend(Example(part, NONE, is_part=True) for part in parts if len(parts) > 1)
    return examples


def harmless(texts: Iterable[str], rules: RuleBook) -> list[Example]:
    """Examples of messages with nothing to worry about."""
    return [Example(passage(text, rules.find(text)), NONE) for text in texts]


def _sources(config: dict[str, Any]) -> list[Path]:
    rules, here = Path(config["rules"]), Path(__file__)
    return [
        Path(config["data"]), rules, *(rules.with_name(name) for name in BESIDE),
        *(here.with_name(f"{name}.py") for name in _CODE),
    ]  # fmt: skip


def _digest(sources: Iterable[Path], texts: Iterable[str]) -> str:
    """Twelve signs that stand for all of this and the version of the code."""
    whole = hashlib.sha256(CODE_VERSION.encode())
    for content in [*(source.read_bytes() for source in sources), *(text.encode() for text in texts)]:
        whole.update(hashlib.sha256(content).digest())
    return whole.hexdigest()[:12]
