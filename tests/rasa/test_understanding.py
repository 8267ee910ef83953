"""How well the trained model understands what it was never taught: those of tests/nlu/questions.jsonl that name the
intent. `make evaluate` asks the whole service, and looks at the facts in its replies."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent

QUESTIONS = Path(__file__).parents[1] / "nlu" / "questions.jsonl"
# The share of a subject's questions that must get exactly the right answer.
RIGHT_ANSWERS = 0.8
# The share of questions about something else altogether to which the bot must not invent an answer.
CAUGHT = 0.8
NO_ANSWER = {"out_of_scope", "nlu_fallback", "nonsense"}
# The share of ordinary questions that may be taken for a concern: each costs staff a look, a miss may cost a life.
FALSE_ALARMS = 0.08
CONCERNS_ALL_THE_SAME = {"searches/forced_to_bring"}


@dataclass
class Figures:
    """How many questions were understood, by what they should be understood as, and which were taken for a concern."""

    right: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    alarms: list[bool] = field(default_factory=list)

    def count(self, parsed: dict[str, Any], expected: str) -> None:
        # A likely concern overrules the intent; what was asked besides is kept.
        asked = parsed.get("asked_intent") or parsed["intent"]
        self.right[expected.partition("/")[0]].append(_is_right(asked["name"], parsed, expected))
        if expected not in CONCERNS_ALL_THE_SAME:
            self.alarms.append(parsed["intent"]["name"] == "report_concern")

    def table(self) -> str:
        rows = [*self.right.items(), ("taken for a concern", self.alarms)]
        lines = [f"  {name:24} {sum(found):3} of {len(found):3}  {_share(found):.3f}" for name, found in rows]
        return "\n".join(["", "questions never seen in training, rightly understood:", *lines])


def _share(found: list[bool]) -> float:
    return sum(found) / len(found)


def _is_right(intent: str, parsed: dict[str, Any], expected: str) -> bool:
    if expected == "out_of_scope":
        return intent in NO_ANSWER
    if "/" not in expected or intent != expected.partition("/")[0]:
        return intent == expected
    return parsed["response_selector"][intent]["response"]["intent_response_key"] == expected


@pytest.fixture(scope="module")
def figures(model: Agent, show: Callable[[str], None]) -> Figures:
    """What the trained model makes of every question."""
    found = Figures()
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if question.get("answer"):
            found.count(asyncio.run(model.parse_message(question["text"])), question["answer"])
    show(found.table())
    return found


@pytest.mark.parametrize("subject", ["visits", "searches", "money"])
def test_questions_get_the_right_answer(figures: Figures, subject: str) -> None:
    assert _share(figures.right[subject]) >= RIGHT_ANSWERS


def test_what_is_none_of_the_services_business_gets_no_invented_answer(figures: Figures) -> None:
    assert _share(figures.right["out_of_scope"]) >= CAUGHT


def test_few_ordinary_questions_are_taken_for_a_concern(figures: Figures) -> None:
    assert _share(figures.alarms) <= FALSE_ALARMS


@pytest.mark.parametrize("text", ["zqx my sons name is hidden zqx", "ZQX?", "how do i book zqx"])
def test_no_words_of_a_message_are_logged_while_it_is_read(
    model: Agent, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, text: str
) -> None:
    asyncio.run(model.parse_message(text))

    assert "zqx" not in ("".join(capfd.readouterr()) + caplog.text).lower()
