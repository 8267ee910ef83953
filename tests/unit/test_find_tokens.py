"""By what a concern is found: every slip of one letter, and no word that all have."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.concerns import tokens
from gateway.concerns.find import likeness, who

PART = st.text(string.ascii_lowercase, min_size=4, max_size=12)
LETTER = st.sampled_from(string.ascii_lowercase)


@given(PART, LETTER, st.data())
def test_every_slip_of_one_letter_leaves_something_in_common(part: str, letter: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(part) - 1))
    left_out, wrong = part[:at] + part[at + 1 :], part[:at] + letter + part[at + 1 :]
    more, swapped = part[:at] + letter + part[at:], part[:at] + part[at : at + 2][::-1] + part[at + 2 :]

    (right,) = tokens.of_name(part)
    for slip in (left_out, wrong, more, swapped):
        (found,) = tokens.of_name(slip)
        assert right & found, slip


@pytest.mark.parametrize(("one", "other"), [("Stephen", "Steven"), ("Catherine", "Kathryn"), ("Jon", "John")])
def test_names_that_sound_alike_have_something_in_common(one: str, other: str) -> None:
    (first,), (second,) = tokens.of_name(one), tokens.of_name(other)

    assert first & second
    assert likeness(one, other) >= 60


def test_a_name_is_never_taken_for_a_word() -> None:
    assert not tokens.of_name("Blade")[0] & tokens.of_words("blade")[0]


def test_words_that_nearly_every_message_has_are_no_use() -> None:
    assert tokens.searched_words("He's in his cell and they hurt him, hurts him") == ["cell", "hurt"]


@pytest.mark.parametrize(
    ("typed", "taken_for"),
    [
        ("abc - 4kq7", {"reference": "ABC-4KQ7"}),
        ("a1234 bc", {"number": "A1234BC"}),
        ("(07700) 900 123", {"telephone": "+447700900123"}),
        ("O'Brien", {"name": "O'Brien"}),
        ("7", {}),
        ("!", {}),
    ],
)
def test_what_is_typed_is_taken_for_what_it_looks_like(typed: str, taken_for: dict[str, str]) -> None:
    assert who(typed) == taken_for
