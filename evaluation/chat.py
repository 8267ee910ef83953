"""A family at the chat: says something through the chat JSON (docs/chat-api.md) and waits for all of the replies."""

import time
from typing import Any

import httpx

PATH = "/chat/api/messages"
ANSWERED_WITHIN_SECONDS = 90
# What the service answers when somebody writes too fast.
TOO_FAST = 429

Reply = dict[str, Any]


class NoAnswer(Exception):
    """The chat gave no reply in time; the message says what was waited for."""


class Family:
    """One conversation."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._last = 0
        self.conversation = ""

    def say(self, text: str) -> list[Reply]:
        """The bot's replies to a message. Raises NoAnswer."""
        body = {"text": text} | ({"conversation": self.conversation} if self.conversation else {})
        answer = self._asked("POST", json=body)
        self.conversation = answer["conversation"]
        replies = self._new(answer)
        end = time.monotonic() + ANSWERED_WITHIN_SECONDS
        while answer["pending"]:
            if time.monotonic() > end:
                raise NoAnswer(f"still pending after {ANSWERED_WITHIN_SECONDS} s")
            time.sleep(0.3)
            answer = self._asked("GET", params={"conversation": self.conversation, "after": self._last})
            replies += self._new(answer)
        return [reply for reply in replies if reply["from"] == "bot"]

    def _new(self, answer: dict[str, Any]) -> list[Reply]:
        found = [reply for reply in answer["messages"] if reply["id"] > self._last]
        self._last = max((reply["id"] for reply in found), default=self._last)
        return found

    def _asked(self, method: str, **request: Any) -> dict[str, Any]:
        end = time.monotonic() + ANSWERED_WITHIN_SECONDS
        answer = self._client.request(method, PATH, **request)
        while answer.status_code == TOO_FAST and time.monotonic() < end:
            time.sleep(float(answer.headers.get("Retry-After", "1")))
            answer = self._client.request(method, PATH, **request)
        if answer.is_error:
            raise NoAnswer(f"the chat answered {answer.status_code}")
        return answer.json()


def joined(replies: list[Reply]) -> str:
    """All that was said, as one text."""
    return "\n".join(reply["text"] for reply in replies)
