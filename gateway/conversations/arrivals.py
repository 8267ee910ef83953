"""A message as it arrived, before anything is known of it: what is kept at once, in the database or on disk."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from gateway.conversations.service import Inbound


@dataclass(frozen=True)
class Arrival:
    """`sender` is the telephone number of a text, or the id of a web conversation; the id may be new."""

    channel: Literal["sms", "web"]
    sender: str
    inbound: Inbound  # its provider id tells a repeated one
    at: datetime
    answered_by_provider: str | None = None  # the reserved word that Twilio has answered by itself

    @property
    def conversation(self) -> str:
        """What the arrivals of one conversation share."""
        return f"{self.channel}:{self.sender}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def from_json(cls, read: dict[str, Any]) -> "Arrival":
        return cls(**{**read, "inbound": Inbound(**read["inbound"]), "at": datetime.fromisoformat(read["at"])})
