"""How well the trained model understands what it was never taught: tests/nlu/questions.jsonl."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent

QUESTIONS = Path(__file__).parents[1] / "nlu" / "questions.jsonl"
# The share of a subject's questions that must get exactly the right answer.
RIGHT_ANSWERS = 0.93
# The share of questions about something else altogether to which the bot must not invent an answer.
CAUGHT = 0.85
NO_ANSWER = {"out_of_scope", "nlu_fallback", "nonsense"}

Figures = dict[str, float]


@pytest.fixture(scope="module")
def figures(model: Agent, show: Callable[[str], None]) -> Figures:
    """The share of questions understood, by what they should be understood as."""
    right: dict[str, list[bool]] = defaultdict(list)
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        parsed = asyncio.run(model.parse_message(question["text"]))
        right[question["expect"].partition("/")[0]].append(_is_right(parsed, question["expect"]))
    shares = {subject: sum(found) / len(found) for subject, found in right.items()}
    show(_table(shares, right))
    return shares


def _is_right(parsed: dict[str, Any], expected: str) -> bool:
    intent = parsed["intent"]["name"]
    if expected == "out_of_scope":
        return intent in NO_ANSWER
    if "/" not in expected or intent != expected.partition("/")[0]:
        return intent == expected
    return parsed["response_selector"][intent]["response"]["intent_response_key"] == expected


def _table(shares: Figures, right: dict[str, list[bool]]) -> str:
    lines = [f"  {name:24} {sum(right[name]):3} of {len(right[name]):3}  {share:.3f}" for name, share in shares.items()]
    return "\n".join(["", "questions never seen in training, rightly understood:", *lines])


@pytest.mark.parametrize("subject", ["visits", "searches", "money"])
def test_questions_get_the_right_answer(figures: Figures, subject: str) -> None:
    assert figures[subject] >= RIGHT_ANSWERS


def test_what_is_none_of_the_services_business_gets_no_invented_answer(figures: Figures) -> None:
    assert figures["out_of_scope"] >= CAUGHT


@pytest.mark.parametrize("text", ["zqx my sons name is hidden zqx", "ZQX?", "how do i book zqx"])
def test_no_words_of_a_message_are_logged_while_it_is_read(
    model: Agent, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, text: str
) -> None:
    asyncio.run(model.parse_message(text))

    assert "zqx" not in ("".join(capfd.readouterr()) + caplog.text).lower()
