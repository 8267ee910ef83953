"""A turn happens whole or not at all.

When the action server fails, Rasa on its own logs the request with everything the family wrote, goes on without the
action's events and saves the half turn; asked again, it would have nothing to say. With this endpoint in place the
turn is broken off before anything is saved, and the worker asks for it again.
"""

from __future__ import annotations

import asyncio
from json import JSONDecodeError
from typing import Any

import aiohttp
from rasa.core.agent import Agent
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

# A form that steps aside answers with this; Rasa must see it.
EXECUTION_REJECTED = 400


class TurnBroken(BaseException):
    """The action server could not do its part. Not an Exception, because Rasa swallows those and carries on."""


class WholeTurnEndpoint(EndpointConfig):
    """The action server; a failure of it breaks the turn."""

    @classmethod
    def around(cls, endpoint: EndpointConfig) -> WholeTurnEndpoint:
        """The same endpoint, watched."""
        return cls(endpoint.url, endpoint.params, endpoint.headers, **endpoint.kwargs)

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        # The domain is some 150 KB and no action of ours reads it; rasa-sdk asks that there be one.
        kwargs.get("json", {}).setdefault("domain", {})
        try:
            answer = await super().request(*args, **kwargs)
        except ClientResponseError as error:
            if error.status == EXECUTION_REJECTED:
                raise
            raise TurnBroken(f"the action server answered {error.status}") from None
        # In Python 3.10 asyncio's TimeoutError is not yet the built-in one.
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise TurnBroken(f"the action server is away ({type(error).__name__})") from None
        except JSONDecodeError:
            answer = None
        if not isinstance(answer, dict):
            raise TurnBroken("the action server answered what is not JSON")
        return answer


def keep_turns_whole(agent: Agent) -> None:
    """Put the watched endpoint in the agent's place for actions; doing it twice changes nothing."""
    processor = agent.processor
    endpoint = processor.action_endpoint if processor is not None else None
    if isinstance(endpoint, EndpointConfig) and not isinstance(endpoint, WholeTurnEndpoint):
        processor.action_endpoint = WholeTurnEndpoint.around(endpoint)
