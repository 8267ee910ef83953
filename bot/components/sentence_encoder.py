"""Sentence vectors from all-MiniLM-L6-v2 (int8, through onnxruntime): what was said, whatever the words."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tokenizers import BertWordPieceTokenizer

ENCODER = Path(__file__).resolve().parents[2] / "data" / "encoder"
# Written by `make encoder` from the weights that data/encoder/README.md names.
MODEL_SHA256 = "257f8970bf244333faae52511c58844e0bcefc202f1a72c455f8a312cc26c794"
# A text message of 1,600 characters has some 400 word pieces; what lies beyond is cut off.
MOST_PIECES = 256


class SentenceEncoder:
    """Turns texts into rows of 384 numbers of length 1; near means alike."""

    def __init__(self, model: Path = ENCODER / "encoder.onnx") -> None:
        found = hashlib.sha256(model.read_bytes()).hexdigest()
        if found != MODEL_SHA256:
            raise ValueError(f"{model} is not the pinned encoder: its sha256 is {found}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one message takes some 4 ms; more threads only get in each other's way
        self._session = onnxruntime.InferenceSession(str(model), options)
        self._tokenizer = BertWordPieceTokenizer(str(ENCODER / "vocab.txt"), lowercase=True)
        self._tokenizer.enable_truncation(MOST_PIECES)

    @staticmethod
    @lru_cache(maxsize=1)
    def shared() -> SentenceEncoder:
        """This process's encoder."""
        return SentenceEncoder()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """One row for each text."""
        return np.stack([self._encode_one(text) for text in texts])

    @lru_cache(maxsize=8192)  # noqa: B019 - one encoder lives as long as the process; training asks for the same texts
    def _encode_one(self, text: str) -> np.ndarray:
        pieces = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        (hidden,) = self._session.run(None, {"input_ids": pieces, "attention_mask": np.ones_like(pieces)})
        mean = hidden[0].mean(axis=0)
        return (mean / max(float(np.linalg.norm(mean)), 1e-9)).astype(np.float32)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Gives each message its sentence vector as a dense feature."""

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoderFeaturizer:
        return cls(execution_context.node_name, config)

    @staticmethod
    def required_packages() -> list[str]:
        return ["onnxruntime", "tokenizers"]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """There is nothing to configure."""

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if text:
                self._add(message, SentenceEncoder.shared().encode([text]))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Every example; the session lets go of Python while it counts, so each processor takes its share."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for _ in pool.map(lambda example: self.process([example]), training_data.training_examples):
                pass
        return training_data

    def _add(self, message: Message, vector: np.ndarray) -> None:
        tokens = len(message.get("text_tokens") or [""])
        for kind, rows in ((FEATURE_TYPE_SEQUENCE, np.repeat(vector, tokens, axis=0)), (FEATURE_TYPE_SENTENCE, vector)):
            message.add_features(Features(rows, kind, TEXT, self._identifier))
