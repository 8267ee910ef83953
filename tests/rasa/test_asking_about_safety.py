"""Whole turns of the trained bot when a message may be a worry: what it answers, asks, starts and forgets.

The risk is given with each message, so that only the dialogue is tried here. The action server is a double that sets
the slots which the real actions set.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.utils.endpoints import EndpointConfig
from serving import run, serving

CHECK, LISTEN = "action_check_safety", "action_listen"
QUESTION = "how long does a ban from visiting last"
Slots = dict[str, Any]


def slots_of(name: str, tracker: dict[str, Any]) -> Slots:
    """What the real action of this name sets, as far as the dialogue depends on it."""
    text, asked = tracker["latest_message"]["text"], tracker["slots"]["requested_slot"]
    if name == CHECK:
        return {"safety_asked": True}
    if name in ("action_start_concern", "action_safety_fine"):
        return {"safety_asked": None}
    if name == "validate_concern_form":
        if asked is None:
            return {"requested_slot": "concern_read_back", "concern_message": 1}
        return {"requested_slot": None, "concern_message": 2}
    if name == "validate_prison_form":
        return {"requested_slot": None if "leeds" in text else "prison_choice", "prison_tries": 1}
    return {}


async def act(request: web.Request) -> web.StreamResponse:
    call = await request.json()
    slots = slots_of(call["next_action"], call["tracker"])
    followup = [{"event": "followup", "name": "prison_form"}] if call["next_action"] == "action_prison_info" else []
    return web.json_response(
        {"events": [{"event": "slot", "name": n, "value": v} for n, v in slots.items()] + followup, "responses": []}
    )


class Conversation:
    """One family's conversation with the trained bot."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    async def say(self, text: str, level: str = "none", intent: str | None = None) -> list[str]:
        """The actions that follow a message with this risk; its intent is what the model makes of it unless given."""
        parsed = {**await self._agent.parse_message(text), "safeguarding": {"level": level}}
        if intent is not None:
            parsed["intent"] = {"name": intent, "confidence": 1.0}
        await self._agent.handle_message(UserMessage(text, CollectingOutputChannel(), "c1", parse_data=parsed))
        return await self._actions_of_last_turn()

    async def slot(self, name: str) -> Any:
        return (await self._agent.tracker_store.retrieve("c1")).get_slot(name)

    async def _actions_of_last_turn(self) -> list[str]:
        names: list[str] = []
        for event in reversed((await self._agent.tracker_store.retrieve("c1")).events):
            if isinstance(event, UserUttered):
                break
            if isinstance(event, ActionExecuted):
                names.insert(0, event.action_name)
        return names


Talk = Callable[[Callable[[Conversation], Awaitable[None]]], None]


@pytest.fixture
def talk(model: Agent, monkeypatch: pytest.MonkeyPatch) -> Talk:
    """Runs a conversation from its beginning."""

    @asynccontextmanager
    async def begun() -> AsyncIterator[Conversation]:
        async with serving(act) as url:
            store = InMemoryTrackerStore(model.domain)
            monkeypatch.setattr(model, "tracker_store", store)
            monkeypatch.setattr(model.processor, "tracker_store", store)
            monkeypatch.setattr(model.processor, "action_endpoint", EndpointConfig(url, enable_selective_domain=True))
            monkeypatch.setattr(model, "lock_store", type(model.lock_store)())
            yield Conversation(model)

    def talked(conversation: Callable[[Conversation], Awaitable[None]]) -> None:
        async def main() -> None:
            async with begun() as family:
                await conversation(family)

        run(main())

    return talked


def test_a_question_with_a_possible_worry_is_answered_and_then_checked(talk: Talk) -> None:
    async def conversation(family: Conversation) -> None:
        assert await family.say(QUESTION, "possible") == ["utter_visits", CHECK, LISTEN]

    talk(conversation)


@pytest.mark.parametrize("intent", ["nlu_fallback", "out_of_scope", "nonsense", "greet", "affirm", "deny"])
def test_a_possible_worry_with_nothing_to_answer_is_checked_at_once(talk: Talk, intent: str) -> None:
    async def conversation(family: Conversation) -> None:
        assert await family.say("he is not himself", "possible", intent) == [CHECK, LISTEN]

    talk(conversation)


@pytest.mark.parametrize("level", ["none", "possible"])
def test_yes_to_the_check_starts_a_concern(talk: Talk, level: str) -> None:
    async def conversation(family: Conversation) -> None:
        await family.say("he is not himself", "possible", "nlu_fallback")

        assert await family.say("yes", level) == ["action_start_concern", "concern_form", LISTEN]

    talk(conversation)


@pytest.mark.parametrize("level", ["none", "possible"])
def test_no_to_the_check_is_taken_for_an_answer(talk: Talk, level: str) -> None:
    async def conversation(family: Conversation) -> None:
        await family.say("he is not himself", "possible", "nlu_fallback")

        assert await family.say("no", level) == ["action_safety_fine", LISTEN]
        assert await family.say("no") == ["utter_ready", LISTEN]

    talk(conversation)


def test_a_worry_told_instead_of_an_answer_starts_a_concern(talk: Talk) -> None:
    async def conversation(family: Conversation) -> None:
        await family.say(QUESTION, "possible")

        turn = await family.say("they beat him every day", "likely", "report_concern")

        assert turn == ["action_start_concern", "concern_form", LISTEN]

    talk(conversation)


def test_yes_to_something_else_days_later_starts_nothing(talk: Talk) -> None:
    async def conversation(family: Conversation) -> None:
        await family.say(QUESTION, "possible")
        await family.say("thank you")

        assert await family.slot("safety_asked") is None
        assert await family.say("yes") == ["utter_ready", LISTEN]

    talk(conversation)


def test_asking_for_a_concern_with_few_words_is_not_checked_but_believed(talk: Talk) -> None:
    async def conversation(family: Conversation) -> None:
        turn = await family.say("i want to report a concern", "possible", "report_concern")

        assert turn == ["action_start_concern", "concern_form", LISTEN]

    talk(conversation)


@pytest.mark.parametrize("level", ["none", "possible", "likely"])
def test_the_last_answer_of_a_concern_is_met_with_the_receipt_whatever_it_says(talk: Talk, level: str) -> None:
    async def conversation(family: Conversation) -> None:
        await family.say("they beat him every day", "likely", "report_concern")

        turn = await family.say("yes that is right", level, "report_concern" if level == "likely" else "affirm")

        assert turn == ["concern_form", "action_give_receipt", LISTEN]

    talk(conversation)


def test_a_possible_worry_in_the_name_of_a_prison_is_checked_after_the_prison_is_told(talk: Talk) -> None:
    async def conversation(family: Conversation) -> None:
        assert await family.say("whats the booking line number") == ["action_prison_info", "prison_form", LISTEN]
        assert await family.say("the one he is not himself in", "possible", "nlu_fallback") == ["prison_form", LISTEN]

        turn = await family.say("leeds and he is not himself", "possible", "nlu_fallback")

        assert turn == ["prison_form", "action_tell_prison", CHECK, LISTEN]

    talk(conversation)


@pytest.mark.parametrize("text", [QUESTION, "hello", "tell me the football scores"])
def test_what_is_no_worry_is_only_answered(talk: Talk, text: str) -> None:
    async def conversation(family: Conversation) -> None:
        turn = await family.say(text)

        assert CHECK not in turn
        assert len(turn) == 2

    talk(conversation)
