"""The network: MiniLM's encoder with four small heads, and how it learns.

A fifth head, which of the bot's answers a question wants, is there only while it learns: what is harmless is known by
what it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoModel

from bot.components.risk_network import CATEGORIES, SUBJECTS, URGENCIES, make_tokenizer, read_pieces
from bot.training.messages import Labelled

_LEVEL = {"likely": 1.0, "possible": 0.5, "none": 0.0}
# How much the other questions count beside whether there is a risk at all.
_SHARES = {"urgency": 0.8, "category": 0.6, "subject": 0.25, "answer": 0.5}
# The bot's ordinary questions are easily seen to be harmless, and many: each counts less than a message.
_QUESTION_COUNTS = 0.3
_ANSWERS = {"urgency": URGENCIES, "category": CATEGORIES, "subject": SUBJECTS}
_UNKNOWN = -100  # cross_entropy leaves these out


class Network(nn.Module):
    """Word pieces in; out come the raw answers to level (1), urgency (3), category (16) and subject (3)."""

    def __init__(self, encoder: Path, answers: Sequence[str] = ()) -> None:
        super().__init__()
        self.answers = tuple(answers)
        self.encoder = AutoModel.from_pretrained(encoder, attn_implementation="eager")
        self.encoder.embeddings.word_embeddings.weight.requires_grad = False  # rare words keep what they meant
        width = 2 * self.encoder.config.hidden_size
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.ModuleDict(
            {"level": nn.Linear(width, 1)} | {name: nn.Linear(width, len(kinds)) for name, kinds in _ANSWERS.items()}
        )
        self.answer = nn.Linear(self.encoder.config.hidden_size, len(self.answers))

    def forward(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor | None = None,
        with_answer: bool = False,
    ) -> tuple[Tensor, ...]:
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        hidden = self.encoder(
            input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask
        ).last_hidden_state
        seen = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * seen).sum(1) / seen.sum(1)
        most = (hidden - 1e4 * (1 - seen)).max(1).values
        pooled = self.dropout(torch.cat([mean, most], dim=1))
        found = tuple(self.heads[name](pooled) for name in ("level", *_ANSWERS))
        return (*found, self.answer(self.dropout(mean))) if with_answer else found


@dataclass(frozen=True)
class Batch:
    """Messages of about the same length as the network takes them, with their labels."""

    inputs: dict[str, Tensor]
    level: Tensor
    counts: Tensor
    others: dict[str, Tensor]


class Batcher:
    """Makes batches of messages; `answers` are those that a question may want, in the network's order."""

    def __init__(self, answers: Sequence[str] = ()) -> None:
        self._tokenizer = make_tokenizer()
        self._kinds = {**_ANSWERS, "answer": tuple(answers)}

    def batch(self, messages: Sequence[Labelled]) -> Batch:
        read = [read_pieces(self._tokenizer, message.text, message.recent) for message in messages]
        ids = [torch.tensor(pieces) for pieces, _ in read]
        padded = nn.utils.rnn.pad_sequence(ids, batch_first=True)
        inputs = {
            "input_ids": padded,
            "token_type_ids": nn.utils.rnn.pad_sequence([torch.tensor(sides) for _, sides in read], batch_first=True),
            "attention_mask": nn.utils.rnn.pad_sequence([torch.ones_like(one) for one in ids], batch_first=True),
        }
        others = {
            name: torch.tensor(
                [_UNKNOWN if (found := getattr(m, name)) is None else kinds.index(found) for m in messages]
            )
            for name, kinds in self._kinds.items()
        }
        levels = torch.tensor([_LEVEL[message.level] for message in messages])
        counts = torch.tensor([1.0 if message.answer is None else _QUESTION_COUNTS for message in messages])
        return Batch(inputs, levels, counts, others)


def loss_of(network: Network, batch: Batch) -> Tensor:
    """How wrong the answers are, all questions together."""
    level, *others = network(**batch.inputs, with_answer=True)
    total = nn.functional.binary_cross_entropy_with_logits(level.squeeze(1).float(), batch.level, batch.counts)
    for (name, right), raw in zip(batch.others.items(), others, strict=True):
        if bool((right != _UNKNOWN).any()):
            total = total + _SHARES[name] * nn.functional.cross_entropy(raw.float(), right, ignore_index=_UNKNOWN)
    return total
