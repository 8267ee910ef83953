"""The endpoint to the action server: a failure breaks the turn, a form that steps aside does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientTimeout, web
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from serving import Answer, run, serving

from bot.channels.whole_turns import TurnBroken, WholeTurnEndpoint, keep_turns_whole

WORDS = "my son is not himself"


def ask(answer: Answer, **options: Any) -> Any:
    """What comes of asking an action server that behaves like `answer`."""

    async def main() -> Any:
        async with serving(answer) as url:
            return await WholeTurnEndpoint(url).request(json={"tracker": {"text": WORDS}}, **options)

    return run(main())


def status(code: int, body: str = WORDS) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text=body)

    return answer


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def hang_up_half_way(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"events": [')
    assert request.transport is not None
    request.transport.abort()
    return response


async def keep_waiting(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(20)
    return web.Response()


async def answer_no_json(request: web.Request) -> web.StreamResponse:
    return web.Response(text="{half", content_type="application/json")


async def echo(request: web.Request) -> web.StreamResponse:
    return web.json_response({"asked": await request.json()})


@pytest.mark.parametrize(
    "answer", [status(500), status(502), status(404), hang_up, hang_up_half_way, answer_no_json, status(200)]
)
def test_a_failing_action_server_breaks_the_turn_and_the_error_holds_nothing_of_the_request(answer: Answer) -> None:
    with pytest.raises(TurnBroken) as broken:
        ask(answer)

    assert WORDS not in str(broken.value)
    assert broken.value.__suppress_context__ or broken.value.__context__ is None


def test_an_action_server_that_takes_too_long_breaks_the_turn() -> None:
    with pytest.raises(TurnBroken, match="away"):
        ask(keep_waiting, timeout=ClientTimeout(total=0.2))


def test_an_action_server_that_is_not_there_breaks_the_turn() -> None:
    with pytest.raises(TurnBroken, match="away"):
        run(WholeTurnEndpoint("http://127.0.0.1:9").request(json={}))


def test_a_form_that_steps_aside_reaches_rasa_as_its_own_error() -> None:
    with pytest.raises(ClientResponseError) as rejected:
        ask(status(400, '{"action_name": "concern_form"}'))

    assert rejected.value.status == 400


def test_an_empty_domain_stands_in_for_the_large_one() -> None:
    assert ask(echo)["asked"] == {"tracker": {"text": WORDS}, "domain": {}}


def test_a_broken_turn_is_no_exception_that_rasa_would_swallow() -> None:
    assert not issubclass(TurnBroken, Exception)


class Processor:
    def __init__(self, endpoint: EndpointConfig | None) -> None:
        self.action_endpoint = endpoint


class Agent:
    def __init__(self, processor: Processor | None) -> None:
        self.processor = processor


def test_the_watched_endpoint_keeps_the_address_and_settings_of_the_one_it_replaces() -> None:
    agent = Agent(Processor(EndpointConfig("http://actions/webhook", headers={"X": "1"}, enable_selective_domain=True)))

    keep_turns_whole(agent)

    watched = agent.processor.action_endpoint
    assert isinstance(watched, WholeTurnEndpoint)
    assert (watched.url, watched.headers) == ("http://actions/webhook", {"X": "1"})
    assert watched.kwargs == {"enable_selective_domain": True}


def test_watching_twice_changes_nothing() -> None:
    agent = Agent(Processor(EndpointConfig("http://actions/webhook")))
    keep_turns_whole(agent)
    watched = agent.processor.action_endpoint

    keep_turns_whole(agent)

    assert agent.processor.action_endpoint is watched


@pytest.mark.parametrize("agent", [Agent(None), Agent(Processor(None))])
def test_without_an_action_server_there_is_nothing_to_watch(agent: Agent) -> None:
    keep_turns_whole(agent)

    assert agent.processor is None or agent.processor.action_endpoint is None
