"""The evaluation is fair: what it asks stands in nothing that the bot learns from, not even nearly."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from rapidfuzz import fuzz, process

from evaluation import cases
from gateway.config import ROOT

# Two texts that are so much alike, out of 100, or share a run of so many words, are one text.
TOO_ALIKE = 90
RUN = 8
# What is as short as "hiya" is everybody's, and more so in a conversation, where people say "yes that is right".
EVERYBODYS = {"risks": 3, "questions": 3, "conversations": 5}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", re.sub(r"['’]", "", text.casefold()))


def runs(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[at : at + RUN]) for at in range(len(found) - RUN + 1)}


def examples(file: Path) -> Iterator[str]:
    """What families say in a file of Rasa's, without its marks of entities."""
    for block in yaml.safe_load(file.read_text(encoding="utf-8")).get("nlu", []):
        for line in str(block.get("examples", "")).splitlines():
            yield re.sub(r"\[([^\]]+)\](\([^)]*\)|\{[^}]*\})", r"\1", line.removeprefix("- "))


@cache
def learnt() -> list[str]:
    """Every text that the bot learns from."""
    texts = [text for file in sorted((ROOT / "data" / "nlu").glob("*.yml")) for text in examples(file)]
    for line in (ROOT / "data" / "safeguarding" / "messages.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        texts += [row["text"], *row.get("recent", [])]
    return sorted({" ".join(words(text)) for text in texts} - {""})


def asked(name: str) -> list[tuple[str, str]]:
    """The id and text of everything in an evaluation set that is long enough to be somebody's own."""
    if name == "conversations":
        texts = [(case.id, turn.say) for case in cases.read_conversations() for turn in case.turns]
    else:
        texts = [(case.id, case.text) for case in (cases.read_risks() if name == "risks" else cases.read_questions())]
    return [(id, text) for id, text in texts if len(words(text)) > EVERYBODYS[name]]


def offenders(texts: list[tuple[str, str]], training: list[str]) -> list[str]:
    """The ids of texts that stand in the training data, or nearly so."""
    known = set().union(*map(runs, training))
    found = []
    for id, text in texts:
        plain = " ".join(words(text))
        if process.extractOne(plain, training, scorer=fuzz.ratio, score_cutoff=TOO_ALIKE) or runs(text) & known:
            found.append(id)
    return found


@pytest.mark.parametrize("name", ["risks", "questions", "conversations"])
def test_no_evaluation_text_is_or_nearly_is_one_that_the_bot_learns_from(name: str) -> None:
    found = offenders(asked(name), learnt())

    assert not found, f"write these of {name}.jsonl in other words: {', '.join(found)}"


def test_a_text_with_one_letter_changed_or_a_long_run_in_common_is_found() -> None:
    training = ["how do i book a visit to my son", "he has not rung since last monday and nobody will say why"]

    assert offenders([("a", "How do I book a visit to my sons?")], training) == ["a"]
    assert offenders([("b", "Sorry but he has not rung since last Monday, and I hate it")], training) == ["b"]
    assert offenders([("c", "When can we see our lad in Leeds?")], training) == []
