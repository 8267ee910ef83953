"""A network as it was written, read back to learn further: its int8 weights are taken as they are.

What it learns is then taken half: the mean of its weights before and after ranks unseen messages better than either
(data/safeguarding/model/README.md).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import ModelProto, NodeProto, numpy_helper
from torch import Tensor

from bot.training.network import Network


def read_into(network: Network, file: Path) -> None:
    """Give a new network the weights of the one in `file`. The head for answers, which is not written, stays new.

    Raises ValueError when a weight is missing there."""
    found = weights_of(onnx.load(str(file)))
    wanted = {name: weight for name, weight in network.state_dict().items() if not name.startswith("answer.")}
    # The pooler is part of every such encoder, and nothing here reads it.
    if missing := [name for name in wanted if name not in found and ".pooler." not in name]:
        raise ValueError(f"{file} lacks {', '.join(missing)}")
    network.load_state_dict({name: found[name] for name in wanted if name in found}, strict=False)


def take_half(network: Network, before: dict[str, Tensor]) -> None:
    """Put each weight midway between what it was and what it has become. `before`: as `state_dict` gave it, copied."""
    after = network.state_dict()
    network.load_state_dict(
        {name: (before[name] + after[name]) / 2 if after[name].is_floating_point() else after[name] for name in after}
    )


def weights_of(model: ModelProto) -> dict[str, Tensor]:
    """All weights by their names in torch, as floating-point numbers."""
    stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    named = {name: torch.tensor(values) for name, values in stored.items() if values.dtype == np.float32}
    made_by = {output: node for node in model.graph.node for output in node.output}
    for name in [name for name in named if name.endswith(".bias")]:
        factor = _factor(model, name, made_by)
        if factor:
            named[name.removesuffix("bias") + "weight"] = _exact(stored, factor).T.contiguous()
    for name in [name.removesuffix("_quantized") for name in stored if "embeddings.weight_quantized" in name]:
        named[name] = _exact(stored, name)
    return named


def _factor(model: ModelProto, bias: str, made_by: dict[str, NodeProto]) -> str | None:
    """The matrix whose product this bias is added to; it has lost its name when it was turned over."""
    added = [node for node in model.graph.node if node.op_type == "Add" and bias in node.input]
    at = [name for node in added for name in node.input if name != bias]
    while at:
        node = made_by.get(at.pop(0))
        if node is None or node.op_type not in ("Mul", "Cast", "MatMulInteger"):
            continue
        if node.op_type == "MatMulInteger":
            return node.input[1].removesuffix("_quantized")
        at = [*node.input, *at]
    return None


def _exact(stored: dict[str, np.ndarray], name: str) -> Tensor:
    shifted = stored[f"{name}_quantized"].astype(np.float32) - stored[f"{name}_zero_point"].astype(np.float32)
    return torch.tensor(shifted * stored[f"{name}_scale"])
