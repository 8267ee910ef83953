"""Teaches a network: passes over the messages, each time varied, with a step that warms up and then shrinks."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence

import torch

from bot.components.risk_network import Scores, scores_of
from bot.training.augment import JOINED, JOINED_LATE, Augmenter
from bot.training.messages import Labelled
from bot.training.network import Batch, Batcher, Network, loss_of

BATCH = 32
# In so many passes at the end the messages stand among others more often than not.
LATE_PASSES = 2
STEP, DECAY, WARM_UP = 1.5e-4, 0.01, 0.1
# A network that goes on learning takes smaller steps, or it forgets at first.
FURTHER_STEP = 8e-5


def fit(
    network: Network,
    messages: Sequence[Labelled],
    questions: Sequence[Labelled],
    passes: int,
    seed: int,
    highest: float = STEP,
    tell: Callable[[str], None] = print,
) -> Network:
    """The network when it has seen the messages and the bot's ordinary questions `passes` times.

    `highest`: the learning rate at its highest."""
    batcher = Batcher(network.answers)
    harmless = [message.text for message in [*messages, *questions] if message.level == "none" and not message.recent]
    augmenter = Augmenter(harmless, seed)
    learned = [weight for weight in network.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=highest, weight_decay=DECAY)
    steps = passes * ((len(messages) + len(questions)) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, highest, total_steps=steps + 1, pct_start=WARM_UP)
    for at in range(passes):
        started, losses = time.monotonic(), []
        joined = JOINED_LATE if at >= passes - LATE_PASSES else JOINED
        varied = [augmenter.vary(message, joined) for message in messages]
        # Among others, a question would want several answers.
        varied += [augmenter.vary(question, joined=0) for question in questions]
        for batch in _batches(varied, batcher, seed * 1000 + at):
            losses.append(_learn(network, batch, optimizer, learned))
            schedule.step()
        tell(f"pass {at + 1} of {passes}: loss {sum(losses) / len(losses):.3f}, {time.monotonic() - started:.0f} s")
    return network.eval()


def _learn(network: Network, batch: Batch, optimizer: torch.optim.Optimizer, learned: list) -> float:
    network.train()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = loss_of(network, batch)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learned, 1.0)
    optimizer.step()
    optimizer.zero_grad()
    return float(loss.detach())


def _batches(messages: Sequence[Labelled], batcher: Batcher, seed: int) -> Iterator[Batch]:
    """In random order, but with messages of about one length together: little is read in vain."""
    chosen = random.Random(seed)
    order = sorted(range(len(messages)), key=lambda at: len(messages[at].text) * chosen.uniform(0.7, 1.3))
    groups = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    chosen.shuffle(groups)
    for group in groups:
        yield batcher.batch([messages[at] for at in group])


def judge(network: Network, messages: Sequence[Labelled]) -> list[Scores]:
    """What the network makes of each message."""
    batcher, scores = Batcher(), {}
    order = sorted(range(len(messages)), key=lambda at: len(messages[at].text))
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            group = order[start : start + 64]
            outputs = network(**batcher.batch([messages[at] for at in group]).inputs)
            for row, at in enumerate(group):
                scores[at] = scores_of(*(output[row].numpy() for output in outputs))
    return [scores[at] for at in range(len(messages))]
