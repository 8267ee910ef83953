"""When the second of two questions is answered."""

import pytest

from bot.policies.also_asked import ANSWER, next_action

LISTEN = "action_listen"


@pytest.mark.parametrize(
    ("asked", "level", "since", "wanted"),
    [
        (["money/claim"], "none", [], None),  # the first question comes first
        (["money/claim"], "none", ["utter_visits"], ANSWER),
        (["money/claim"], "none", ["utter_visits", ANSWER], LISTEN),
        (["money/claim"], "possible", ["utter_visits"], ANSWER),
        (["money/claim"], "possible", ["utter_visits", ANSWER], None),  # then the check for safety follows
        ([], "none", ["utter_visits"], None),
    ],
)
def test_the_second_question_is_answered_right_after_the_first(asked, level, since, wanted) -> None:
    assert next_action(asked, level, since) == wanted
