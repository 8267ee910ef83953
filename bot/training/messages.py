"""The labelled messages that the risk network learns from, and how they are split for validation."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.components.risk_network import CATEGORIES, LEVELS, SUBJECTS, URGENCIES

# One message in so many is kept from training, to choose the thresholds on.
VALIDATION = 8
# An example in data/nlu: "    - the text", entities written as [word](name) or [word]{"entity": "name"}.
_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Labelled:
    """A message with the right decision; urgency, category and subject are None where the level is none.

    `answer`: the intent of one of the bot's ordinary questions; None for every other message.
    """

    text: str
    level: str
    urgency: str | None = None
    category: str | None = None
    subject: str | None = None
    recent: tuple[str, ...] = ()
    answer: str | None = None

    @property
    def is_validation(self) -> bool:
        """Stable whatever is added later: it hangs on the words alone."""
        return int(hashlib.sha256(self.text.encode()).hexdigest(), 16) % VALIDATION == 0


def read_labelled(path: Path) -> list[Labelled]:
    """The messages of a JSON Lines file. Raises ValueError naming the line that is wrong."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            given = json.loads(line)
            message = Labelled(**{**given, "recent": tuple(given.get("recent", ()))})
            _check(message)
        except (json.JSONDecodeError, TypeError, ValueError) as error:
            raise ValueError(f"{path}:{number} is not a labelled message: {error}") from error
        found.append(message)
    return found


def _check(message: Labelled) -> None:
    if message.level not in LEVELS:
        raise ValueError(f"level {message.level!r}")
    answers = ((message.urgency, URGENCIES), (message.category, CATEGORIES), (message.subject, SUBJECTS))
    for answer, allowed in answers:
        if (answer is None) != (message.level == "none") or (answer and answer not in allowed):
            raise ValueError(f"{answer!r} with level {message.level!r}")


def read_questions(folder: Path, not_harmless: frozenset[str]) -> list[Labelled]:
    """The bot's ordinary questions: harmless examples, but for the intents named."""
    found = []
    for path in sorted(folder.glob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if entry.get("intent") and entry["intent"] not in not_harmless:
                found.extend(Labelled(text, "none", answer=entry["intent"]) for text in _examples(entry["examples"]))
    return found


def _examples(block: str) -> Iterator[str]:
    for line in block.splitlines():
        if line.lstrip().startswith("- "):
            yield _ENTITY.sub(r"\1", line.lstrip()[2:].strip())
