"""Figures of earlier runs: of the last one (var/report/last.json) and of the one that is committed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.cases import FOLDER
from evaluation.figures import Figure

COMMITTED = FOLDER / "figures.json"


@dataclass(frozen=True)
class Run:
    """One run: how it is called, which model it measured and, by part and name, how many of how many."""

    name: str
    model: str
    counts: dict[str, tuple[int, int]]

    def share(self, figure: Figure) -> float | None:
        count, of = self.counts.get(_key(figure), (0, 0))
        return count / of if of else None


def load(path: Path, name: str) -> Run | None:
    """A run that was kept; None where there is none."""
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Run(name, kept["model"], {key: (count, of) for key, (count, of) in kept["figures"].items()})


def keep(path: Path, model: str, figures: Sequence[Figure]) -> None:
    """Write these figures; those of parts that this run did not measure stay as they were."""
    earlier = load(path, "")
    counts = {**(earlier.counts if earlier else {}), **{_key(figure): (figure.count, figure.of) for figure in figures}}
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(f"    {json.dumps(key)}: {json.dumps(list(counts[key]))}" for key in counts)
    path.write_text(f'{{\n  "model": {json.dumps(model)},\n  "figures": {{\n{lines}\n  }}\n}}\n', encoding="utf-8")


def _key(figure: Figure) -> str:
    return f"{figure.part}: {figure.name}"
