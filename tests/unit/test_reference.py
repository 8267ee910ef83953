"""The short codes that families are given."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.concerns.reference import find_reference, new_reference


def test_a_reference_has_no_sign_that_can_be_taken_for_another() -> None:
    drawn = {new_reference() for _ in range(2000)}

    assert all(re.fullmatch(r"[A-HJ-NP-Z]{3}-[A-HJ-NP-Z2-9]{4}", reference) for reference in drawn)


def test_every_reference_has_a_digit_so_that_none_is_a_word() -> None:
    assert all(re.search(r"\d", new_reference()) for _ in range(2000))


def test_every_letter_and_sign_may_come_and_none_comes_twice_in_two_thousand() -> None:
    drawn = [new_reference() for _ in range(2000)]

    assert len(set(drawn)) == 2000
    assert len({reference[0] for reference in drawn}) == 24
    assert len({reference[-1] for reference in drawn}) == 32


@pytest.mark.parametrize(
    "text",
    [
        "what happened to ABC-4KQ7?",
        "abc-4kq7",
        "any news on Abc - 4kq7 please",
        "ABC–4KQ7",
        "(ABC—4KQ7)",
        "ABC-4KQ7 or was it DEF-2222",
        "ref ABC 4KQ7 any news",
        "abc4kq7 what now",
    ],
)
def test_a_reference_is_found_however_it_is_typed(text: str) -> None:
    assert find_reference(text) == "ABC-4KQ7"


@pytest.mark.parametrize(
    "text",
    [
        *("", "what happened?", "AB-4KQ7", "ABCD-4KQ7", "ABC-4KQ77", "ABC-4KQ0", "OBC-4KQ7", "LS1-4ABC"),
        "07700-900123",
        *("is it the 24th", "hes 22yr and was 25st", "HE WAS SEEN", "CALL ME FEB 2345", "she23456", "A4471FK"),
    ],
)
def test_what_is_no_reference_is_not_taken_for_one(text: str) -> None:
    assert find_reference(text) is None


@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_any_reference_is_found_in_any_words(before: str, after: str) -> None:
    reference = new_reference()

    assert find_reference(f"{before} {reference.lower()} {after}") == reference
