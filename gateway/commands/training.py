"""`gateway train`: makes a new model, has it judged, and lets it in where it finds no less than the one in use."""

import json
import os
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import typer

from gateway.commands.errors import stop
from gateway.commands.gate import Judged, Worries, objections, summary
from gateway.commands.rasa import FINGERPRINT, MODEL, MODELS, RASA, environment, fingerprint, is_trained
from gateway.config import ROOT, settings
from gateway.db import now

# What the model in use was found to do, and why it was let in where it finds less than the one before.
RECORD = MODELS / "gateway.json"
CANDIDATE, CANDIDATE_RECORD = MODELS / "candidate.tar.gz", MODELS / "candidate.json"
RISKS = ROOT / "tests" / "nlu" / "risks.jsonl"
NOT_JUDGED: dict[str, Any] = {"levels": {}, "passed": [], "failed": []}
_STEP = re.compile(r"(Starting to train|Finished training) component '(\w+)'|Restored component '(\w+)' from cache")


def train(
    force: bool = typer.Option(False, "--force", help="Train even if nothing has changed."),
    because: str = typer.Option(
        "", "--because", metavar="REASON", help="Use the new model even if it misses what the old one found."
    ),
    unjudged: bool = typer.Option(
        False, "--unjudged", help="Where there is no model yet, do not judge this one: for CI, which throws it away."
    ),
) -> None:
    """Train the bot's model if the data changed. The old model stays until the new one has proved to miss no more."""
    if is_trained() and not force:
        typer.echo("The model is up to date.")
        return
    if not RASA.exists():
        stop("Rasa is not installed. Run: make setup")
    if unjudged and MODEL.exists():
        stop("There is a model in use, with which the new one must be compared: leave --unjudged out.")
    started, log = time.monotonic(), settings().var_dir / "train.log"
    record = None if force else _judged_before()
    if record:
        typer.echo("A model of this data was trained and judged before.")
    record = record or _make_candidate(log, started, force, judge=not unjudged)
    _let_in_or_stop(record, because, log)
    typer.echo(f"Trained in {time.monotonic() - started:.0f} s: {MODEL}")


def _judged_before() -> dict[str, Any] | None:
    """What was found of a candidate that was made from the data as they stand; None when there is none."""
    record = _read(CANDIDATE_RECORD)
    return record if record and CANDIDATE.exists() and record["fingerprint"] == fingerprint() else None


def _make_candidate(log: Path, started: float, force: bool, *, judge: bool) -> dict[str, Any]:
    """Train a candidate and have it judged."""
    log.parent.mkdir(parents=True, exist_ok=True)
    MODELS.mkdir(exist_ok=True)
    CANDIDATE_RECORD.unlink(missing_ok=True)
    made_from = fingerprint()
    typer.echo("Training the model (about two minutes).")
    if code := _run_training(log, started, force):
        killed = f" Something ended it with signal {-code}." if code < 0 else ""
        stop(f"Training failed.{killed} The whole of what Rasa said is in {log}.")
    record = {"fingerprint": made_from, **(_judge(log, started) if judge else NOT_JUDGED)}
    _write(CANDIDATE_RECORD, record)
    return record


def _run_training(log: Path, started: float, force: bool) -> int:
    """Run Rasa's trainer, showing one line for each part that it trains. Gives its exit code."""
    # Whether the data fit together is for `rasa data validate` to say, in the tests; here it would take 20 s each time.
    command = [str(RASA), "train", "--skip-validation", "--fixed-model-name", "candidate", "--out", str(MODELS)]
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            [*command, *(["--force"] if force else [])],
            cwd=ROOT,
            env={**environment(), "RASA_TRACKER_URL": "not used in training"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process,
    ):
        for line in process.stdout or ():
            file.write(line)
            if found := _STEP.search(line):
                what = f"{found[1]} {found[2]}" if found[1] else f"Unchanged {found[3]}"
                typer.echo(f"  {time.monotonic() - started:4.0f} s  {what}")
    return process.returncode


def _judge(log: Path, started: float) -> dict[str, Any]:
    """What the candidate makes of the evaluation sets; nothing where the installation has none."""
    if not RISKS.exists():
        return NOT_JUDGED
    typer.echo(f"  {time.monotonic() - started:4.0f} s  Judging the new model")
    with log.open("a", encoding="utf-8") as errors:
        done = subprocess.run(
            [str(RASA.with_name("python")), "-m", "bot.judge", str(CANDIDATE)],
            cwd=ROOT,
            env={**environment(), "RASA_TRACKER_URL": "not used in training"},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    if done.returncode != 0:
        stop(f"The new model could not be judged, so the old one stays. What was said of it is in {log}.")
    return json.loads(done.stdout.splitlines()[-1])


def _let_in_or_stop(record: dict[str, Any], because: str, log: Path) -> None:
    """Put the candidate in the place of the model in use, unless there are objections and no reason was given."""
    old, worries = _read(RECORD) if MODEL.exists() else None, Worries.read(RISKS)
    found = objections(Judged.of(old), Judged.of(record), worries) if old else []
    if found and not because:
        stop(_refusal(found))
    let_in = list((old or {}).get("let_in", []))
    if found:
        let_in.append({"at": now().isoformat(timespec="seconds"), "because": because, "despite": found})
        with log.open("a", encoding="utf-8") as file:
            file.write(f"Let in because: {because}\n" + "".join(f"  despite: {sentence}\n" for sentence in found))
    CANDIDATE.replace(MODEL)
    _write(RECORD, {"figures": summary(Judged.of(record), worries), "let_in": let_in, **record})
    CANDIDATE_RECORD.unlink()
    FINGERPRINT.write_text(record["fingerprint"])


def _refusal(found: list[str]) -> str:
    listed = "\n".join(f"  - {sentence}" for sentence in found)
    return (
        f"The new model finds less than the one in use, so the old one stays:\n{listed}\n"
        f"The new one is kept as {CANDIDATE.relative_to(ROOT)}. To use it all the same, say why: "
        'make train WHY="…" (or gateway train --because "…").'
    )


def _read(file: Path) -> dict[str, Any] | None:
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def _write(file: Path, record: dict[str, Any]) -> None:
    """The file is there in whole or as it was."""
    part = file.with_suffix(".part")
    part.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(part, file)
