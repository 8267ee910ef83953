"""`make safeguarding`: teach the risk network anew and write it to data/safeguarding/model."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch

from bot.training import curve
from bot.training.export import export
from bot.training.fit import FURTHER_STEP, STEP, fit, judge
from bot.training.further import read_into
from bot.training.messages import Labelled, read_labelled, read_questions
from bot.training.network import Network
from bot.training.weights import weights

ROOT = Path(__file__).resolve().parents[2]
DATA, NLU = ROOT / "data" / "safeguarding", ROOT / "data" / "nlu"
# Answers whose examples tell of a worry as often as not: neither harmless nor labelled.
NOT_HARMLESS = frozenset(
    [
        "report_concern", "searches/forced_to_bring", "contact/break_bad_news", "contact/unwanted_contact",
        "safety/danger_now", "safety/who_to_tell", "support/cannot_cope", "support/domestic_abuse",
        "support/men_abused", "support/lgbt_abuse", "support/wales_abuse", "support/silent_999",
        "support/child_needs_to_talk",
    ]
)  # fmt: skip


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bot.training", description=__doc__)
    options.add_argument("--passes", type=int, default=6, help="how often each message is seen (default 6)")
    options.add_argument("--seed", type=int, default=1, help="of everything drawn at random (default 1)")
    options.add_argument(
        "--further", action="store_true", help="go on with the network in use instead of MiniLM's weights"
    )
    options.add_argument("--to", type=Path, default=DATA / "model", help="where the network is written")
    given = options.parse_args()

    messages = read_labelled(DATA / "messages.jsonl")
    learned = [message for message in messages if not message.is_validation]
    kept = [message for message in messages if message.is_validation]
    questions = read_questions(NLU, NOT_HARMLESS)
    print(f"{len(learned)} messages and {len(questions)} ordinary questions to learn from, "
          f"{len(kept)} messages kept to choose the thresholds on", flush=True)  # fmt: skip
    torch.manual_seed(given.seed)
    network = Network(weights(), sorted({str(question.answer) for question in questions}))
    if given.further:
        read_into(network, DATA / "model" / "risk.onnx")
    highest = FURTHER_STEP if given.further else STEP
    fit(network, learned, questions, given.passes, given.seed, highest, lambda line: print(line, flush=True))
    described = {
        "messages": len(learned),
        "questions": len(questions),
        "passes": given.passes,
        "further": given.further,
        "seed": given.seed,
        **measured(kept, judge(network, kept)),
    }
    export(network, given.to, described)
    print(f"written to {given.to}; now choose Thresholds in bot/components/safeguarding_risk.py, then `make train`")


def measured(kept: list[Labelled], scores: list) -> dict:
    """The curves and the thresholds that they suggest, printed and given back."""
    level, emergency = curve.level_curve(kept, scores), curve.emergency_curve(kept, scores)
    suggested = {
        "possible": curve.highest_that_finds(level, curve.FOUND),
        "likely": curve.lowest_that_spares(level, curve.FALSELY_RECORDED),
        "emergency": curve.highest_that_finds(emergency, curve.CALLED_EMERGENCY),
    }
    print(curve.table("worries found, and harmless messages taken for one", level))
    print(curve.table("emergencies found, and other worries called one", emergency))
    print("suggested:", json.dumps(suggested), flush=True)
    return {
        "suggested": suggested,
        "curve": [vars(step) for step in level],
        "emergencies": [vars(step) for step in emergency],
    }


if __name__ == "__main__":
    main()
