"""Where the trained component's probabilities become decisions: its defaults, with what config.yml sets instead."""

import json
import subprocess

import yaml

from evaluation.service import ROOT

_COMPONENT = "bot.components.safeguarding.Safeguarding"
# The component lives in Rasa's environment; only Python there can read it.
_ASK = (
    "import json, dataclasses; from bot.components.safeguarding_risk import Thresholds; "
    "print(json.dumps(dataclasses.asdict(Thresholds())))"
)


def thresholds() -> dict[str, float]:
    """Each threshold by its name."""
    done = subprocess.run(
        [ROOT / "bot" / ".venv" / "bin" / "python", "-c", _ASK], cwd=ROOT, capture_output=True, text=True, check=True
    )
    parts = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    ours = next(part for part in parts if part["name"] == _COMPONENT)
    return {**json.loads(done.stdout), **ours.get("thresholds", {})}
