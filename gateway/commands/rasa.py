"""`gateway rasa`, and what every start of Rasa needs: its own environment, its model, what that was made from."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

from gateway.commands.errors import stop
from gateway.config import ROOT, settings
from gateway.db import database_url

RASA = ROOT / "bot" / ".venv" / "bin" / "rasa"
MODELS = ROOT / "models"
MODEL = MODELS / "gateway.tar.gz"
FINGERPRINT = MODELS / "gateway.sha256"
# What a model depends on.
LEARNT_FROM = (
    "config.yml",
    "domain.yml",
    "data/nlu",
    "data/rules",
    "data/stories",
    "data/safeguarding",
    "data/encoder",
    "bot",
    "requirements/rasa.txt",
)
# A database that takes no connections is found out in less time than the worker gives Rasa for a turn.
CONNECT_SECONDS = 5
# Rasa has no use for them.
KEYS = ("SECRET_KEY", "DATA_KEYS")
_SUFFIXES = (".yml", ".py", ".txt", ".jsonl", ".json", ".onnx")


def fingerprint() -> str:
    """Changes when the model must be trained anew."""
    digest = hashlib.sha256()
    for path in sorted(_files()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for name in LEARNT_FROM:
        if (ROOT / name).is_file():
            yield ROOT / name
        for folder, inside, files in os.walk(ROOT / name):
            inside[:] = [one for one in inside if not one.startswith((".", "__"))]  # environments and caches
            yield from (Path(folder, file) for file in files if Path(file).suffix in _SUFFIXES)


def is_trained() -> bool:
    """Whether the model fits the data as it stands."""
    return MODEL.exists() and FINGERPRINT.exists() and FINGERPRINT.read_text() == fingerprint()


def environment() -> dict[str, str]:
    """What Rasa's files name as ${…}, and what keeps Rasa from talking to anybody else."""
    return {
        **{name: value for name, value in os.environ.items() if name not in KEYS},
        "ACTIONS_URL": settings().actions_url.rstrip("/"),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
    }


def tracker_url(address: str) -> str:
    """Rasa keeps its conversations in the same database, in a schema of its own. It does not wait for ever for it."""
    sign = "&" if urlsplit(address).query else "?"
    return f"{address}{sign}connect_timeout={CONNECT_SECONDS}&options={quote('-csearch_path=rasa')}"


def rasa() -> None:
    """Serve the bot to the worker at RASA_URL. It must not be reachable from outside."""
    if not MODEL.exists():
        stop("There is no model. Run: make train")
    address = urlsplit(settings().rasa_url)
    os.chdir(ROOT)
    command = [
        str(RASA),
        "run",
        "--model",
        str(MODEL),
        "--interface",
        address.hostname or "127.0.0.1",
        "--port",
        str(address.port or 5005),
        "--credentials",
        "credentials.yml",
        "--endpoints",
        "endpoints.yml",
    ]
    # At INFO and above Rasa prints no message; LOG_LEVEL keeps anybody from turning that up by accident.
    os.execve(
        str(RASA), command, {**environment(), "RASA_TRACKER_URL": tracker_url(database_url()), "LOG_LEVEL": "WARNING"}
    )
