"""The titles of the answers: what a family reads on a button, and what that button sends back to the bot."""

from typing import Any

import pytest
import yaml

from gateway.config import ROOT

RESPONSES: dict[str, list[dict[str, Any]]] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))[
    "responses"
]
TITLES: dict[str, str] = {
    name.removeprefix("utter_"): (variations[0].get("metadata") or {}).get("title", "")
    for name, variations in RESPONSES.items()
    if "/" in name
}
LONGEST = 32  # signs on a button of a small telephone


def _examples() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for file in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in entry:
                lines = {line.removeprefix("- ").strip().lower() for line in entry["examples"].splitlines()}
                found.setdefault(entry["intent"], set()).update(lines)
    return found


EXAMPLES = _examples()


@pytest.mark.parametrize("answer", sorted(TITLES))
def test_an_answer_has_a_title_that_fits_a_button(answer: str) -> None:
    assert 0 < len(TITLES[answer]) <= LONGEST


def test_no_two_answers_have_the_same_title() -> None:
    seen = [title.lower() for title in TITLES.values()]

    assert sorted(title for title in set(seen) if seen.count(title) > 1) == []


@pytest.mark.parametrize("answer", sorted(TITLES))
def test_a_title_sent_back_is_an_example_of_its_own_question(answer: str) -> None:
    assert TITLES[answer].lower() in EXAMPLES[answer]


def test_a_title_is_no_example_of_another_question() -> None:
    titles = {title.lower(): answer for answer, title in TITLES.items()}
    taught = [(line, intent) for intent, lines in EXAMPLES.items() for line in lines if line in titles]

    assert [(line, intent) for line, intent in taught if titles[line] != intent] == []
