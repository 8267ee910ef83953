"""Gives every message its risk to somebody's safety, whatever the dialogue is about. The finding is in
risk_network.py, safeguarding_rules.py and safeguarding_risk.py; this class fits it into Rasa."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.risk_network import LIKELY, RiskNetwork
from bot.components.safeguarding_risk import Risk, Thresholds, assess
from bot.components.safeguarding_rules import BESIDE, RuleBook

# Raise with every change of the code that could change a decision: it is part of the model's version.
CODE_VERSION = "10"
OUTPUT = "safeguarding"
ASKED_INTENT = "asked_intent"
CONCERN = {"name": "report_concern", "confidence": 1.0}
_CODE = ("safeguarding_text", "safeguarding_patterns", "safeguarding_rules", "risk_network", "safeguarding_risk")
VERSION = "version.txt"
NETWORK_FILES = ("risk.onnx", "risk.json")
# In the metadata of a part of a message that was read whole and found harmless.
QUESTION_ONLY = "question_only"
# So many of the messages before are read along.
MOST_RECENT = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class Safeguarding(IntentClassifier, GraphComponent):
    """Sets `safeguarding` on each message; a likely concern also becomes the intent, the former one `asked_intent`.

    It stands after the intent classifier in the pipeline, so that what was asked is known.
    """

    @staticmethod
    def required_packages() -> list[str]:
        return ["spacy", "onnxruntime", "tokenizers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # The network and its description, made by `make safeguarding`.
            "network": "data/safeguarding/model",
            # The patterns; exclusions.yml, words.yml and spellings.yml are looked for beside it.
            "rules": "data/safeguarding/rules.yml",
            # Where a probability becomes a decision; see Thresholds for what each one means.
            "thresholds": asdict(Thresholds()),
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = {**self.get_default_config(), **config}
        self._thresholds = Thresholds(**{**asdict(Thresholds()), **self._config["thresholds"]})
        self._model_storage, self._resource = model_storage, resource
        self._rules: RuleBook | None = None
        self._network: RiskNetwork | None = None
        self._version = ""

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
        """A changed network, pattern or line of code means a new model."""
        return _digest([*_sources({**cls.get_default_config(), **config}), *_code()])

    def train(self, training_data: TrainingData) -> Resource:
        """Put the network and the rules into Rasa's model as they stand: they are only used together.

        The network itself learns in an environment of its own: bot/training.
        """
        with self._model_storage.write_to(self._resource) as folder:
            for source in _sources(self._config):
                (folder / source.name).write_bytes(source.read_bytes())
            (folder / VERSION).write_text(_digest([*_sources(self._config), *_code()]), encoding="utf-8")
            self._read(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            metadata = message.get("metadata") or {}
            text = "" if metadata.get(QUESTION_ONLY) else message.get(TEXT) or ""
            risk = self.assess(text, metadata.get("recent") or (), metadata.get("told") or ())
            message.set(OUTPUT, asdict(risk), add_to_output=True)
            if risk.level == LIKELY:
                message.set(ASKED_INTENT, message.get(INTENT), add_to_output=True)
                message.set(INTENT, dict(CONCERN), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Training examples keep their intents."""
        return training_data

    def assess(self, text: str, recent: Sequence[str] = (), told: Sequence[str] = ()) -> Risk:
        """`recent`: what the same family wrote right before, oldest first; `told`: what a concern has already of it."""
        if self._rules is None or self._network is None:
            raise RuntimeError("the safeguarding component is used before it was trained or loaded")
        before = recent[-MOST_RECENT:], told[-MOST_RECENT:]
        return assess(text, *before, self._rules, self._network, self._thresholds, self._version)

    def _read(self, folder: Path) -> None:
        self._rules = RuleBook.load(folder / Path(self._config["rules"]).name)
        self._network = RiskNetwork(folder)
        self._version = (folder / VERSION).read_text(encoding="utf-8")

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
            component._read(folder)
        return component

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        Thresholds(**config.get("thresholds", {}))


def _sources(config: dict[str, Any]) -> list[Path]:
    """The files that a model holds."""
    network, rules = Path(config["network"]), Path(config["rules"])
    return [*(network / name for name in NETWORK_FILES), rules, *(rules.with_name(name) for name in BESIDE)]


def _code() -> list[Path]:
    return [Path(__file__).with_name(f"{name}.py") for name in _CODE]


def _digest(sources: Iterable[Path]) -> str:
    """Twelve signs that stand for all of this and the version of the code."""
    whole = hashlib.sha256(CODE_VERSION.encode())
    for source in sources:
        whole.update(hashlib.sha256(source.read_bytes()).digest())
    return whole.hexdigest()[:12]
