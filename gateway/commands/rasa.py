"""`gateway train` and `gateway rasa`: everything that starts Rasa, in its own environment."""

import hashlib
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import typer

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
_STEP = re.compile(r"(Starting to train|Finished training) component '(\w+)'|Restored component '(\w+)' from cache")


def fingerprint() -> str:
    """Changes when the model must be trained anew."""
    digest = hashlib.sha256()
    for path in sorted(_files()):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for name in LEARNT_FROM:
        path = ROOT / name
        found = [path] if path.is_file() else path.rglob("*")
        yield from (
            p for p in found if p.is_file() and p.suffix in (".yml", ".py", ".txt", ".jsonl") and ".venv" not in p.parts
        )


def is_trained() -> bool:
    """Whether the model fits the data as it stands."""
    return MODEL.exists() and FINGERPRINT.exists() and FINGERPRINT.read_text() == fingerprint()


def environment() -> dict[str, str]:
    """What Rasa's files name as ${…}, and what keeps Rasa from talking to anybody else."""
    return {
        **os.environ,
        "ACTIONS_URL": settings().actions_url.rstrip("/"),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
    }


def tracker_url(address: str) -> str:
    """Rasa keeps its conversations in the same database, in a schema of its own."""
    sign = "&" if urlsplit(address).query else "?"
    return f"{address}{sign}options={quote('-csearch_path=rasa')}"


def train(force: bool = typer.Option(False, "--force", help="Train even if nothing has changed.")) -> None:
    """Train the bot's model if the data changed. The old model stays in place until the new one is whole."""
    if is_trained() and not force:
        typer.echo("The model is up to date.")
        return
    if not RASA.exists():
        stop("Rasa is not installed. Run: make setup")
    started, log = time.monotonic(), settings().var_dir / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    typer.echo("Training the model (about two minutes).")
    code = _run_training(log, started, force)
    if code != 0:
        stop(f"Training failed. The whole of what Rasa said is in {log}.")
    FINGERPRINT.write_text(fingerprint())
    typer.echo(f"Trained in {time.monotonic() - started:.0f} s: {MODEL}")


def _run_training(log: Path, started: float, force: bool) -> int:
    """Run Rasa's trainer, showing one line for each part that it trains. Gives its exit code."""
    command = [
        str(RASA),
        "train",
        "--fixed-model-name",
        "gateway",
        "--out",
        str(MODELS),
        *(["--force"] if force else []),
    ]
    values = {**environment(), "RASA_TRACKER_URL": "not used in training"}
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command, cwd=ROOT, env=values, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        for line in process.stdout or ():
            file.write(line)
            if found := _STEP.search(line):
                what = f"{found[1]} {found[2]}" if found[1] else f"Unchanged {found[3]}"
                typer.echo(f"  {time.monotonic() - started:4.0f} s  {what}")
    return process.returncode


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
