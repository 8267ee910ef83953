"""Our pipeline beside Rasa's default one on public intent sets: accuracy, what is out of scope, time and memory.

    bot/.venv/bin/python -m bot.compare FOLDER [--sets banking77 clinc150] [--pipelines ours default]

FOLDER holds banking77_train_30_per_class.csv, banking77_test.csv (PolyAI's Banking77, CC BY 4.0) and clinc150_full.json
(clinc/oos-eval, CC BY 3.0). Each run has a process of its own, so that time and memory are its own. The default
pipeline takes half an hour for Banking77 on two cores and hours for CLINC150.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OUT_OF_SCOPE = "out_of_scope"
REFUSED = {OUT_OF_SCOPE, "nlu_fallback"}
# As `rasa init` of 3.6 writes it.
DEFAULT: list[dict[str, Any]] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True},
    {"name": "EntitySynonymMapper"},
    {"name": "ResponseSelector", "epochs": 100, "constrain_similarities": True},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
Texts = list[tuple[str, str]]


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bot.compare", description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--sets", nargs="+", default=["banking77", "clinc150"], choices=["banking77", "clinc150"])
    options.add_argument("--pipelines", nargs="+", default=["ours", "default"], choices=["ours", "default"])
    options.add_argument("--one", action="store_true", help="measure one set with one pipeline and print it as JSON")
    given = options.parse_args()
    if given.one:
        print(json.dumps(measure(given.folder, given.sets[0], given.pipelines[0])))
        return
    print(f"{'set':10} {'pipeline':9} {'accuracy':>9} {'out of scope':>13} {'in scope refused':>17} {'ms p50':>7} "
          f"{'ms p95':>7} {'train s':>8} {'peak MB':>8}")  # fmt: skip
    for which in given.sets:
        for pipeline in given.pipelines:
            print(_row(which, pipeline, _apart(given.folder, which, pipeline)), flush=True)


def _apart(folder: Path, which: str, pipeline: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bot.compare", str(folder), "--one", "--sets", which, "--pipelines", pipeline]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _row(which: str, pipeline: str, found: dict[str, float]) -> str:
    caught = f"{found['caught']:.1%}" if "caught" in found else "-"
    return (
        f"{which:10} {pipeline:9} {found['accuracy']:9.1%} {caught:>13} {found['refused']:17.1%} {found['p50']:7.1f} "
        f"{found['p95']:7.1f} {found['seconds']:8.0f} {found['peak']:8.0f}"
    )


def measure(folder: Path, which: str, pipeline: str) -> dict[str, float]:
    """Train on the set and read its test part, a message at a time."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    learned, asked = (banking77 if which == "banking77" else clinc150)(folder)
    with tempfile.TemporaryDirectory() as work:
        files = _written(Path(work), pipeline, learned)
        started = time.monotonic()
        model = train_nlu(*map(str, files), output=work)
        seconds = time.monotonic() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        found = asyncio.run(_asked(Agent.load(str(model)), asked))
    return {**found, "seconds": seconds, "peak": peak}


async def _asked(agent: Any, asked: Texts) -> dict[str, float]:
    right, refused, caught, times = [], [], [], []
    for text, intent in asked:
        started = time.perf_counter()
        got = (await agent.parse_message(text))["intent"]["name"]
        times.append((time.perf_counter() - started) * 1000)
        if intent == OUT_OF_SCOPE:
            caught.append(got in REFUSED)
        else:
            right.append(got == intent)
            refused.append(got in REFUSED)
    times.sort()
    shares = {"accuracy": right, "refused": refused} | ({"caught": caught} if caught else {})
    return {name: sum(values) / len(values) for name, values in shares.items()} | {
        "p50": times[len(times) // 2],
        "p95": times[int(len(times) * 0.95)],
    }


def banking77(folder: Path) -> tuple[Texts, Texts]:
    """Banking77 at 30 examples an intent, and its whole test part."""

    def read(name: str) -> Texts:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            return [(row["text"], row["category"]) for row in csv.DictReader(file)]

    return read("banking77_train_30_per_class.csv"), read("banking77_test.csv")


def clinc150(folder: Path) -> tuple[Texts, Texts]:
    """CLINC150 with what is out of scope: a hundred examples to learn from, a thousand to catch."""
    parts = json.loads((folder / "clinc150_full.json").read_text(encoding="utf-8"))

    def read(name: str) -> Texts:
        return [(text, OUT_OF_SCOPE if intent == "oos" else intent) for text, intent in parts[name]]

    return read("train") + read("oos_train"), read("test") + read("oos_test")


def _written(work: Path, pipeline: str, learned: Texts) -> tuple[Path, Path]:
    """The configuration and the examples as Rasa reads them."""
    import yaml

    ours = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    parts = DEFAULT if pipeline == "default" else [part for part in ours if not part["name"].endswith("Safeguarding")]
    config = {"recipe": "default.v1", "assistant_id": "compared", "language": "en", "pipeline": parts}
    intents: dict[str, list[str]] = {}
    for text, intent in learned:
        intents.setdefault(intent, []).append(" ".join(text.replace("[", "(").replace("]", ")").split()))
    nlu = [{"intent": name, "examples": "".join(f"- {text}\n" for text in texts)} for name, texts in intents.items()]
    for name, content in (("config.yml", config), ("nlu.yml", {"version": "3.1", "nlu": nlu})):
        (work / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return work / "config.yml", work / "nlu.yml"


if __name__ == "__main__":
    main()
