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


def export(network: Network, folder: Path, described: dict[str, Any]) -> None:
    """Write risk.onnx and risk.json into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        exact = Path(work) / "exact.onnx"
        _write_exact(network, exact)
        quantize_dynamic(exact, folder / "risk.onnx", weight_type=QuantType.QInt8, per_channel=True)
    sha256 = hashlib.sha256((folder / "risk.onnx").read_bytes()).hexdigest()
    described = {"sha256": sha256, **described}
    (folder / "risk.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")


def _write_exact(network: Network, path: Path) -> None:
    ids = torch.tensor([[101, 2054, 102, 2055, 102]] * 2)
    words = {0: "messages", 1: "pieces"}
    torch.onnx.export(
        network.eval(),
        (ids, torch.zeros_like(ids), torch.ones_like(ids)),
        str(path),
        input_names=list(INPUTS),
        output_names=list(OUTPUTS),
        dynamic_axes={name: words for name in INPUTS} | {name: {0: "messages"} for name in OUTPUTS},
        opset_version=17,
        dynamo=False,
    )
