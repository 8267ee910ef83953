"""Writes a network as int8 ONNX, with a description that pins it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from bot.components.risk_network import INPUTS, OUTPUTS
from bot.training.network import Network

# Any text: while a network is written, it is tried on two of the same length.
TRIED = [[101, 2054, 102, 2055, 102]] * 2


def export(network: Network, folder: Path, described: dict[str, Any]) -> None:
    """Write risk.onnx and risk.json into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = torch.tensor(TRIED)
    given = dict(zip(INPUTS, (ids, torch.zeros_like(ids), torch.ones_like(ids)), strict=True))
    sha256 = write_int8(network, given, {name: {0: "messages"} for name in OUTPUTS}, folder / "risk.onnx")
    described = {"sha256": sha256, **described}
    (folder / "risk.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def write_int8(
    module: torch.nn.Module, given: dict[str, torch.Tensor], gives: dict[str, dict[int, str]], path: Path
) -> str:
    """Write a network that takes rows of word pieces, with its weights as int8. Gives the file's sha256.

    `gives`: its outputs, each with the names of the dimensions that vary.
    """
    with tempfile.TemporaryDirectory() as work:
        exact = Path(work) / "exact.onnx"
        _write_exact(module, given, gives, exact)
        quantize_dynamic(exact, path, weight_type=QuantType.QInt8, per_channel=True)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_exact(
    module: torch.nn.Module, given: dict[str, torch.Tensor], gives: dict[str, dict[int, str]], path: Path
) -> None:
    words = {0: "messages", 1: "pieces"}
    torch.onnx.export(
        module.eval(),
        tuple(given.values()),
        str(path),
        input_names=list(given),
        output_names=list(gives),
        dynamic_axes={name: words for name in given} | gives,
        opset_version=17,
        dynamo=False,
    )
