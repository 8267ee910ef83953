"""Every test, in the order in which they tell most soonest. Ends with 1 at the first part that fails.

python3 scripts/test.py
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON, RASA, RASA_PYTHON = ".venv/bin/python", "bot/.venv/bin/rasa", "bot/.venv/bin/python"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "ACTIONS_URL": "http://127.0.0.1:5055",
    "RASA_TRACKER_URL": "unused",
    "LOG_LEVEL": "WARNING",
}

Part = tuple[str, list[str], dict[str, str]]
UNIT: Part = (
    "unit and integration tests, on a real PostgreSQL",
    # Two at a time, each with a PostgreSQL of its own; the tests of a file stay together.
    [
        *(PYTHON, "-m", "pytest", "tests", "-m", "not stack and not browser", "--ignore=tests/rasa"),
        *("-n", "2", "--dist", "loadfile"),
    ],
    {},
)
BROWSER: Part = (
    "tests in a real browser",
    [PYTHON, "-m", "pytest", "tests", "-m", "browser", "--ignore=tests/rasa"],
    {},
)
CONTENT: Part = ("what families read", [PYTHON, "-m", "scripts.content"], {})
VALIDATE: Part = ("the bot's data", [RASA, "data", "validate", "--fail-on-warnings"], QUIET)
# The conversation tests below are all that the first model is asked.
TRAIN: Part = (
    "training",
    ["sh", "-c", ".venv/bin/gateway train $(test -f models/gateway.tar.gz || echo --unjudged)"],
    {},
)
RASA_SIDE: Part = (
    "tests of Rasa's side",
    [RASA_PYTHON, "-m", "pytest", "-c", "bot/pyproject.toml", "--rootdir=.", "tests/rasa"],
    QUIET | {"PYTHONPATH": "."},
)
CONVERSATIONS: Part = (
    "conversation tests",
    [
        *(RASA, "test", "core", "--e2e", "--model", "models/gateway.tar.gz", "--stories", "tests/conversations"),
        *("--out", "var/conversation-tests", "--fail-on-prediction-errors"),
    ],
    QUIET,
)
STACK: Part = (
    "the whole service, as a phone and a browser see it",
    [PYTHON, "-m", "pytest", "tests/stack", "-m", "stack"],
    {},
)
# One stage after the other; the lanes of a stage run side by side.
STAGES: list[list[list[Part]]] = [
    [[UNIT]],
    [[BROWSER], [CONTENT, VALIDATE, TRAIN]],
    [[STACK], [RASA_SIDE, CONVERSATIONS]],
]


def main() -> int:
    started = time.monotonic()
    if not all(_stage_passes(lanes) for lanes in STAGES):
        return 1
    print(f"\nAll passed in {time.monotonic() - started:.0f} s.")
    return 0


def _stage_passes(lanes: list[list[Part]]) -> bool:
    # What two write at once nobody can read: then each part is shown when it has ended.
    alone = len(lanes) == 1
    with ThreadPoolExecutor(len(lanes)) as side_by_side:
        return all(list(side_by_side.map(lambda lane: all(_passes(part, alone) for part in lane), lanes)))


def _passes(part: Part, alone: bool) -> bool:
    title, command, values = part
    print(f"\n=== {title}{'' if alone else ' …'}", flush=True)
    begun = time.monotonic()
    told = None if alone else subprocess.PIPE
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | values, stdout=told, stderr=subprocess.STDOUT if told else None, text=True
    )
    result = "passed" if done.returncode == 0 else "FAILED"
    shown = f"\n{done.stdout.rstrip()}\n" if done.stdout else ""
    print(f"{shown}=== {result} in {time.monotonic() - begun:.0f} s: {title}", flush=True)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
