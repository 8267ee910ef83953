"""The learned half of safeguarding: logistic regressions over a sentence vector, words and letters.

Four questions, one model each: is there a risk (`level`), and if so how soon must somebody act (`urgency`), what is it
(`category`), and whom does it concern (`subject`). A model is JSON and plain arrays: nothing in it is code.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import scipy.sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

QUESTIONS = ("level", "urgency", "category", "subject")
NONE, POSSIBLE, LIKELY = "none", "possible", "likely"
# Chosen by cross-validation (data/safeguarding/README.md): how closely to follow the examples, and the weight of the
# sentence vector beside words and letters, which have length 1.
_CLOSENESS = 10.0
_VECTOR_WEIGHT = 1.2
_PART_WEIGHT = 0.5  # of a clause of a harmless message beside the message itself
_VECTORIZERS = {
    "words": {"ngram_range": (1, 2), "token_pattern": r"(?u)\S+", "sublinear_tf": True},
    "letters": {"analyzer": "char_wb", "ngram_range": (2, 4), "min_df": 2, "sublinear_tf": True},
}


class Encoder(Protocol):
    """Turns texts into rows of numbers; near means alike."""

    def encode(self, texts: Sequence[str]) -> np.ndarray: ...


@dataclass(frozen=True)
class Passage:
    """A message, or one clause of it: as written, and in standard spelling without harmless turns of phrase."""

    text: str
    plain: str


@dataclass(frozen=True)
class Example:
    """A passage with the right answers. Those to the other questions are None where the level is none."""

    passage: Passage
    level: str
    urgency: str | None = None
    category: str | None = None
    subject: str | None = None
    is_part: bool = False


Scores = dict[str, dict[str, float]]


class RiskModel:
    """Answers the four questions with a probability for each answer."""

    def __init__(self, encoder: Encoder, version: str) -> None:
        self.version = version
        self._encoder = encoder
        self._vectorizers: dict[str, TfidfVectorizer] = {}
        self._answers: dict[str, list[str]] = {}
        self._weights: dict[str, np.ndarray] = {}
        self._bias: dict[str, np.ndarray] = {}

    @classmethod
    def train(cls, examples: Sequence[Example], encoder: Encoder, version: str) -> RiskModel:
        model = cls(encoder, version)
        plain = [example.passage.plain for example in examples]
        model._vectorizers = {name: TfidfVectorizer(**options).fit(plain) for name, options in _VECTORIZERS.items()}
        rows = model._features([example.passage for example in examples])
        for question in QUESTIONS:
            model._learn(question, examples, rows)
        return model

    def _learn(self, question: str, examples: Sequence[Example], rows: scipy.sparse.csr_matrix) -> None:
        answers = [getattr(example, question) for example in examples]
        known = [at for at, answer in enumerate(answers) if answer is not None]
        weights = [_PART_WEIGHT if examples[at].is_part else 1.0 for at in known]
        learner = LogisticRegression(C=_CLOSENESS, max_iter=500, multi_class="multinomial")
        learner.fit(rows[known], [answers[at] for at in known], sample_weight=weights)
        coefficients, bias = learner.coef_, learner.intercept_
        if len(learner.classes_) == 2:  # one row stands for both answers
            coefficients, bias = np.vstack([-coefficients, coefficients]), np.hstack([-bias, bias])
        self._answers[question] = [str(answer) for answer in learner.classes_]
        self._weights[question] = np.ascontiguousarray(coefficients.T, dtype=np.float32)
        self._bias[question] = bias.astype(np.float32)

    def _features(self, passages: Sequence[Passage], with_vectors: bool = True) -> scipy.sparse.csr_matrix:
        plain = [passage.plain for passage in passages]
        parts = [vectorizer.transform(plain) for vectorizer in self._vectorizers.values()]
        if with_vectors:
            vectors = self._encoder.encode([passage.text for passage in passages])
            parts.append(scipy.sparse.csr_matrix(vectors * _VECTOR_WEIGHT))
        return scipy.sparse.hstack(parts).tocsr().astype(np.float32)

    def judge(self, passages: Sequence[Passage]) -> list[Scores]:
        """For each passage, each question's answers with their probabilities."""
        rows = self._features(passages)
        scores: list[Scores] = [{} for _ in passages]
        for question, answers in self._answers.items():
            raw = rows @ self._weights[question] + self._bias[question]
            raised = np.exp(raw - raw.max(axis=1, keepdims=True))
            for score, row in zip(scores, raised / raised.sum(axis=1, keepdims=True), strict=True):
                score[question] = dict(zip(answers, row.tolist(), strict=True))
        return scores

    def riskiest(self, passages: Sequence[Passage], most: int) -> list[Passage]:
        """The passages that by their words alone look most like a risk: a cheap first look at long messages."""
        if len(passages) <= most:
            return list(passages)
        rows = self._features(passages, with_vectors=False)
        weights = self._weights["level"][: rows.shape[1]]
        harmless = self._answers["level"].index(NONE)
        order = np.argsort((rows @ weights)[:, harmless])
        return [passages[at] for at in sorted(order[:most])]

    def save(self, folder: Path) -> None:
        vocabularies = {
            name: {"terms": sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)}
            for name, vectorizer in self._vectorizers.items()
        }
        content = {"version": self.version, "answers": self._answers, "vocabularies": vocabularies}
        (folder / "risk.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        arrays = {f"weights_{question}": weights for question, weights in self._weights.items()}
        arrays |= {f"bias_{question}": bias for question, bias in self._bias.items()}
        arrays |= {f"idf_{name}": vectorizer.idf_ for name, vectorizer in self._vectorizers.items()}
        np.savez_compressed(folder / "risk.npz", **arrays)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder) -> RiskModel:
        content = json.loads((folder / "risk.json").read_text(encoding="utf-8"))
        arrays = np.load(folder / "risk.npz", allow_pickle=False)
        model = cls(encoder, content["version"])
        model._answers = content["answers"]
        for name, options in _VECTORIZERS.items():
            vectorizer = TfidfVectorizer(**options, vocabulary=content["vocabularies"][name]["terms"])
            vectorizer.idf_ = arrays[f"idf_{name}"]
            model._vectorizers[name] = vectorizer
        for question in QUESTIONS:
            model._weights[question], model._bias[question] = arrays[f"weights_{question}"], arrays[f"bias_{question}"]
        return model
