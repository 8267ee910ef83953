"""Explaining a prison word: which word a message asks about, and what the action says."""

from pathlib import Path

import pytest
import yaml
from action_tracker import a_tracker, run, said

from actions.words import ActionExplainWord
from gateway.config import ROOT
from gateway.glossary import asked_about, load, plain

WORDS = load(ROOT / "data" / "glossary.yml")
EXAMPLES = yaml.safe_load((ROOT / "data" / "nlu" / "words.yml").read_text(encoding="utf-8"))["nlu"][0]["examples"]


@pytest.mark.parametrize(
    "text, name",
    [
        ("what does ROTL mean", "ROTL"),
        ("whats a VO", "VO"),
        ("wots a v.o. then", "VO"),
        ("what’s the seg?", "segregation"),
        ("canteen", "canteen"),
        ("what are VOs", "VO"),
        ("what is a closed prison", "closed prison"),
        ("what's a reception visit", "reception visit"),
        ("what is ajudication", "adjudication"),
        ("wots a cloesd vist is it wen ther is a big windo", "closed visit"),
        ("whats difference between cat b and cat c", "Category B"),
    ],
)
def test_the_word_is_found_however_it_is_written(text: str, name: str) -> None:
    assert asked_about(text, WORDS) is WORDS[name]


def test_the_word_that_is_asked_about_counts_and_not_one_of_the_story() -> None:
    assert asked_about("my lad is on b wing, what does IEP mean", WORDS) is WORDS["IEP"]
    assert asked_about("hes on the wing and got a nicking what does that mean", WORDS) is WORDS["adjudication"]


@pytest.mark.parametrize("text", ["what does frobnicate mean", "what?", "", "what is a swing", "whats a computer"])
def test_a_word_that_is_not_on_the_list_is_not_guessed(text: str) -> None:
    assert asked_about(text, WORDS) is None


def test_every_word_is_found_by_each_of_its_ways() -> None:
    for word in WORDS.values():
        for way in word.ways:
            assert asked_about(f"what does {way} mean", WORDS) is word, way


def test_the_examples_ask_for_words_that_can_be_explained() -> None:
    lines = [line[2:] for line in EXAMPLES.splitlines()]

    unknown = [line for line in lines if asked_about(line, WORDS) is None]
    assert len(lines) >= 25 and unknown == ["prison words explained"]


def test_no_way_to_write_a_word_means_two_things() -> None:
    ways = [way for word in WORDS.values() for way in word.ways]

    assert sorted(ways) == sorted(set(ways))


def test_letters_with_dots_and_other_apostrophes_are_the_same_word() -> None:
    assert plain("V.O.") == "vo" and plain("What’s  an A.C.C.T?") == "what's an acct"


def test_an_entry_without_a_source_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text("words: {VO: {meaning: a form}}")

    with pytest.raises(KeyError, match="source"):
        load(path)


def test_the_action_explains_with_the_source_of_the_words_own_entry() -> None:
    (message,), events = run(ActionExplainWord(), a_tracker("whats canteen"))

    assert message["response"] == "utter_word_explained" and events == []
    assert message["word"] == "Canteen" and message["meaning"].startswith("the prison shop")
    assert message["metadata"]["url"] == "https://prisonguide.co.uk/prison-canteen/"
    assert message["metadata"]["checked"] == "2026-11-21"


def test_the_action_says_so_when_it_does_not_know_the_word() -> None:
    messages, events = run(ActionExplainWord(), a_tracker("what does frobnicate mean"))

    assert said(messages) == ["utter_word_unknown"] and events == []
