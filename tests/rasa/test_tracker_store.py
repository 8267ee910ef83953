"""A database that fails Rasa is an error to the worker, which asks again. Rasa on its own would go on from memory."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.events import UserUttered
from serving import Channel, rasa_with_channel, run

ROOT = Path(__file__).parents[2]
WORDS = "how do i book"


class Bot:
    """The small bot with our endpoints.yml, and the file that its database is here."""

    def __init__(self, agent: Agent, channel: Channel, file: Path) -> None:
        self.agent, self.channel, self.file = agent, channel, file

    def execute(self, statement: str) -> list[Any]:
        with sqlite3.connect(self.file) as database:
            return database.execute(statement).fetchall()

    def lose_the_database(self) -> None:
        self.execute("ALTER TABLE events RENAME TO events_away")

    def give_it_back(self) -> None:
        self.execute("ALTER TABLE events_away RENAME TO events")

    async def heard(self) -> list[str]:
        """The messages that the database holds of the conversation."""
        tracker = await self.agent.tracker_store.retrieve("c1")
        return [event.text for event in tracker.events if isinstance(event, UserUttered)] if tracker else []


def store_of_endpoints(file: Path, monkeypatch: pytest.MonkeyPatch) -> TrackerStore:
    """What Rasa makes of our endpoints.yml, on a database in a file."""
    monkeypatch.setenv("RASA_TRACKER_URL", f"sqlite:///{file}")
    monkeypatch.setenv("ACTIONS_URL", "http://127.0.0.1:9")
    return TrackerStore.create(AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml")).tracker_store)


Talk = Callable[[Callable[[Bot], Awaitable[Any]]], Any]


@pytest.fixture
def talk(small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """Runs a conversation with the small bot on the store of our endpoints.yml."""
    file = tmp_path / "tracker.db"

    @asynccontextmanager
    async def started() -> AsyncIterator[Bot]:
        agent = Agent.load(str(small_model), tracker_store=store_of_endpoints(file, monkeypatch))
        async with rasa_with_channel(agent) as channel:
            yield Bot(agent, channel, file)

    def talked(conversation: Callable[[Bot], Awaitable[Any]]) -> Any:
        async def main() -> Any:
            async with started() as bot:
                return await conversation(bot)

        return run(main())

    return talked


@pytest.mark.parametrize("again", [False, True], ids=["first asked", "asked again"])
def test_a_database_that_is_away_is_a_503_and_no_reply_comes_from_memory(
    talk: Talk, again: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def conversation(bot: Bot) -> None:
        await bot.channel.say("hello", id="1")
        bot.lose_the_database()

        status, body = await bot.channel.say(WORDS, id="2", again=again)

        assert (status, body) == (503, {"error": "the tracker store failed (OperationalError)"})

    talk(conversation)
    assert WORDS not in caplog.text


def test_a_database_that_takes_no_more_is_a_503_and_its_error_holds_no_words(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    """It can be read, so the turn runs to its end; what fails is that the turn is saved."""

    async def conversation(bot: Bot) -> None:
        await bot.channel.say("hello", id="1")
        bot.execute("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")

        status, body = await bot.channel.say(WORDS, id="2")

        assert (status, body) == (503, {"error": "the tracker store failed (IntegrityError)"})
        assert await bot.heard() == ["hello"]

    talk(conversation)
    assert WORDS not in caplog.text


def test_once_the_database_is_back_the_worker_asks_again_and_the_conversation_goes_on(talk: Talk) -> None:
    async def conversation(bot: Bot) -> None:
        await bot.channel.say("hello", id="1")
        bot.lose_the_database()
        refused, _ = await bot.channel.say(WORDS, id="2")
        bot.give_it_back()

        status, body = await bot.channel.say(WORDS, id="2", again=True)

        assert (refused, status, body["repeated"]) == (503, 200, False)
        assert [reply["text"] for reply in body["replies"]] == ["Book on the page."]
        assert await bot.heard() == ["hello", WORDS]

    talk(conversation)


def test_an_answered_message_is_not_taken_for_a_new_one_while_the_database_is_away(talk: Talk) -> None:
    async def conversation(bot: Bot) -> None:
        first = (await bot.channel.say(WORDS, id="1"))[1]
        bot.lose_the_database()
        refused, _ = await bot.channel.say(WORDS, id="1", again=True)
        bot.give_it_back()

        status, body = await bot.channel.say(WORDS, id="1", again=True)

        assert (refused, status) == (503, 200)
        assert body == {"replies": first["replies"], "repeated": True}
        assert await bot.heard() == [WORDS]

    talk(conversation)


def test_a_conversation_that_cannot_be_read_is_no_new_one_and_ends_no_server(talk: Talk) -> None:
    """Rasa takes a broken row for a missing schema and ends its process."""

    async def conversation(bot: Bot) -> None:
        await bot.channel.say("hello", id="1")
        bot.execute("UPDATE events SET data = '{half'")

        broken, _ = await bot.channel.say("hello", id="2")
        bot.execute("DELETE FROM events")
        whole, _ = await bot.channel.say("hello", id="2", again=True)

        assert (broken, whole) == (503, 200)

    talk(conversation)
