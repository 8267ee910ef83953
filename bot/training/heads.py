"""`make heads`: fit the network's four heads anew on all messages, its encoder left as it is.

For messages that were added since the network was taught: it takes minutes, where teaching it takes an hour.
The heads are held near to what they were, as the encoder and they have learned together.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, softplus

from bot.components.risk_network import (
    CATEGORIES,
    INPUTS,
    OUTPUTS,
    SUBJECTS,
    URGENCIES,
    make_tokenizer,
    read_pieces,
    scores_of,
)
from bot.training.__main__ import DATA, NLU, NOT_HARMLESS, measured
from bot.training.messages import Labelled, read_labelled, read_questions

ANSWERS = {"urgency": URGENCIES, "category": CATEGORIES, "subject": SUBJECTS}
# What the encoder makes of a message, which the heads read.
POOLED = "/Concat_output_0"
_LEVEL = {"likely": 1.0, "possible": 0.5, "none": 0.0}
# One in so many of the ordinary questions, and how much they count beside the messages.
ONE_QUESTION_IN, QUESTIONS_COUNT = 5, 0.3
UNKNOWN = -100  # cross_entropy leaves these out
Head = tuple[Tensor, Tensor]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bot.training.heads", description=__doc__)
    options.add_argument("--near", type=float, default=3e-3, help="how near the heads are held (default 0.003)")
    heads = ("level", *ANSWERS)
    options.add_argument("--heads", nargs="+", choices=heads, default=heads, help="which of them (default all)")
    given = options.parse_args()
    file, beside = DATA / "model" / "risk.onnx", DATA / "model" / "risk.json"
    network = onnx.load(str(file))
    messages = read_labelled(DATA / "messages.jsonl")
    learned = [message for message in messages if not message.is_validation]
    kept = [message for message in messages if message.is_validation]
    questions = read_questions(NLU, NOT_HARMLESS)[::ONE_QUESTION_IN]
    seen, harmless = pooled(network, learned), pooled(network, questions)
    for name in given.heads:
        before = head(network, name)
        put(network, name, fitted(name, before, seen, learned, harmless, given.near))
    onnx.save(network, str(file))
    described = json.loads(beside.read_text(encoding="utf-8"))
    described |= {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "heads_fitted_on": len(learned)}
    described |= measured(kept, judged(network, kept))
    beside.write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    print(f"written to {file}; now choose Thresholds in bot/components/safeguarding_risk.py, then `make train`")


def pooled(network: onnx.ModelProto, messages: Sequence[Labelled]) -> Tensor:
    """What the heads read of each message, one row each."""
    return torch.tensor(np.concatenate([row[0] for row in _run(network, messages, [POOLED])]))


def judged(network: onnx.ModelProto, messages: Sequence[Labelled]) -> list:
    """The probabilities of each message's answers."""
    return [scores_of(*(answer[0] for answer in row)) for row in _run(network, messages, list(OUTPUTS))]


def _run(network: onnx.ModelProto, messages: Sequence[Labelled], gives: list[str]) -> list[list[np.ndarray]]:
    opened = onnx.ModelProto()
    opened.CopyFrom(network)
    opened.graph.output.append(onnx.helper.make_tensor_value_info(POOLED, onnx.TensorProto.FLOAT, None))
    session, tokenizer = onnxruntime.InferenceSession(opened.SerializeToString()), make_tokenizer()
    found = []
    for message in messages:
        ids, sides = read_pieces(tokenizer, message.text, message.recent)
        rows = (np.array([row], dtype=np.int64) for row in (ids, sides, [1] * len(ids)))
        found.append(session.run(gives, dict(zip(INPUTS, rows, strict=True))))
    return found


def head(network: onnx.ModelProto, name: str) -> Head:
    """A head's weights and bias, out of their int8 form."""
    whole = {one.name: numpy_helper.to_array(one) for one in network.graph.initializer}
    part = f"heads.{name}.weight"
    weights = whole[f"{part}_quantized"].astype(np.float32) - whole[f"{part}_zero_point"].astype(np.float32)
    return torch.tensor(weights * whole[f"{part}_scale"]), torch.tensor(whole[f"heads.{name}.bias"])


def put(network: onnx.ModelProto, name: str, fitted: Head) -> None:
    """Write a head's weights, as int8 for each answer, and its bias."""
    weights, part = fitted[0].numpy(), f"heads.{name}.weight"
    scale = np.abs(weights).max(axis=0) / 127
    new = {
        f"{part}_quantized": np.round(weights / scale).astype(np.int8),
        f"{part}_zero_point": np.zeros(len(scale), dtype=np.int8),
        f"{part}_scale": scale.astype(np.float32),
        f"heads.{name}.bias": fitted[1].numpy(),
    }
    for one in network.graph.initializer:
        if one.name in new:
            one.CopyFrom(numpy_helper.from_array(new[one.name], one.name))


def fitted(name: str, before: Head, seen: Tensor, messages: Sequence[Labelled], harmless: Tensor, near: float) -> Head:
    """The head that answers best, its distance from what it was counted as a fault."""
    weights, bias = (part.clone().requires_grad_() for part in before)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=120, line_search_fn="strong_wolfe")
    right = _right(name, messages)

    def fault() -> Tensor:
        optimizer.zero_grad()
        raw = seen @ weights + bias
        if name == "level":
            wrong = binary_cross_entropy_with_logits(raw[:, 0], right)
            wrong = wrong + QUESTIONS_COUNT * softplus(harmless @ weights + bias).mean()
        else:
            wrong = cross_entropy(raw, right, ignore_index=UNKNOWN)
        wrong = wrong + near * ((weights - before[0]) ** 2).sum()
        wrong.backward()
        return wrong

    optimizer.step(fault)
    return weights.detach(), bias.detach()


def _right(name: str, messages: Sequence[Labelled]) -> Tensor:
    if name == "level":
        return torch.tensor([_LEVEL[message.level] for message in messages])
    kinds = ANSWERS[name]
    return torch.tensor(
        [kinds.index(getattr(message, name)) if getattr(message, name) else UNKNOWN for message in messages]
    )


if __name__ == "__main__":
    main()
