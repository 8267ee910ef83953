"""Whether a newly trained model may take the place of the old one: pure, but for the two files that it reads.

A model is let in when it sees as many worries as the old one saw, records as many emergencies, and passes
every conversation test that the old one passed. Both are compared on what both were asked.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SEEN = frozenset(["likely", "possible"])
_RECORDED = frozenset(["likely"])


@dataclass(frozen=True)
class Judged:
    """What a model made of the evaluation sets: a level by message, and the conversation tests it passed or failed."""

    levels: dict[str, str]
    passed: frozenset[str]
    failed: frozenset[str]

    @classmethod
    def of(cls, found: dict[str, Any]) -> "Judged":
        """From what bot/judge.py prints, or from what was kept of it."""
        return cls(found["levels"], frozenset(found["passed"]), frozenset(found["failed"]))


@dataclass(frozen=True)
class Worries:
    """The messages of the evaluation set in which there is a worry, and those in which it is an emergency."""

    all: frozenset[str]
    emergencies: frozenset[str]

    @classmethod
    def read(cls, file: Path) -> "Worries":
        """None at all where an installation has no evaluation set."""
        if not file.exists():
            return cls(frozenset(), frozenset())
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        concerns = [row for row in rows if row["concern"]]
        return cls(
            frozenset(row["id"] for row in concerns),
            frozenset(row["id"] for row in concerns if row["urgency"] == "emergency"),
        )


def objections(old: Judged, new: Judged, worries: Worries) -> list[str]:
    """Why the new model must not take the old one's place; none when it may."""
    found = [
        _fallen("worries seen (recorded or checked)", old, new, worries.all, _SEEN),
        _fallen("emergencies recorded", old, new, worries.emergencies, _RECORDED),
    ]
    lost = sorted(old.passed & new.failed)
    return [sentence for sentence in found if sentence] + [
        f"the conversation no longer passes: {name}" for name in lost
    ]


def _fallen(what: str, old: Judged, new: Judged, asked: frozenset[str], levels: frozenset[str]) -> str | None:
    both = asked & old.levels.keys() & new.levels.keys()
    before, after = (_having(model.levels, both, levels) for model in (old, new))
    if len(after) >= len(before):
        return None
    return f"{what} fell from {len(before)} to {len(after)} of {len(both)}: {_named(before - after)}"


def _having(levels: dict[str, str], ids: Iterable[str], wanted: frozenset[str]) -> set[str]:
    return {id for id in ids if levels[id] in wanted}


def _named(ids: set[str], most: int = 12) -> str:
    names = sorted(ids)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def summary(judged: Judged, worries: Worries) -> dict[str, str]:
    """The figures to keep beside a model, for people to read."""

    def share(ids: frozenset[str], levels: frozenset[str]) -> str:
        asked = ids & judged.levels.keys()
        return f"{len(_having(judged.levels, asked, levels))} of {len(asked)}"

    return {
        "worries seen": share(worries.all, _SEEN),
        "emergencies recorded": share(worries.emergencies, _RECORDED),
        "conversations passed": f"{len(judged.passed)} of {len(judged.passed | judged.failed)}",
    }
