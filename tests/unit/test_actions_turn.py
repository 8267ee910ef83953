"""What an action knows of the message it runs for."""

from typing import Any

import pytest
from action_tracker import a_message_event, a_tracker, an_action

from actions.turn import Turn


def test_the_gateways_own_facts_come_with_the_message() -> None:
    turn = Turn(a_tracker("hello", intent="greet", message_id=7, channel="sms", prison="LEI"))

    assert (turn.text, turn.intent, turn.message_id, turn.channel, turn.prison) == ("hello", "greet", 7, "sms", "LEI")


def test_what_is_heard_carries_the_bots_reading_and_how_sure_it_is() -> None:
    heard = Turn(a_tracker("hello", intent="greet", confidence=0.7)).heard

    assert (heard.text, heard.intent, heard.confidence) == ("hello", "greet", 0.7)


def test_a_message_without_facts_is_an_error_rather_than_a_message_of_somebody_else() -> None:
    tracker = a_tracker("hello")
    tracker.latest_message["metadata"] = {}

    with pytest.raises(KeyError):
        _ = Turn(tracker).message_id


@pytest.mark.parametrize(
    "concern, other",
    [
        (None, False),
        ({"reference": "ABC-2222", "event": "opened"}, False),
        ({"reference": "DEF-3333", "event": "opened"}, True),
        ({"reference": "DEF-3333", "event": "words_added"}, False),
        ({"reference": "DEF-3333", "event": None}, False),
    ],
)
def test_another_concern_is_one_that_this_message_opened(concern: dict[str, Any] | None, other: bool) -> None:
    assert Turn(a_tracker("hello", concern=concern)).opened_other_than("ABC-2222") is other


@pytest.mark.parametrize(
    "names, answered",
    [
        ([], False),
        (["action_listen"], False),
        (["concern_form"], False),
        (["action_extract_slots", "prison_form"], False),
        (["utter_visits"], True),
        (["utter_visits", "concern_form"], True),
    ],
)
def test_a_message_was_answered_when_another_action_ran_since_it_came(names: list[str], answered: bool) -> None:
    tracker = a_tracker("can i bring food?")
    tracker.events = [a_message_event("hello"), an_action("utter_greet"), *tracker.events, *map(an_action, names)]

    assert Turn(tracker).was_answered_otherwise is answered
