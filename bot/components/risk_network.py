"""The learned half of safeguarding: all-MiniLM-L6-v2, taught on labelled messages what a worry is (int8, onnxruntime).

It answers four questions: is there a risk (`level`), and if so how soon must somebody act (`urgency`), what is it
(`category`), and whom does it concern (`subject`). Trained by bot/training, described beside
the file (data/safeguarding/model/README.md).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import BertWordPieceTokenizer, Encoding

NONE, POSSIBLE, LIKELY = LEVELS = ("none", "possible", "likely")
URGENCIES = ("routine", "urgent", "emergency")
CATEGORIES = (
    "self_harm_suicide", "violence_bullying", "debt_threats", "drugs", "mental_health", "physical_health",
    "missing_contact_worry", "food_refusal", "sexual_abuse", "staff_abuse", "child_safeguarding", "caller_risk",
    "threat_by_prisoner", "bereavement_news", "release_risk", "other",
)  # fmt: skip
SUBJECTS = ("prisoner", "caller", "other")
VOCABULARY = Path(__file__).resolve().parents[2] / "data" / "encoder" / "vocab.txt"
# What was said before is read from its end, what is said now from its beginning.
MOST_PIECES, MOST_RECENT_PIECES = 192, 64
# A longer message is read in stretches that overlap, so that no worry is cut in two.
_STRETCH, _OVERLAP = 700, 150
INPUTS = ("input_ids", "token_type_ids", "attention_mask")
OUTPUTS = ("level", "urgency", "category", "subject")

Scores = dict[str, dict[str, float]]


def clean(text: str) -> str:
    """One form for what is written in several: letters, quotation marks, stretched words."""
    text = unicodedata.normalize("NFKC", text).replace("\u2019", "'").replace("\u2018", "'").replace("`", "'")
    return re.sub(r"([^\W\d_])\1{2,}", r"\1\1", text)


def make_tokenizer(vocabulary: Path = VOCABULARY) -> BertWordPieceTokenizer:
    return BertWordPieceTokenizer(str(vocabulary), lowercase=True)


def read_pieces(
    tokenizer: BertWordPieceTokenizer, text: str, recent: Sequence[str] = ()
) -> tuple[list[int], list[int]]:
    """The word pieces of a message and of those before it, and to which of the two (1 and 0) each belongs."""
    now = tokenizer.encode(clean(text)).ids
    now = [*now[: MOST_PIECES - 1], now[-1]] if len(now) > MOST_PIECES else now
    if not recent:
        return now, [0] * len(now)
    before: Encoding = tokenizer.encode(clean(" \n ".join(recent)))
    ids = [before.ids[0], *before.ids[1:][-MOST_RECENT_PIECES:]]
    return ids + now[1:], [0] * len(ids) + [1] * (len(now) - 1)


class RiskNetwork:
    """Answers the four questions with a probability for each answer."""

    def __init__(self, folder: Path) -> None:
        """Load what bot/training wrote. Raises ValueError when the network is not the one described beside it."""
        import onnxruntime

        network, self.described = folder / "risk.onnx", json.loads((folder / "risk.json").read_text(encoding="utf-8"))
        found = hashlib.sha256(network.read_bytes()).hexdigest()
        if found != self.described["sha256"]:
            raise ValueError(f"{network} is not the network that risk.json describes: its sha256 is {found}")
        self.version: str = found[:12]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # a message takes some 5 ms; more threads only get in each other's way
        self._session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
        self._tokenizer = make_tokenizer()

    def judge(self, text: str, recent: Sequence[str] = ()) -> Scores:
        """Each question's answers with their probabilities; of a long message, those of its riskiest stretch."""
        read = self._run([(stretch, recent) for stretch in stretches(text)])
        return max(read, key=lambda scores: scores["level"][LIKELY])

    def _run(self, texts: Sequence[tuple[str, Sequence[str]]]) -> list[Scores]:
        read = [read_pieces(self._tokenizer, text, recent) for text, recent in texts]
        shape = (len(read), max(len(ids) for ids, _ in read))
        given = {name: np.zeros(shape, dtype=np.int64) for name in INPUTS}
        for row, (ids, sides) in enumerate(read):
            for name, values in zip(INPUTS, (ids, sides, [1] * len(ids)), strict=True):
                given[name][row, : len(ids)] = values
        answers = self._session.run(list(OUTPUTS), given)
        return [scores_of(*(answer[row] for answer in answers)) for row in range(len(read))]


def scores_of(level: Any, urgency: Any, category: Any, subject: Any) -> Scores:
    """The network's raw answers to one message as probabilities."""
    likely = 1 / (1 + float(np.exp(-level[0])))
    return {
        "level": {LIKELY: likely, NONE: 1 - likely},
        "urgency": _shares(URGENCIES, urgency),
        "category": _shares(CATEGORIES, category),
        "subject": _shares(SUBJECTS, subject),
    }


def _shares(answers: Sequence[str], raw: Any) -> dict[str, float]:
    raised = np.exp(raw - np.max(raw))
    return dict(zip(answers, (raised / raised.sum()).tolist(), strict=True))


def stretches(text: str) -> list[str]:
    """The stretches in which a message is read: nearly always one."""
    if len(text) <= _STRETCH:
        return [text]
    return [text[at : at + _STRETCH] for at in range(0, len(text) - _OVERLAP, _STRETCH - _OVERLAP)]
