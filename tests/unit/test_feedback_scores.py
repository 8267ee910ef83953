"""How a score is read from an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.feedback.desk import score_in


@pytest.mark.parametrize(
    "text, score",
    [
        ("4", 4), ("four", 4), ("5/5", 5), ("4/5", 4), ("3 out of 5", 3), ("I'd give it a 2", 2), ("1 star", 1),
        ("i would say 5 please", 5),
    ],
)  # fmt: skip
def test_a_score_is_read_as_people_write_it(text: str, score: int) -> None:
    assert score_in(text) == score


@pytest.mark.parametrize("text", ["10", "0", "6", "15", "3 of us visit him", "one of you was rude", "yes", "4.5", ""])
def test_other_numbers_are_no_score(text: str) -> None:
    assert score_in(text) is None


@given(some.text())
def test_a_score_is_from_one_to_five_or_none(text: str) -> None:
    assert score_in(text) in (None, 1, 2, 3, 4, 5)
