"""From a message to a decision: rules and model together. Pure: no Rasa, no files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.components.safeguarding_model import LIKELY, NONE, POSSIBLE, Passage, Scores
from bot.components.safeguarding_rules import URGENCIES, Findings, Hit
from bot.components.safeguarding_text import STOP, parts_of

CALLER, PRISONER = "caller", "prisoner"
# A button's message, such as /affirm or /inform{"prison": "leeds"}. Any other text that begins with / is read.
_PAYLOAD = re.compile(r"\s*/[\w+-]+(/[\w+-]+)?(@[0-9.]+)?(\{.*\})?\s*", re.DOTALL)
# Besides the whole message, so many of its clauses are looked at closely: those that look riskiest by their words.
_MOST_PARTS = 2
# A message of so few words is read in one look; each further look takes some 4 ms.
_SHORT = 18
# In a message of more words a turn of phrase weighs little, and the pipeline has the whole message's vector already.
_LONG = 25
_SELF_HARM, _CALLER_RISK = "self_harm_suicide", "caller_risk"
# What befalls the one who writes belongs to one category, whatever its kind.
_OWN_RISK = frozenset(
    [_SELF_HARM, "mental_health", "physical_health", "violence_bullying", "food_refusal", "sexual_abuse"]
)
# Rules of these categories describe a state; whose it is stands before it, at most so many words away.
_STATES = frozenset([_SELF_HARM, "mental_health", "physical_health", "food_refusal"])
_LOOK_BACK = 9
_FIRST_PERSON = frozenset(["i", "myself"])
_THIRD_PERSON = frozenset(["himself", "herself"])
_OTHERS = frozenset(
    "he she they son brother husband partner dad father boyfriend daughter lad boy mate fella mum mother nephew niece "
    "grandson granddaughter grandad cousin uncle sister wife girlfriend friend kid man woman girl".split()
)
_SPEECH = frozenset(
    "says said say saying tells told telling goes wrote texted keeps shouted whispered rang like".split()
)


@dataclass(frozen=True)
class Thresholds:
    """Where one answer ends and the next begins; measured in data/safeguarding/README.md."""

    likely: float = 0.45
    possible: float = 0.20
    emergency: float = 0.35
    # A rule that finds a worry where the model sees next to none only has the bot ask, unless it is an emergency's.
    rule_needs: float = 0.03
    # A clause without its message is easily misread.
    part_trust: float = 0.5
    # A rule's category counts as much as this beside the model's probability.
    rule_category: float = 1.0


@dataclass(frozen=True)
class Risk:
    """What a message says about somebody's safety. Urgency, category and subject are None where level is none."""

    level: str = NONE
    urgency: str | None = None
    category: str | None = None
    subject: str | None = None
    scores: dict[str, Any] = field(default_factory=dict)
    model_version: str = ""


class Rules(Protocol):
    def find(self, text: str) -> Findings: ...


class Model(Protocol):
    version: str

    def judge(self, passages: Sequence[Passage]) -> list[Scores]: ...
    def riskiest(self, passages: Sequence[Passage], most: int) -> list[Passage]: ...


def assess(text: str, rules: Rules, model: Model, thresholds: Thresholds = Thresholds()) -> Risk:
    """The risk in a message, as the riskiest of its clauses has it. Never raises, whatever the text."""
    if _PAYLOAD.fullmatch(text or ""):
        return Risk(model_version=model.version)
    findings = rules.find(text or "")
    if not any(word.isalnum() for word in findings.words):
        return Risk(model_version=model.version)
    whole = passage(text, findings)
    parts = model.riskiest(passages(findings.words), _MOST_PARTS) if len(findings.words) > _SHORT else []
    scores = model.judge([whole, *(part for part in parts if part.plain != whole.plain)])
    return decide(findings, scores, thresholds, model.version)


def passage(text: str, findings: Findings) -> Passage:
    """A whole message, as written, or without the harmless turns of phrase that were found in it."""
    plain = " ".join(findings.words)
    return Passage(plain if findings.cuts and len(findings.words) <= _LONG else text, plain)


def passages(words: Sequence[str]) -> list[Passage]:
    """The clauses of a message."""
    return [Passage(text, text) for text in (" ".join(words[start:end]) for start, end in parts_of(words))]


def decide(findings: Findings, scores: Sequence[Scores], thresholds: Thresholds, version: str) -> Risk:
    """The decision on what rules and model have found; the first of `scores` is the whole message's."""
    trust = [1.0] + [thresholds.part_trust] * (len(scores) - 1)
    likely = max(share * score["level"].get(LIKELY, 0.0) for share, score in zip(trust, scores, strict=True))
    some = max(share * (1 - score["level"].get(NONE, 0.0)) for share, score in zip(trust, scores, strict=True))
    numbers = {
        "likely": round(likely, 3),
        "any": round(some, 3),
        "rules": sorted({hit.rule.name for hit in findings.hits}),
    }
    level = _level(findings.hits, likely, some, thresholds)
    if level == NONE:
        return Risk(scores=numbers, model_version=version)
    riskiest = max(scores, key=lambda score: score["level"].get(LIKELY, 0.0))
    emergency = max(scores[0]["urgency"].get("emergency", 0.0), riskiest["urgency"].get("emergency", 0.0))
    subject = _subject(findings, scores[0])
    category = _category(findings.hits, scores[0], riskiest, subject, thresholds)
    numbers["emergency"] = round(emergency, 3)
    return Risk(
        level=level,
        urgency=_urgency(findings.hits, scores[0], emergency, level, thresholds),
        category=category,
        subject=CALLER if category == _CALLER_RISK else subject,
        scores=numbers,
        model_version=version,
    )


def _level(hits: Sequence[Hit], likely: float, some: float, thresholds: Thresholds) -> str:
    certain = [hit for hit in hits if hit.rule.level == LIKELY]
    trusted = likely >= thresholds.rule_needs or any(
        hit.rule.sure or hit.rule.urgency == "emergency" for hit in certain
    )
    if likely >= thresholds.likely or (certain and trusted):
        return LIKELY
    return POSSIBLE if hits or some >= thresholds.possible else NONE


def _urgency(hits: Sequence[Hit], whole: Scores, emergency: float, level: str, thresholds: Thresholds) -> str:
    found = [hit.rule.urgency for hit in hits if hit.rule.level == LIKELY]
    if level == LIKELY and (emergency >= thresholds.emergency or "emergency" in found):
        return "emergency"
    learned = max(("routine", "urgent"), key=lambda answer: whole["urgency"].get(answer, 0.0))
    return max([learned, *(urgency for urgency in found if urgency != "emergency")], key=URGENCIES.index)


def _category(hits: Sequence[Hit], whole: Scores, riskiest: Scores, subject: str, thresholds: Thresholds) -> str:
    points = {name: (value + riskiest["category"][name]) / 2 for name, value in whole["category"].items()}
    for name in {hit.rule.category for hit in hits if hit.rule.level == LIKELY}:
        points[name] = points.get(name, 0.0) + thresholds.rule_category
    best = max(points, key=lambda name: points[name])
    return _CALLER_RISK if subject == CALLER and best in _OWN_RISK else best


def _subject(findings: Findings, whole: Scores) -> str:
    fixed = [hit.rule.who for hit in findings.hits if hit.rule.who]
    told = [who for hit in findings.hits if (who := _who_is_meant(findings.words, hit))]
    points = dict(whole["subject"])
    for who, weight in [*((who, 1.0) for who in set(fixed)), *((who, 0.8) for who in set(told))]:
        points[who] = points.get(who, 0.0) + weight
    return max(points, key=lambda who: points[who])


def _who_is_meant(words: Sequence[str], hit: Hit) -> str | None:
    """Whose state it is: "my son wants to die" his, "i want to die" the caller's, "he said i want to die" his."""
    if hit.rule.category not in _STATES:
        return None
    inside = words[hit.start : hit.end]
    if not _THIRD_PERSON.isdisjoint(inside):
        return PRISONER
    start = max(0, hit.start - _LOOK_BACK)
    before = list(words[start : hit.start])
    for at in reversed(range(len(before) + 1)):
        word = before[at] if at < len(before) else next((word for word in inside if word in _FIRST_PERSON), "")
        if word == STOP:
            return None
        if word in _FIRST_PERSON:
            return PRISONER if _is_quoted(before[:at]) else CALLER
        if word in _OTHERS:
            return PRISONER
    return None


def _is_quoted(before: Sequence[str]) -> bool:
    """Whether somebody else is said to speak: "he told me", "my son keeps saying"."""
    speech = [at for at, word in enumerate(before) if word in _SPEECH]
    return any(not _OTHERS.isdisjoint(before[max(0, at - 4) : at]) for at in speech)
