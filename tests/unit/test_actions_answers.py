"""The second of two answers, and which of two was meant."""

from typing import Any

from action_tracker import a_tracker, run, said
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import ActionAnswerAlso, ActionAskWhich

DOMAIN: dict[str, Any] = {
    "responses": {
        "utter_visits/bring": [{"text": "…", "metadata": {"title": "What to bring"}}, {"text": "…", "channel": "sms"}],
        "utter_searches/banned": [{"text": "…", "metadata": {"title": "What is not allowed"}}],
    }
}


def with_parsed(**parsed: Any) -> Tracker:
    tracker = a_tracker("two things")
    tracker.latest_message.update(parsed)
    return tracker


def test_what_was_asked_besides_is_answered_in_its_order() -> None:
    messages, events = run(ActionAnswerAlso(), with_parsed(also_asked=["money/claim", "visits/late"]))

    assert said(messages) == ["utter_money/claim", "utter_visits/late"] and events == []


def test_the_family_chooses_by_title_which_of_two_it_meant() -> None:
    dispatcher = CollectingDispatcher()
    ActionAskWhich().run(dispatcher, with_parsed(options=["visits/bring", "searches/banned"]), DOMAIN)

    [message] = dispatcher.messages
    assert message["response"] == "utter_ask_which"
    assert [(button["title"], button["payload"]) for button in message["buttons"]] == [
        ("What to bring", "What to bring"),
        ("What is not allowed", "What is not allowed"),
    ]
