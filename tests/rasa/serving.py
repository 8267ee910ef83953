"""Real servers on loopback: one that answers as a test says, and Rasa's own with our channel on it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import ClientSession, web

Answer = Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """A server that gives every request to `answer`; yields its address."""
    app = web.Application(client_max_size=10**7)
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    listening = _listening()
    await web.SockSite(runner, listening, shutdown_timeout=0.1).start()
    try:
        yield _address(listening)
    finally:
        await runner.cleanup()


class Channel:
    """A client of the channel, as the worker is one."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def post(self, path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        async with self._session.post(f"{self._url}/webhooks/gateway/{path}", json=body) as response:
            return response.status, await response.json()

    async def say(
        self, text: str, *, id: str = "1", channel: str = "web", again: bool = False, **metadata: Any
    ) -> tuple[int, dict[str, Any]]:
        """Ask for the replies to a message; `again` as the worker says that it may have asked before."""
        return await self.post(
            "messages", id=id, conversation="c1", text=text, channel=channel, again=again, metadata=metadata
        )


@asynccontextmanager
async def rasa_with_channel(agent: Any) -> AsyncIterator[Channel]:
    """Rasa's server around `agent`, set up as `rasa run` does it with our credentials.yml."""
    import rasa.core.channels.channel
    from rasa.server import create_app
    from sanic import Sanic

    from bot.channels.gateway import GatewayInput

    Sanic.test_mode = True  # or a second app of the same name is refused
    app = create_app(agent)
    rasa.core.channels.channel.register([GatewayInput.from_credentials({})], app, route="/webhooks/")
    listening = _listening()
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.start_serving()
    async with ClientSession() as session:
        yield Channel(session, _address(listening))
    server.close()
    await server.wait_closed()


def run(main: Coroutine[Any, Any, Any]) -> Any:
    """Run a test's coroutine, for at most half a minute."""
    return asyncio.run(asyncio.wait_for(main, 30))


def _listening() -> socket.socket:
    opened = socket.socket()
    opened.bind(("127.0.0.1", 0))
    return opened


def _address(opened: socket.socket) -> str:
    return f"http://127.0.0.1:{opened.getsockname()[1]}"
