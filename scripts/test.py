"""Every test, in the order in which they tell most soonest. Ends with 1 at the first part that fails.

python3 scripts/test.py
"""

import os
import subprocess
import sys
import time
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

PARTS: list[tuple[str, list[str], dict[str, str]]] = [
    (
        "unit and integration tests, on a real PostgreSQL",
        # Two at a time, each with a PostgreSQL of its own; the tests of a file stay together.
        [
            PYTHON,
            "-m",
            "pytest",
            "tests",
            "-m",
            "not stack and not browser",
            "--ignore=tests/rasa",
            "-n",
            "2",
            "--dist",
            "loadfile",
        ],
        {},
    ),
    ("tests in a real browser", [PYTHON, "-m", "pytest", "tests", "-m", "browser", "--ignore=tests/rasa"], {}),
    ("what families read", [PYTHON, "-m", "scripts.content"], {}),
    ("the bot's data", [RASA, "data", "validate", "--fail-on-warnings"], QUIET),
    ("training", [".venv/bin/gateway", "train"], {}),
    (
        "tests of Rasa's side",
        [RASA_PYTHON, "-m", "pytest", "-c", "bot/pyproject.toml", "--rootdir=.", "tests/rasa"],
        QUIET | {"PYTHONPATH": "."},
    ),
    (
        "conversation tests",
        [
            RASA,
            "test",
            "core",
            "--e2e",
            "--model",
            "models/gateway.tar.gz",
            "--stories",
            "tests/conversations",
            "--out",
            "var/conversation-tests",
            "--fail-on-prediction-errors",
        ],
        QUIET,
    ),
    ("the whole service, as a phone and a browser see it", [PYTHON, "-m", "pytest", "tests/stack", "-m", "stack"], {}),
]


def main() -> int:
    started = time.monotonic()
    for title, command, values in PARTS:
        print(f"\n=== {title}", flush=True)
        begun = time.monotonic()
        code = subprocess.run(command, cwd=ROOT, env=os.environ | values).returncode
        print(f"=== {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - begun:.0f} s: {title}", flush=True)
        if code:
            return 1
    print(f"\nAll passed in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
