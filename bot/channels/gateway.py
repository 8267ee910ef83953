"""Rasa's one door: the gateway's worker asks here what a message means and what to reply.

It listens on loopback or a private network and gives everything back in the answer to the request, so nothing is
sent to a family from here. Asked again with the id of a message it has answered, it gives the same replies.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import json

from bot.channels.asked import about_a_prison, read_asked
from bot.channels.references import about_a_message, in_words
from bot.channels.whole_turns import TurnBroken, keep_turns_whole
from bot.components.safeguarding import QUESTION_ONLY

# A message is parsed for its risk and again for its dialogue moments later: parse results kept for the second time.
KEPT_PARSES = 256

logger = logging.getLogger(__name__)


class Replies(OutputChannel):
    """Collects what the bot says. Its name selects the response variation: `sms` or `web`."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.collected: list[dict[str, Any]] = []

    def name(self) -> str:  # type: ignore[override]  # Rasa only ever asks the instance
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        if message.get("text"):
            self.collected.append(_reply(message))


def _reply(message: dict[str, Any]) -> dict[str, Any]:
    """A bot message as the gateway takes it. The response's own metadata names its source."""
    metadata = message.get("metadata") or {}
    answer = str(message.get("utter_action") or "").removeprefix("utter_")
    metadata = metadata.get("metadata", metadata)
    source = {name: str(metadata.get(name, "")) for name in ("url", "checked")}
    return {
        "text": message["text"].strip(),
        "buttons": [{name: button[name] for name in ("title", "payload")} for button in message.get("buttons") or []],
        # Replies of the service about itself have no page to point to, and need none.
        "sources": [{"title": str(metadata["source"]), **source}] if source["url"] else [],
        # Only what answers a question of a subject has a key, such as visits/book_visit.
        "answer": answer if "/" in answer else None,
    }


class GatewayInput(InputChannel):
    """`POST understand`: the risk and intent of a text. `POST messages`: the replies to a message."""

    def __init__(self) -> None:
        self._parses: OrderedDict[tuple[str, ...], dict[str, Any]] = OrderedDict()
        # One thread beside the server's: while one message is read, the turn of another goes on.
        self._parser = ThreadPoolExecutor(1, thread_name_prefix="parser")

    @classmethod
    def name(cls) -> str:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayInput:
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("gateway_channel")

        @routes.post("/understand")
        async def understand(request: Request) -> HTTPResponse:
            parsed = await self._parse(
                request, _plain(request.json["text"]), request.json["recent"], request.json["told"]
            )
            return json({"risk": parsed["safeguarding"], "intent": parsed["intent"]["name"]})

        @routes.post("/messages")
        async def messages(request: Request) -> HTTPResponse:
            try:
                return json(await self._turn(request, request.json, on_new_message))
            except TurnBroken as error:
                logger.warning("turn.broken: %s", error)
                return json({"error": str(error)}, status=503)

        return routes

    async def _turn(
        self, request: Request, body: dict[str, Any], on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> dict[str, Any]:
        """The replies to a message: those of before if it was answered, else those of a new turn."""
        if body["again"]:
            earlier = await _earlier_replies(request, body["conversation"], body["id"])
            if earlier is not None:
                return {"replies": earlier, "repeated": True}
        replies = Replies(body["channel"])
        keep_turns_whole(request.app.ctx.agent)
        await on_new_message(await self._user_message(request, body, replies))
        return {"replies": replies.collected, "repeated": False}

    async def _user_message(self, request: Request, body: dict[str, Any], replies: Replies) -> UserMessage:
        text = _plain(body["text"])
        recent, told = body["metadata"].get("recent") or [], body["metadata"].get("told") or []
        # What answers a question of the bot's leans on nothing that the family asked.
        asked_before = [] if recent and await _is_asking(request, body["conversation"]) else recent
        parsed = await self._asked(request, text, asked_before, await self._parse(request, text, recent, told))
        if body["metadata"].get("names_a_prison"):
            parsed = about_a_prison(parsed)
        parsed = about_a_message(text, parsed)
        return UserMessage(
            text,
            replies,
            body["conversation"],
            parse_data=parsed,
            input_channel=body["channel"],
            message_id=body["id"],
            metadata={**body["metadata"], "message_id": int(body["id"]), "channel": body["channel"]},
        )

    async def _parse(self, request: Request, text: str, recent: list[str], told: list[str]) -> dict[str, Any]:
        """What a message means, after what the same family wrote before it."""
        key = (text, tuple(recent), tuple(told))
        if key not in self._parses:
            self._parses[key] = await self._read(request, text, recent, told)
            if len(self._parses) > KEPT_PARSES:
                self._parses.popitem(last=False)
        return dict(self._parses[key])

    async def _asked(
        self, request: Request, text: str, asked_before: list[str], parsed: dict[str, Any]
    ) -> dict[str, Any]:
        """What a message asks, part by part and after what was asked before it."""
        harmless = (parsed.get("safeguarding") or {}).get("level") == "none"
        return await read_asked(
            text, asked_before, parsed, lambda part: self._read(request, part, question_only=harmless)
        )

    async def _read(
        self,
        request: Request,
        text: str,
        recent: Sequence[str] = (),
        told: Sequence[str] = (),
        *,
        question_only: bool = False,
    ) -> dict[str, Any]:
        """What the pipeline makes of a text. The parts of a harmless one are not read for a risk again."""
        processor = request.app.ctx.agent.processor
        before = {"recent": [in_words(one) for one in recent], "told": [in_words(one) for one in told]}
        metadata = {**before, QUESTION_ONLY: question_only}
        message = UserMessage(in_words(text), metadata=metadata)
        parsed = await asyncio.get_running_loop().run_in_executor(
            self._parser, lambda: asyncio.run(processor.parse_message(message))
        )
        return {**parsed, "text": text}


def _plain(text: str) -> str:
    """A text that Rasa will not take for one of its own commands, such as /restart."""
    return re.sub(r"^[\s/]+", "", text) or "?"


async def _is_asking(request: Request, conversation: str) -> bool:
    """Whether the bot asked something of its own right before, as a form does."""
    tracker = await request.app.ctx.agent.tracker_store.retrieve(conversation)
    return bool(tracker and tracker.active_loop_name)


async def _earlier_replies(request: Request, conversation: str, message_id: str) -> list[dict[str, Any]] | None:
    """What was replied to this message when it was asked about before; None when it was not."""
    tracker = await request.app.ctx.agent.tracker_store.retrieve(conversation)
    events = list(tracker.events) if tracker else []
    places = [i for i, event in enumerate(events) if isinstance(event, UserUttered) and event.message_id == message_id]
    if not places:
        return None
    replies: list[dict[str, Any]] = []
    for event in events[places[-1] + 1 :]:
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered) and event.text:
            replies.append(_reply(event.message()))
    return replies
