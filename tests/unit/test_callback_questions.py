"""What a family's answer about a call means, without a database."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateway.callbacks.desk import spoken_number
from gateway.callbacks.questions import LONGEST_ABOUT, MOST_TRIES, QUESTIONS, Listener, next_question
from gateway.concerns.heard import Heard

OWN = "+447700900123"
LEEDS = {"id": "LEI", "prison_name": "HMP Leeds"}
HULL = {"id": "HLI", "prison_name": "HMP Hull"}


def hear(asked: str, text: str, *, own: str | None = None, found: tuple = (), tries: int = 0, **heard: Any):
    return Listener(own, lambda text: list(found), tries).hear(asked, Heard(text, **heard))


@pytest.mark.parametrize("text", ["yes please", "ok", "yeah go on"])
def test_a_yes_to_the_offer_leads_to_the_number(text: str) -> None:
    assert next_question(hear("wanted", text).settled) == "number"


@pytest.mark.parametrize("text", ["no", "no thanks", "skip", "stop"])
def test_a_no_to_the_offer_ends_it(text: str) -> None:
    turn = hear("wanted", text)

    assert turn.ends and turn.say == "declined" and turn.number is None


def test_anything_else_after_the_offer_is_left_to_the_rules() -> None:
    assert hear("wanted", "what id do i need", intent="visits", confidence=0.9).digresses


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_worry_has_right_of_way_at_every_question(asked: str) -> None:
    worry = "ring me on 07700 900456 my son will kill himself in leeds"

    turn = hear(asked, worry, intent="report_concern", confidence=1.0, own=OWN, found=(LEEDS,))
    assert turn.digresses and not turn.number and not turn.fields


@pytest.mark.parametrize(
    "text", ["07700 900456", "my number is 07700900456", "+44 7700 900 456", "it's 07700-900456 ta"]
)
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert hear("number", text).number == "+447700900456"


def test_a_number_with_a_time_answers_both_questions() -> None:
    turn = hear("number", "07700 900456 after 6pm on weekdays")

    assert turn.fields["good_time"] == "after 6pm on weekdays" and {"number", "time"} <= turn.settled


@pytest.mark.parametrize("text", ["yes", "this one", "skip", "yes this number is fine"])
def test_by_text_the_number_they_text_from_is_the_default(text: str) -> None:
    assert hear("number", text, own=OWN).number == OWN


def test_by_text_a_no_means_another_number() -> None:
    turn = hear("number", "no", own=OWN)

    assert turn.say == "ask_other_number" and turn.asks_itself and not turn.ends


def test_without_a_number_nobody_can_ring_and_they_are_told_so() -> None:
    turn = hear("number", "rather not say")

    assert turn.ends and turn.say == "no_number" and turn.number is None


def test_what_is_no_number_is_asked_for_once_more_and_then_no_more() -> None:
    first, last = hear("number", "12345"), hear("number", "12345", tries=MOST_TRIES - 1)

    assert (first.say, first.asks_itself, first.missed, first.ends) == ("not_a_number", True, True, False)
    assert (last.say, last.ends) == ("no_number", True)


@pytest.mark.parametrize(
    "text", ["never mind", "cancel", "actually don't ring me", "no need thanks", "changed my mind"]
)
def test_a_call_can_be_taken_back(text: str) -> None:
    turn = hear("time", text)

    assert turn.ends and turn.takes_back


@pytest.mark.parametrize("text", ["dont call before 9am", "i need to cancel a visit", "i forget things so mornings"])
def test_words_about_the_call_do_not_take_it_back(text: str) -> None:
    turn = hear("about", text)

    assert not turn.takes_back and turn.fields == {"about": text}


def test_stop_ends_the_questions_and_keeps_the_call() -> None:
    turn = hear("about", "stop asking")

    assert turn.ends and not turn.takes_back and not turn.fields


@pytest.mark.parametrize("asked", ["time", "prison", "about"])
@pytest.mark.parametrize("text", ["skip", "don't know", "no"])
def test_every_question_but_the_number_can_be_skipped(asked: str, text: str) -> None:
    turn = hear(asked, text)

    assert turn.settled == {asked} and not turn.fields and not turn.ends


@pytest.mark.parametrize("asked", ["time", "prison", "about"])
def test_a_question_of_their_own_is_a_digression(asked: str) -> None:
    assert hear(asked, "how do i book a visit?", intent="visits", confidence=0.8, found=(LEEDS,)).digresses


def test_what_only_sounds_like_a_subject_is_what_the_call_is_about() -> None:
    told = "they keep cancelling my visits and nobody tells me why"

    assert hear("about", told, intent="visits", confidence=0.9).fields == {"about": told}


def test_a_prison_is_taken_or_asked_again_among_those_it_could_be() -> None:
    assert hear("prison", "leeds", found=(LEEDS,)).fields == {"prison_id": "LEI"}
    several = hear("prison", "yorkshire", found=(LEEDS, HULL))
    assert several.say == "which_prison" and several.options == [LEEDS, HULL] and several.asks_itself


def test_an_unknown_prison_holds_nothing_up() -> None:
    assert hear("prison", "grimsby").say == "prison_not_found"
    assert hear("prison", "grimsby", tries=1).settled == {"prison"}


@pytest.mark.parametrize(
    "number, spoken",
    [(OWN, "07700 900123"), ("+353851234567", "+353 85 123 4567"), (None, ""), ("A Company", "A Company")],
)
def test_a_number_is_said_as_people_write_it_and_what_is_none_as_it_stands(number: str | None, spoken: str) -> None:
    assert spoken_number(number) == spoken


@given(some.text(), some.sampled_from(QUESTIONS), some.booleans())
def test_whatever_is_written_the_questions_go_on_or_end(text: str, asked: str, by_text: bool) -> None:
    turn = hear(asked, text, own=OWN if by_text else None)

    assert turn.settled or turn.asks_itself or turn.digresses or turn.ends
    assert all(len(value) <= LONGEST_ABOUT for value in turn.fields.values())
