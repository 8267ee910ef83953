"""The disclosure check: what it must warn of, what it must let pass, and that it never breaks."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway import models
from gateway.concerns.disclosure import warnings
from gateway.concerns.models import Concern
from gateway.config import ROOT
from gateway.wording import choices

assert models
CONCERN = Concern(
    reference="ABC-4KQ7", reporter_name="Jo Sample", prisoner_name="Sam Sample", prisoner_number="A1234BC"
)
SENTENCES = yaml.safe_load((ROOT / "tests" / "unit" / "disclosure_sentences.yml").read_text(encoding="utf-8"))
HARMLESS = SENTENCES["none"]
TELLING = [(kind, sentence) for kind, listed in SENTENCES.items() if kind != "none" for sentence in listed]
FEWEST_CAUGHT, FEWEST_RIGHT = 0.97, 0.95
# What any text of an officer may be made of and that gives nothing away.
PLAIN = st.lists(st.sampled_from("thank you for your message we are looking into it and will write again".split()))


def kinds(text: str, sender: str = "Ann Example") -> set[str]:
    return {one.kind for one in warnings(text, CONCERN, sender)}


def test_the_check_warns_of_what_tells_and_lets_the_rest_pass() -> None:
    missed = [sentence for _, sentence in TELLING if not kinds(sentence)]
    needless = [sentence for sentence in HARMLESS if kinds(sentence)]
    caught = len(TELLING) - len(missed)
    recall, precision = caught / len(TELLING), caught / (caught + len(needless))

    figures = f"recall {recall:.2f}, precision {precision:.2f}\nmissed: {missed}\nneedless: {needless}"
    assert len(TELLING) + len(HARMLESS) >= 60
    assert recall >= FEWEST_CAUGHT and precision >= FEWEST_RIGHT, figures


def test_most_warnings_name_the_right_reason() -> None:
    wrong = [(kind, sentence) for kind, sentence in TELLING if kind not in kinds(sentence)]

    assert len(wrong) / len(TELLING) <= 0.1, wrong


def test_every_kind_has_its_reason_in_words() -> None:
    assert {kind for _, sentence in TELLING for kind in kinds(sentence)} == set(choices("disclosure"))


@pytest.mark.parametrize(
    "text, kind, words",
    [
        ("It was C3-14 then B2", "location", ("C3-14", "B2")),
        ("Try the governor at Durham", "location", ("durham",)),
        ("Sent to HEALTHCARE, then the nurse", "health", ("HEALTHCARE", "nurse")),
        ("Ring 0113 203 2600 or 999", "number", ("0113 203 2600",)),
        ("We told Sam and Jo", "other_name", ("sam",)),
        ("By 03/04/2027 or the 5th", "date", ("03/04/2027", "the 5th")),
    ],
)
def test_a_warning_shows_the_words_it_is_about(text: str, kind: str, words: tuple[str, ...]) -> None:
    found = {one.kind: one.words for one in warnings(text, CONCERN, "Ann Example")}

    assert found[kind] == words


def test_the_reporter_and_the_sender_may_be_named_and_nobody_else() -> None:
    assert kinds("Dear Jo, we have read it. Ann") == set()
    assert kinds("Dear Jo, we have read it. Ann", sender="Bob Example") == {"other_name"}
    assert kinds("Dear Jo, Darren has read it") == {"other_name"}


def test_of_one_family_the_prisoners_name_is_warned_of_all_the_same() -> None:
    assert "other_name" in kinds("Dear Sam Sample")


@pytest.mark.parametrize(
    "text", ["Write by 9.30 or 18:00", "Your reference is abc-4kq7", "Ring 999 or 116 123", "2 of us"]
)
def test_times_the_reference_and_public_numbers_are_no_warning(text: str) -> None:
    assert kinds(text) == set()


def test_another_concerns_reference_is_a_number_that_they_were_not_given() -> None:
    assert kinds("It is like XYZ-234 5678") == {"number"}


@given(PLAIN)
def test_plain_words_in_any_order_pass(words: list[str]) -> None:
    assert kinds(" ".join(words)) == set()


@given(PLAIN, st.sampled_from(TELLING), st.sampled_from(["upper", "lower", "title", "swapcase"]), PLAIN)
def test_what_is_warned_of_is_warned_of_between_other_words_and_in_any_capitals(
    before: list[str], telling: tuple[str, str], case: str, after: list[str]
) -> None:
    listed = {"person", "health", "discipline"}
    found = kinds(telling[1]) & listed
    shouted = getattr(telling[1], case)()

    assert found <= kinds(f"{' '.join(before)}. {shouted}. {' '.join(after)}")


@given(st.text(max_size=600))
def test_no_text_breaks_the_check(text: str) -> None:
    for one in warnings(text, CONCERN, text[:20]):
        assert one.kind in choices("disclosure") and one.words and all(one.words)
