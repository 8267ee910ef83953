"""The way to the Rasa server: our channel in bot/channels/gateway.py on the other end."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx

from gateway.config import settings
from gateway.conversations.service import Reply

# A turn takes some 50 ms; a server that needs this long is counted as away and asked again later.
TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Risk:
    """What the safeguarding component found. Levels, categories and subjects are those of the design."""

    level: str
    urgency: str | None
    category: str | None
    subject: str | None
    scores: dict[str, Any]
    model_version: str


@dataclass(frozen=True)
class Understood:
    """One message as Rasa's pipeline reads it, before any dialogue."""

    risk: Risk
    intent: str


class Rasa:
    """A client of the `gateway` channel. Raises httpx.HTTPError when Rasa is away or fails."""

    def __init__(self, base_url: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._http = httpx.Client(base_url=f"{base_url}/webhooks/gateway", timeout=timeout)

    @staticmethod
    @cache
    def shared() -> "Rasa":
        """This process's client: connections are kept open between messages."""
        return Rasa(settings().rasa_url)

    def understand(self, text: str, recent: list[str], told: list[str]) -> Understood:
        """The risk and the intent of a message; the conversation does not move on.

        `recent`, `told`: see `intake.before`."""
        found = self._post("/understand", {"text": text, "recent": recent, "told": told})
        return Understood(risk=Risk(**found["risk"]), intent=found["intent"])

    def converse(
        self, *, message_id: int, conversation: str, text: str, channel: str, metadata: dict[str, Any], again: bool
    ) -> list[Reply]:
        """The replies to a message. `again`: it may have been asked about before; then Rasa looks for what it replied
        and, where it did, gives the same replies and does nothing more."""
        found = self._post(
            "/messages",
            {
                "id": str(message_id),
                "conversation": conversation,
                "text": text,
                "channel": channel,
                "metadata": metadata,
                "again": again,
            },
        )
        return [Reply(**reply) for reply in found["replies"]]

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self._http.post(path, json=body)
        response.raise_for_status()
        return response.json()
