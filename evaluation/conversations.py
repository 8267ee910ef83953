"""Whole conversations: tests/nlu/conversations.jsonl, played through the chat, and what the log holds after them."""

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from evaluation.cases import Conversation
from evaluation.chat import Family, NoAnswer, joined
from evaluation.figures import Figure, at_least, counted
from evaluation.matching import differences, missing, says
from evaluation.outcome import Miss
from evaluation.service import Service

AT_ONCE = 4
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Played:
    """A conversation that was played, by its token, and what was wrong in its replies."""

    conversation: Conversation
    token: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Log:
    """What the service keeps of every conversation: its concerns, and the numbers of its other rows by their kind."""

    concerns: dict[str, list[dict[str, Any]]]
    counts: dict[str, dict[str, int]]


def play(url: str, conversations: Sequence[Conversation]) -> list[Played]:
    """Each conversation, turn by turn; several families write at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda conversation: _play(url, conversation), conversations))


def _play(url: str, conversation: Conversation) -> Played:
    faults: list[str] = []
    with httpx.Client(base_url=url, timeout=TIMEOUT_SECONDS) as client:
        family = Family(client)
        for number, turn in enumerate(conversation.turns, start=1):
            try:
                said = joined(family.say(turn.say))
            except (NoAnswer, httpx.HTTPError) as error:
                return Played(conversation, family.conversation, (*faults, f"turn {number}: {error}"))
            faults += [f"turn {number} lacks “{one}”; said: {said[:300]}" for one in missing(said, turn.expect)]
            faults += [f"turn {number} says “{one}”: {said[:300]}" for one in turn.never if says(said, one)]
    return Played(conversation, family.conversation, tuple(faults))


def read_log(service: Service) -> Log:
    """What `gateway concerns export` gives, by conversation, and what stands beside it."""
    concerns: dict[str, list[dict[str, Any]]] = {}
    for concern in service.rows("concerns", "export"):
        concerns.setdefault(concern["conversation"], []).append(concern)
    return Log(concerns, json.loads(service.run(sys.executable, "-m", "evaluation.counts")))


def compare(played: Sequence[Played], log: Log) -> list[Played]:
    """The same conversations, with what is wrong in the log added to their faults."""
    return [Played(one.conversation, one.token, (*one.faults, *_wrong_in_log(one, log))) for one in played]


def _wrong_in_log(one: Played, log: Log) -> list[str]:
    wrong = differences(one.conversation.concerns, log.concerns.get(one.token, []))
    for kind, wanted in one.conversation.counts.items():
        if (found := log.counts[kind].get(one.token, 0)) != wanted:
            wrong.append(f"{found} {kind} instead of {wanted}")
    return wrong


def figures(played: Sequence[Played]) -> list[Figure]:
    """How many went as they should in every turn and in the log."""
    return [
        counted("Conversations", "all replies and the log right", played, lambda one: not one.faults, at_least(0.95))
    ]


def misses(played: Sequence[Played]) -> list[Miss]:
    """Every conversation in which something was wrong."""
    return [
        Miss(
            one.conversation.id,
            " / ".join(turn.say for turn in one.conversation.turns),
            one.conversation.about,
            "conversation",
            "; ".join(one.faults),
        )
        for one in played
        if one.faults
    ]
