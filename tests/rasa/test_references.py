"""A reference in a text: read as words, and enough by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.references import MY_MESSAGE, about_a_message, in_words
from gateway.concerns.reference import DIGITS, LETTERS, SIGNS, find_reference

REFERENCES = st.builds(
    lambda front, back, digit, place: f"{front}-{back[:place]}{digit}{back[place:]}",
    st.text(LETTERS, min_size=3, max_size=3),
    st.text(SIGNS, min_size=3, max_size=3),
    st.sampled_from(DIGITS),
    st.integers(0, 3),
)


@given(reference=REFERENCES)
def test_every_reference_that_the_gateway_gives_is_read_as_words(reference: str) -> None:
    for written in (reference, reference.lower(), reference.replace("-", " - ")):
        assert in_words(f"what happened to {written}?") == f"what happened to {MY_MESSAGE}?"


@given(text=st.text(max_size=60))
def test_what_the_gateway_finds_no_reference_in_is_left_as_it_is(text: str) -> None:
    assert find_reference(text) or in_words(text) == text


@pytest.mark.parametrize("text", ["is there a car-park", "a pre-teen", "hes 22yr old", "A4471FK", "THE LAD WAS SEEN"])
def test_words_and_prisoner_numbers_are_no_references(text: str) -> None:
    assert in_words(text) == text


def meant(text: str, intent: str) -> str:
    return about_a_message(text, {"intent": {"name": intent, "confidence": 0.4}})["intent"]["name"]


@pytest.mark.parametrize("intent", ["thanks", "nonsense", "visits"])
def test_a_reference_alone_asks_what_became_of_it(intent: str) -> None:
    assert meant(" abc-4kq7 ?", intent) == "concern_status"


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope", "nonsense", "unsure_between"])
def test_a_reference_beside_words_that_are_not_understood_asks_so_too(intent: str) -> None:
    assert meant("wots goin on wi abc-4kq7", intent) == "concern_status"


@pytest.mark.parametrize("intent", ["report_concern", "visits", "delete_my_data", "request_callback"])
def test_what_is_understood_besides_stands(intent: str) -> None:
    assert meant("about ABC-4KQ7, can somebody ring me", intent) == intent


def test_a_text_without_a_reference_is_left_as_it_was_understood() -> None:
    assert meant("wots goin on", "out_of_scope") == "out_of_scope"
