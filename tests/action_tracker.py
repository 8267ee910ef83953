"""What the action server is handed, for tests: a message with what the worker sends along, slots and events."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

CONVERSATION = "3f0c4b52-8a8e-4d0e-9a53-0d6a1c1b2f10"


def a_message_event(text: str) -> dict[str, Any]:
    return {"event": "user", "text": text}


def an_action(name: str) -> dict[str, Any]:
    return {"event": "action", "name": name}


def a_tracker(
    text: str,
    *,
    intent: str = "",
    confidence: float = 0.9,
    message_id: int = 1,
    channel: str = "web",
    prison: str | None = None,
    concern: dict[str, Any] | None = None,
    slots: dict[str, Any] | None = None,
    loop: str | None = None,
    since: tuple[str, ...] = (),
    also_asked: list[str] | None = None,
) -> Tracker:
    """A conversation whose last message is `text`; `since`: the actions that ran after it."""
    return Tracker(
        sender_id=CONVERSATION,
        slots=slots or {},
        latest_message={
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "also_asked": also_asked or [],
            "metadata": {"message_id": message_id, "channel": channel, "prison": prison, "concern": concern},
        },
        events=[a_message_event(text), *map(an_action, since)],
        paused=False,
        followup_action=None,
        active_loop={"name": loop} if loop else {},
        latest_action_name=None,
    )


def run(action: Any, tracker: Tracker) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What an action says and the events that it gives."""
    dispatcher = CollectingDispatcher()
    events = action.run(dispatcher, tracker, {})
    return dispatcher.messages, events


def said(messages: list[dict[str, Any]]) -> list[str]:
    """The names of the responses."""
    return [message["response"] for message in messages]


def slots(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The slots as they stand after the events."""
    return {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def followed_by(events: list[dict[str, Any]]) -> list[str]:
    """The actions that are made to follow."""
    return [event["name"] for event in events if event["event"] == "followup"]
