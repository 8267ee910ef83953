"""Reading «OK ABC-4KQ7», however it is typed, and telling it from a family's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.concerns.reference import LETTERS, SIGNS
from gateway.staff.duty_command import command_in

OPEN = {"ABC-4KQ7", "XYZ-WKND"}


def command(text: str):
    return command_in(text, OPEN.__contains__)


@pytest.mark.parametrize(
    "text",
    [
        "OK ABC-4KQ7",
        "ok abc4kq7 thanks",
        "Ok. ABC 4KQ7",
        "okay abc - 4kq7, on my way",
        "OKAY: ABC–4KQ7!",
        "  ok abc-4kq7  ",
        "ok\nABC-4KQ7\nta",
        "Ok thank you abc_4kq7 got it",
        "OK abc.4kq7 👍",
    ],
)
def test_an_ok_is_read_however_it_is_typed(text: str) -> None:
    found = command(text)

    assert found is not None and (found.references, found.says_more) == (("ABC-4KQ7",), False)


def test_a_reference_without_a_figure_is_known_by_the_log() -> None:
    found = command("ok xyz wknd")

    assert found is not None and (found.references, found.says_more) == (("XYZ-WKND",), False)


def test_one_text_may_answer_for_several() -> None:
    found = command("ok ABC-4KQ7 and XYZ-WKND and abc4kq7")

    assert found is not None and found.references == ("ABC-4KQ7", "XYZ-WKND") and not found.says_more


@pytest.mark.parametrize("text", ["ok", "OK thanks", "ok DEF-2345", "ok abc4kq8", "ok ABC-4K0I please"])
def test_an_ok_to_nothing_that_is_known_is_a_command_all_the_same(text: str) -> None:
    found = command(text)

    assert found is not None and (found.references, found.says_more) == ((), False)


@pytest.mark.parametrize(
    "text",
    [
        "ok he is dead",
        "ok but my son has been hurt on the wing",
        "OK ABC-4KQ7 but my brother in Leeds wants to die",
        "ok and then he said he cant go on",
        "ok message my mum she is not answering",
        "okay nothing has been done",
    ],
)
def test_words_beside_an_ok_are_seen_to_be_somebodys_words(text: str) -> None:
    found = command(text)

    assert found is not None and found.says_more


@pytest.mark.parametrize(
    "text", ["my son says he cant go on", "ABC-4KQ7", "not ok ABC-4KQ7", "okra ABC-4KQ7", "", "is it ok to visit?"]
)
def test_what_does_not_begin_with_ok_is_no_command(text: str) -> None:
    assert command(text) is None


REFERENCES = st.builds("{}-{}".format, st.text(LETTERS, min_size=3, max_size=3), st.text(SIGNS, min_size=4, max_size=4))


@given(REFERENCES, st.sampled_from(["", " ", "-", " - ", "–"]), st.booleans())
def test_every_reference_is_read_with_or_without_its_dash(reference: str, gap: str, small: bool) -> None:
    typed = reference.replace("-", gap)

    found = command_in(f"ok {typed.lower() if small else typed} ta", {reference}.__contains__)

    assert found is not None and (found.references, found.says_more) == ((reference,), False)


@given(st.text())
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    command_in(text, lambda reference: False)
    command_in(f"ok {text}", lambda reference: True)
