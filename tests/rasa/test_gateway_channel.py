"""The channel, on Rasa's own server: what the worker asks and what it gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.shared.core.events import ActionExecuted, Restarted, UserUttered
from rasa.utils.endpoints import EndpointConfig
from serving import Channel, rasa_with_channel, run, serving

from bot.channels.gateway import KEPT_PARSES, GatewayInput, Replies


class Actions:
    """An action server that notes what it was asked, and can be told to fail or to dawdle."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.failing: set[str] = set()
        self.seconds = 0.0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        call = await request.json()
        self.asked.append(call)
        await asyncio.sleep(self.seconds)
        if call["next_action"] in self.failing:
            return web.Response(status=500, text="it broke")
        events = [{"event": "slot", "name": "noted", "value": True}]
        return web.json_response({"events": events, "responses": [{"text": f"Done: {call['next_action']}"}]})


class Bot:
    """The small bot behind the channel."""

    def __init__(self, agent: Agent, channel: Channel, actions: Actions) -> None:
        self.agent, self.channel, self.actions = agent, channel, actions

    async def heard(self) -> list[str]:
        """The messages that Rasa remembers of the conversation."""
        tracker = await self.agent.tracker_store.retrieve("c1")
        return [event.text for event in tracker.events if isinstance(event, UserUttered)] if tracker else []


@asynccontextmanager
async def bot_behind_channel(model: Path) -> AsyncIterator[Bot]:
    actions = Actions()
    async with serving(actions.answer) as url:
        agent = Agent.load(str(model), action_endpoint=EndpointConfig(url, enable_selective_domain=True))
        async with rasa_with_channel(agent) as channel:
            yield Bot(agent, channel, actions)


Talk = Callable[[Callable[[Bot], Awaitable[Any]]], Any]


@pytest.fixture
def talk(small_model: Path) -> Talk:
    """Runs a conversation with the small bot."""

    def talked(conversation: Callable[[Bot], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            async with bot_behind_channel(small_model) as bot:
                return await conversation(bot)

        return run(main())

    return talked


def test_replies_come_back_in_the_answer_with_their_buttons(talk: Talk) -> None:
    status, body = talk(lambda bot: bot.channel.say("hello"))

    assert status == 200
    assert body == {
        "replies": [
            {
                "text": "Hello on a page.",
                "buttons": [{"title": "Visits", "payload": "visits"}],
                "sources": [],
                "answer": None,
            }
        ],
        "repeated": False,
    }


def test_an_answer_names_its_source_and_the_day_it_was_checked(talk: Talk) -> None:
    _, body = talk(lambda bot: bot.channel.say("how do i book"))

    [reply] = body["replies"]
    assert reply["text"] == "Book on the page."
    assert reply["sources"] == [{"title": "A guide", "url": "https://guide.example/visits", "checked": "2026-11-21"}]
    assert reply["answer"] == "visits/book"


@pytest.mark.parametrize(("channel", "text"), [("sms", "Hello in a text."), ("web", "Hello on a page.")])
def test_the_channel_selects_the_variation(talk: Talk, channel: str, text: str) -> None:
    _, body = talk(lambda bot: bot.channel.say("hello", channel=channel))

    assert [reply["text"] for reply in body["replies"]] == [text]


def test_a_repeated_id_gives_the_earlier_replies_and_is_no_second_turn(talk: Talk) -> None:
    async def conversation(bot: Bot) -> None:
        for words, number in (("hello", "1"), ("note it down", "2"), ("how do i book", "3")):
            first = (await bot.channel.say(words, id=number))[1]
            again = (await bot.channel.say(words, id=number, again=True))[1]

            assert again == {"replies": first["replies"], "repeated": True}
        assert await bot.heard() == ["hello", "note it down", "how do i book"]
        assert [call["next_action"] for call in bot.actions.asked] == ["action_note", "action_say"]

    talk(conversation)


def test_an_older_id_gives_the_replies_of_its_own_turn(talk: Talk) -> None:
    async def conversation(bot: Bot) -> None:
        first = (await bot.channel.say("hello", id="1"))[1]
        await bot.channel.say("how do i book", id="2")

        again = (await bot.channel.say("hello", id="1", again=True))[1]

        assert again["replies"] == first["replies"]

    talk(conversation)


@pytest.mark.parametrize("text", ["/restart", " //restart", "/session_start", '/act{"noted": true}', "/greet"])
def test_a_command_of_rasas_is_taken_as_plain_text(talk: Talk, text: str) -> None:
    async def conversation(bot: Bot) -> None:
        await bot.channel.say("hello", id="1")

        status, _ = await bot.channel.say(text, id="2")

        tracker = await bot.agent.tracker_store.retrieve("c1")
        assert status == 200
        assert await bot.heard() == ["hello", text.lstrip(" /")]
        assert not any(isinstance(event, Restarted) for event in tracker.events)
        assert tracker.get_slot("noted") is None
        assert tracker.latest_message.intent["confidence"] < 1  # the classifier chose it, not the command

    talk(conversation)


@pytest.mark.parametrize("text", ["/", " ", ""])
def test_a_text_with_nothing_in_it_is_still_answered(talk: Talk, text: str) -> None:
    async def conversation(bot: Bot) -> None:
        status, _ = await bot.channel.say(text)

        assert (status, await bot.heard()) == (200, ["?"])

    talk(conversation)


def test_actions_learn_the_messages_id_its_channel_and_what_the_worker_sent_along(talk: Talk) -> None:
    async def conversation(bot: Bot) -> None:
        await bot.channel.say("note it down", id="17", channel="sms", prison="hull")

        metadata = bot.actions.asked[0]["tracker"]["latest_message"]["metadata"]
        assert metadata == {"message_id": 17, "channel": "sms", "prison": "hull"}

    talk(conversation)


def test_a_reference_is_read_as_words_and_given_to_actions_as_it_was_written(talk: Talk) -> None:
    async def conversation(bot: Bot) -> None:
        await bot.channel.say("note it down abc-4kq7")

        assert bot.actions.asked[0]["tracker"]["latest_message"]["text"] == "note it down abc-4kq7"

    talk(conversation)
    agent, _ = understand("note it down abc-4kq7")
    assert agent.parsed == ["note it down my message"]


@pytest.mark.parametrize("failing", ["action_note", "action_say"])
def test_a_broken_action_server_is_a_503_and_nothing_is_saved(
    talk: Talk, failing: str, capfd: pytest.CaptureFixture[str]
) -> None:
    async def conversation(bot: Bot) -> None:
        await bot.channel.say("hello", id="1")
        bot.actions.failing = {failing}

        status, body = await bot.channel.say("note it down", id="2")

        assert (status, body) == (503, {"error": "the action server answered 500"})
        assert await bot.heard() == ["hello"]

    talk(conversation)
    assert "note it down" not in "".join(capfd.readouterr())


def test_a_broken_turn_asked_for_again_is_whole(talk: Talk) -> None:
    async def conversation(bot: Bot) -> None:
        bot.actions.failing = {"action_say"}
        await bot.channel.say("note it down", id="1")
        bot.actions.failing = set()

        status, body = await bot.channel.say("note it down", id="1", again=True)

        tracker = await bot.agent.tracker_store.retrieve("c1")
        ran = [event.action_name for event in tracker.events if isinstance(event, ActionExecuted)]
        assert (status, body["repeated"]) == (200, False)
        assert [reply["text"] for reply in body["replies"]] == ["Done: action_note", "Done: action_say"]
        assert ran[-3:] == ["action_note", "action_say", "action_listen"]
        assert await bot.heard() == ["note it down"]

    talk(conversation)


def test_a_worker_that_gives_up_waiting_breaks_the_turn_too(talk: Talk) -> None:
    async def conversation(bot: Bot) -> None:
        bot.actions.seconds = 1
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(bot.channel.say("note it down", id="1"), 0.3)
        bot.actions.seconds = 0

        status, body = await bot.channel.say("note it down", id="1", again=True)

        assert (status, body["repeated"]) == (200, False)
        assert await bot.heard() == ["note it down"]

    talk(conversation)


class UnderstandingAgent:
    """An agent that only parses, and keeps what it was given."""

    def __init__(self) -> None:
        self.parsed: list[str] = []
        self.recent: list[list[str]] = []
        self.told: list[list[str]] = []
        self.processor = self
        self.tracker_store: Any = None

    async def parse_message(self, message: UserMessage) -> dict[str, Any]:
        self.parsed.append(str(message.text))
        self.recent.append((message.metadata or {})["recent"])
        self.told.append((message.metadata or {})["told"])
        return {"safeguarding": {"level": "possible"}, "intent": {"name": "visits", "confidence": 0.9}}


def understand(*texts: str) -> tuple[UnderstandingAgent, list[Any]]:
    async def main() -> tuple[UnderstandingAgent, list[Any]]:
        agent = UnderstandingAgent()
        async with rasa_with_channel(agent) as channel:
            return agent, [await channel.post("understand", text=text, recent=[], told=[]) for text in texts]

    return run(main())


def test_understanding_gives_the_risk_and_the_intent() -> None:
    _, [answer] = understand("can i see him")

    assert answer == (200, {"risk": {"level": "possible"}, "intent": "visits"})


def test_what_was_written_before_is_read_along() -> None:
    async def main() -> UnderstandingAgent:
        agent = UnderstandingAgent()
        async with rasa_with_channel(agent) as channel:
            await channel.post("understand", text="he wont talk", recent=["he gave his radio away"], told=[])
            await channel.post("understand", text="he wont talk", recent=[], told=["he cries a lot"])
            await channel.post("understand", text="he wont talk", recent=[], told=[])
        return agent

    agent = run(main())
    assert agent.recent == [["he gave his radio away"], [], []]
    assert agent.told == [[], ["he cries a lot"], []]


def test_a_text_is_parsed_once_for_its_risk_and_its_dialogue() -> None:
    agent, _ = understand("can i see him", "when", "can i see him")

    assert agent.parsed == ["can i see him", "when"]


def test_only_so_many_parses_are_kept() -> None:
    agent, _ = understand("the first", *map(str, range(KEPT_PARSES)), "the first")

    assert agent.parsed.count("the first") == 2


@pytest.mark.parametrize(
    ("form", "read"),
    [
        (None, ["and hull?", "how do i book", "how do i book and hull?"]),
        ("concern_form", ["and hull?"]),
    ],
)
def test_what_answers_the_bots_own_question_is_not_read_with_what_the_family_asked(
    form: str | None, read: list[str]
) -> None:
    agent = UnderstandingAgent()
    agent.tracker_store = Trackers(form)
    request = SimpleNamespace(app=SimpleNamespace(ctx=SimpleNamespace(agent=agent)))
    body = {"id": "1", "text": "and hull?", "conversation": "c1", "channel": "web"}
    body["metadata"] = {"recent": ["how do i book"]}

    run(GatewayInput()._user_message(request, body, Replies("web")))
    assert agent.parsed == read


class Trackers:
    """A store whose one conversation is in a form, or in none."""

    def __init__(self, form: str | None) -> None:
        self._form = form

    async def retrieve(self, conversation: str) -> Any:
        return SimpleNamespace(active_loop_name=self._form)
