"""What each threshold would give on messages that the network has not learned from, and which to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.components.risk_network import LIKELY, NONE, Scores
from bot.training.messages import Labelled

STEPS = (0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
# The promise: so many of the worries are asked about or recorded; of the harmless ones at most so many are recorded.
FOUND, FALSELY_RECORDED = 0.99, 0.05
# Of the emergencies so many are called one.
CALLED_EMERGENCY = 0.95


@dataclass(frozen=True)
class Step:
    """At a threshold: the share of worries found, and of harmless messages taken for one."""

    threshold: float
    found: float
    falsely: float


def level_curve(messages: Sequence[Labelled], scores: Sequence[Scores]) -> list[Step]:
    """For the probability that a message is a concern."""
    return _curve(
        [score["level"][LIKELY] for m, score in zip(messages, scores, strict=True) if m.level == LIKELY],
        [score["level"][LIKELY] for m, score in zip(messages, scores, strict=True) if m.level == NONE],
    )


def emergency_curve(messages: Sequence[Labelled], scores: Sequence[Scores]) -> list[Step]:
    """For the probability that a concern is an emergency; `falsely` is the share of the other concerns."""
    told = [(m.urgency, s["urgency"]["emergency"]) for m, s in zip(messages, scores, strict=True) if m.level == LIKELY]
    return _curve(
        [p for urgency, p in told if urgency == "emergency"], [p for urgency, p in told if urgency != "emergency"]
    )


def _curve(right: Sequence[float], wrong: Sequence[float]) -> list[Step]:
    def share(found: Sequence[float], threshold: float) -> float:
        return sum(p >= threshold for p in found) / max(len(found), 1)

    return [Step(threshold, share(right, threshold), share(wrong, threshold)) for threshold in STEPS]


def highest_that_finds(curve: Sequence[Step], share: float) -> float:
    """The highest threshold at which at least this share is found; the lowest there is when none does."""
    return max((step.threshold for step in curve if step.found >= share), default=STEPS[0])


def lowest_that_spares(curve: Sequence[Step], share: float) -> float:
    """The lowest threshold at which at most this share of the others is taken falsely."""
    return min((step.threshold for step in curve if step.falsely <= share), default=STEPS[-1])


def table(title: str, curve: Sequence[Step]) -> str:
    lines = [f"{step.threshold:9.2f}  {step.found:7.1%}  {step.falsely:7.1%}" for step in curve]
    return "\n".join([title, "threshold    found  falsely", *lines])
