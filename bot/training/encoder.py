"""`make encoder`: write the sentence encoder as int8 ONNX to data/encoder.

The copies of this model in packages keep their weights as int8 and count with floating-point numbers; written like this
it counts with int8 too and takes half the time.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from bot.training.export import TRIED, write_int8
from bot.training.weights import weights

ENCODER = Path(__file__).resolve().parents[2] / "data" / "encoder" / "encoder.onnx"


class Encoder(nn.Module):
    """Word pieces of texts in; out comes a vector for each piece, whose mean stands for the text."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(folder, attn_implementation="eager")

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        return self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=torch.zeros_like(input_ids)
        ).last_hidden_state


def main() -> None:
    ids = torch.tensor(TRIED)
    given = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    sha256 = write_int8(Encoder(weights()), given, {"hidden": {0: "messages", 1: "pieces"}}, ENCODER)
    print(f"written to {ENCODER}; now set MODEL_SHA256 in bot/components/sentence_encoder.py to\n{sha256}")


if __name__ == "__main__":
    main()
