"""What an action needs to know of the message it runs for."""

from typing import Any

from rasa_sdk import Tracker

from gateway.concerns.heard import Heard

# Rasa runs these itself; any other action since the message means that something has answered it.
_NOT_ANSWERS = {
    "action_listen",
    "action_extract_slots",
    "action_session_start",
    "concern_form",
    "prison_form",
    "callback_form",
    "feedback_form",
    "eligibility_form",
}


class Turn:
    """The family's latest message, with what the worker sent along."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._message: dict[str, Any] = tracker.latest_message or {}
        self._metadata: dict[str, Any] = self._message.get("metadata") or {}

    @property
    def text(self) -> str:
        return str(self._message.get("text") or "")

    @property
    def message_id(self) -> int:
        """The id that the gateway gave the message: everything done for it is keyed to this."""
        return int(self._metadata["message_id"])

    @property
    def channel(self) -> str:
        return str(self._metadata.get("channel", "web"))

    @property
    def prison(self) -> str | None:
        """The prison that the conversation is about, as far as the gateway knows."""
        return self._metadata.get("prison")

    @property
    def concern_event(self) -> str | None:
        """What the message did to a concern: opened, words_added, urgency_raised or nothing."""
        return (self._metadata.get("concern") or {}).get("event")

    def opened_other_than(self, reference: str) -> bool:
        """Whether the message opened a concern, and not the one of this reference."""
        return self.concern_event == "opened" and self._metadata["concern"]["reference"] != reference

    @property
    def intent(self) -> str:
        return str((self._message.get("intent") or {}).get("name") or "")

    @property
    def asked_intent(self) -> str:
        """What the message was taken for before the worry in it overruled that."""
        return str((self._message.get("asked_intent") or {}).get("name") or "")

    @property
    def also_asked(self) -> list[str]:
        """The answers, such as money/claim, to what the message asks besides."""
        return list(self._message.get("also_asked") or [])

    @property
    def options(self) -> list[str]:
        """The answers that the message could be asking for, where it is not clear which."""
        return list(self._message.get("options") or [])

    @property
    def may_be_worried(self) -> bool:
        """Whether there may be a worry in the message, though not likely one."""
        return (self._message.get("safeguarding") or {}).get("level") == "possible"

    @property
    def heard(self) -> Heard:
        intent = self._message.get("intent") or {}
        return Heard(self.text, self.intent, float(intent.get("confidence") or 0))

    @property
    def was_answered_otherwise(self) -> bool:
        """Whether another action has already replied to this message, as to a digression in a form."""
        for event in reversed(self._tracker.events):
            if event.get("event") == "user":
                return False
            if event.get("event") == "action" and event.get("name") not in _NOT_ANSWERS:
                return True
        return False
