"""What is said when the bot did not understand."""

import pytest
from action_tracker import a_message_event, a_tracker, an_action, run, said

from actions.small_talk import ActionNotUnderstood


@pytest.mark.parametrize(
    "before, response",
    [
        ([], "utter_not_understood"),
        (["action_not_understood"], "utter_not_understood_twice"),
        (["action_not_understood", "action_check_safety"], "utter_not_understood_twice"),
        (["utter_greet"], "utter_not_understood"),
    ],
)
def test_the_second_time_in_a_row_people_who_can_help_are_offered(before: list[str], response: str) -> None:
    tracker = a_tracker("asdf")
    tracker.events = [a_message_event("qwer"), *map(an_action, before), an_action("action_listen"), *tracker.events]

    messages, events = run(ActionNotUnderstood(), tracker)
    assert said(messages) == [response] and events == []


def test_an_answer_in_between_makes_it_the_first_time_again() -> None:
    tracker = a_tracker("asdf")
    between = [
        a_message_event("qwer"),
        an_action("action_not_understood"),
        a_message_event("hello"),
        an_action("utter_greet"),
    ]
    tracker.events = [*between, *tracker.events]

    assert said(run(ActionNotUnderstood(), tracker)[0]) == ["utter_not_understood"]
