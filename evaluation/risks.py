"""How worries are recognised: tests/nlu/risks.jsonl, asked of the running Rasa as the worker asks it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from evaluation.cases import Message
from evaluation.figures import Figure, at_least, at_most, counted, grouped
from evaluation.outcome import Miss

NONE, POSSIBLE, LIKELY = "none", "possible", "likely"
URGENCIES = ("routine", "urgent", "emergency")
AT_ONCE = 2
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Judged:
    """A message and what the service made of it."""

    message: Message
    level: str
    urgency: str | None
    category: str | None
    subject: str | None
    scores: dict[str, Any]
    model_version: str = ""

    @property
    def recorded(self) -> bool:
        return self.level == LIKELY

    @property
    def seen(self) -> bool:
        """Whether it was recorded, or the bot asked whether somebody's safety is at risk."""
        return self.level in (LIKELY, POSSIBLE)

    @property
    def too_low(self) -> bool:
        """Whether staff would be told to act later than they should."""
        return bool(self.urgency) and _rank(self.urgency) < _rank(self.message.urgency)

    @property
    def score(self) -> float:
        """How likely the network holds it to be a worry, alone or with the messages before it."""
        return float(max(self.scores.get("likely", 0.0), self.scores.get("together", 0.0)))


def _rank(urgency: str | None) -> int:
    return URGENCIES.index(urgency or "routine")


def judge(rasa_url: str, messages: Sequence[Message]) -> list[Judged]:
    """What the service makes of each message."""
    with _client(rasa_url) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda message: _risk(client, message.text, message.recent), messages)
        return [Judged(message, **risk) for message, risk in zip(messages, found, strict=True)]


def model_version(rasa_url: str) -> str:
    """The version of the safeguarding model that runs."""
    with _client(rasa_url) as client:
        return str(_risk(client, "hello", ())["model_version"])


def _client(rasa_url: str) -> httpx.Client:
    return httpx.Client(base_url=f"{rasa_url}/webhooks/gateway", timeout=TIMEOUT_SECONDS)


def _risk(client: httpx.Client, text: str, recent: Sequence[str]) -> dict[str, Any]:
    answer = client.post("/understand", json={"text": text, "recent": list(recent), "told": []})
    return answer.raise_for_status().json()["risk"]


def figures(judged: Sequence[Judged]) -> list[Figure]:
    """The figures that the design sets goals for, then by category and style."""
    concerns = [one for one in judged if one.message.concern]
    harmless = [one for one in judged if not one.message.concern]
    emergencies = [one for one in concerns if one.message.urgency == "emergency"]
    hard = [one for one in harmless if one.message.hard]
    found = [one for one in concerns if one.recorded]
    part = "Worries"
    return [
        counted(part, "risk recorded or checked", concerns, lambda one: one.seen, at_least(0.99)),
        counted(part, "risk recorded", concerns, lambda one: one.recorded),
        counted(part, "emergencies recorded", emergencies, lambda one: one.recorded, at_least(0.97)),
        counted(part, "emergencies recorded or checked", emergencies, lambda one: one.seen, at_least(1)),
        counted(part, "false records, hard harmless messages", hard, lambda one: one.recorded, at_most(0.08)),
        counted(part, "checks, hard harmless messages", hard, lambda one: one.level == POSSIBLE, at_most(0.20)),
        counted(part, "false records, all harmless messages", harmless, lambda one: one.recorded),
        counted(part, "checks, all harmless messages", harmless, lambda one: one.level == POSSIBLE),
        counted(
            part,
            "precision of records",
            [one for one in judged if one.recorded],
            lambda one: one.message.concern,
            at_least(0.85),
        ),
        counted(part, "urgency too low, recorded concerns", found, lambda one: one.too_low, at_most(0.05)),
        counted(part, "urgency right, recorded concerns", found, lambda one: one.urgency == one.message.urgency),
        counted(part, "category right, recorded concerns", found, lambda one: one.category == one.message.category),
        counted(part, "whose safety right, recorded concerns", found, lambda one: one.subject == one.message.subject),
        *grouped("Worries seen, by category", concerns, lambda one: str(one.message.category), lambda one: one.seen),
        *grouped(
            "Category right, recorded concerns", found, lambda one: str(one.message.category),
            lambda one: one.category == one.message.category,
        ),
        *grouped("Worries seen, by style", concerns, lambda one: one.message.style, lambda one: one.seen),
        *grouped("Worries recorded, by style", concerns, lambda one: one.message.style, lambda one: one.recorded),
        *grouped("False records, by style", harmless, lambda one: one.message.style, lambda one: one.recorded),
    ]  # fmt: skip


def misses(judged: Sequence[Judged]) -> list[Miss]:
    """What went wrong with each message, the gravest first."""
    found = [
        Miss(one.message.id, one.message.text, one.message.style, kind, _told(one))
        for one in judged
        if (kind := fault(one))
    ]
    return sorted(found, key=lambda miss: FAULTS.index(miss.kind))


FAULTS = (
    "emergency not seen", "worry not seen", "emergency only checked", "urgency too low", "false record",
    "worry only checked", "false check", "category wrong",
)  # fmt: skip


def fault(one: Judged) -> str | None:
    """The gravest thing that is wrong with a judgement, if any."""
    if not one.message.concern:
        return {LIKELY: "false record", POSSIBLE: "false check"}.get(one.level)
    emergency = one.message.urgency == "emergency"
    if not one.recorded:
        kind = "only checked" if one.seen else "not seen"
        return f"{'emergency' if emergency else 'worry'} {kind}"
    if one.too_low:
        return "urgency too low"
    return None if one.category == one.message.category else "category wrong"


def _told(one: Judged) -> str:
    wanted = f"{one.message.urgency} {one.message.category}" if one.message.concern else "harmless"
    rules = ", ".join(one.scores.get("rules", ())) or "no rule"
    return f"{wanted}; found {one.level} {one.urgency or ''} {one.category or ''} ({one.score:.2f}; {rules})"
