"""From a message to a decision: rules and network together. Pure: no Rasa, no files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.components.risk_network import LIKELY, NONE, POSSIBLE, URGENCIES, Scores
from bot.components.safeguarding_rules import Findings, Hit

CALLER = "caller"
# A button's message, such as /affirm or /inform{"prison": "leeds"}. Any other text that begins with / is read.
_PAYLOAD = re.compile(r"\s*/[\w+-]+(/[\w+-]+)?(@[0-9.]+)?(\{.*\})?\s*", re.DOTALL)
# «no, he is fine»: what was said before is answered with this, and is not to be read along.
_TAKES_BACK = re.compile(
    r"\s*(no|nah|nope|na|not really|dont worry|don't worry|its nothing|it's nothing)\b", re.IGNORECASE
)
# «and his pacemaker?» asks on: what was asked before is no part of a worry because of it.
_ASKS_ON = re.compile(r"\W*(?:and|or|also|what about|wot about|how about)(?:\W+[\w'’]+){1,4}\s*\?+\W*", re.IGNORECASE)
_CALLER_RISK = "caller_risk"
# What befalls the one who writes belongs to one category, whatever its kind.
_OWN_RISK = frozenset(["self_harm_suicide", "mental_health", "food_refusal"])


@dataclass(frozen=True)
class Thresholds:
    """Where one answer ends and the next begins, chosen on messages kept back (data/safeguarding/model/README.md)."""

    # From this probability on a message is likely a concern, and from the second it is asked about.
    likely: float = 0.75
    possible: float = 0.05
    # The same where a rule has found a worry: words that people have agreed on count for much.
    rule_likely: float = 0.3
    # What the last messages together say counts from here on; alone, each said less.
    together: float = 0.75
    # From this probability on an urgency is taken, the gravest first.
    emergency: float = 0.1
    urgent: float = 0.2
    # A rule's category counts as much as this beside the network's probability.
    rule_category: float = 0.2


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


class Network(Protocol):
    def judge(self, text: str, recent: Sequence[str] = ()) -> Scores: ...


def assess(
    text: str,
    recent: Sequence[str],
    told: Sequence[str],
    rules: Rules,
    network: Network,
    thresholds: Thresholds,
    version: str,
) -> Risk:
    """The risk in a message, alone and after those that came right before. Never raises, whatever the text.

    `told`: what came before and is with a concern already. It makes no worry of a message, but a worry in it is read
    after that: «nothing has moved since yesterday» is an emergency after «she is 34 weeks»."""
    if _PAYLOAD.fullmatch(text or "") or not any(letter.isalnum() for letter in text or ""):
        return Risk(model_version=version)
    findings = rules.find(text)
    alone = _without_harmless(network.judge(text), findings, network)
    read_along = recent and not findings.cuts and not _TAKES_BACK.match(text) and not _only_asks_on(text, findings)
    together = network.judge(text, _left_of(recent, rules)) if read_along else alone
    risk = decide(findings, alone, together, thresholds, version)
    if not told or risk.level != LIKELY:
        return risk
    after = network.judge(text, _left_of([*told, *recent], rules))
    return _read_after(risk, findings, max(alone, together, key=_likely), after, thresholds)


def _read_after(risk: Risk, findings: Findings, read: Scores, after: Scores, thresholds: Thresholds) -> Risk:
    """How grave a worry is, of what kind and whose, where more was told before. It is never less grave for that."""
    certain = [hit for hit in findings.hits if hit.rule.level == LIKELY]
    subject = _subject(certain, read, after)
    category = _category(certain, after if _likely(after) >= thresholds.together else read, subject, thresholds)
    urgency = _urgency(certain, after, LIKELY, thresholds)
    return replace(
        risk,
        urgency=max(str(risk.urgency), urgency, key=URGENCIES.index),
        category=category,
        subject=CALLER if category == _CALLER_RISK else subject,
        scores={**risk.scores, "after_told": round(_likely(after), 3)},
    )


def _likely(scores: Scores) -> float:
    return scores["level"][LIKELY]


def _only_asks_on(text: str, findings: Findings) -> bool:
    return not findings.hits and bool(_ASKS_ON.fullmatch(text))


def _left_of(recent: Sequence[str], rules: Rules) -> list[str]:
    """The messages before, without their harmless turns of phrase: these make no worry of what follows either."""
    found = [(text, rules.find(text)) for text in recent]
    return [" ".join(findings.words) if findings.cuts else text for text, findings in found]


def _without_harmless(whole: Scores, findings: Findings, network: Network) -> Scores:
    """What is left of a worry when harmless turns of phrase are taken out of the message: the smaller of the two."""
    if not findings.cuts:
        return whole
    left = " ".join(findings.words)
    if not any(letter.isalnum() for letter in left):
        return {**whole, "level": {LIKELY: 0.0, NONE: 1.0}}
    return min(whole, network.judge(left), key=lambda scores: scores["level"][LIKELY])


def decide(findings: Findings, alone: Scores, together: Scores, thresholds: Thresholds, version: str) -> Risk:
    """The decision on what rules and network have found, the network in the message alone and with those before it."""
    certain = [hit for hit in findings.hits if hit.rule.level == LIKELY]
    level = _level(certain, alone["level"][LIKELY], together["level"][LIKELY], thresholds)
    numbers: dict[str, Any] = {
        "likely": round(alone["level"][LIKELY], 3),
        "together": round(together["level"][LIKELY], 3),
        "rules": sorted({hit.rule.name for hit in findings.hits}),
    }
    if level == NONE:
        return Risk(scores=numbers, model_version=version)
    read = together if together["level"][LIKELY] > alone["level"][LIKELY] else alone
    numbers["emergency"] = round(read["urgency"]["emergency"], 3)
    # Without what was said before it would not have come to this: then that belongs to the worry.
    numbers["from_recent"] = level == LIKELY != _level(certain, alone["level"][LIKELY], 0.0, thresholds)
    # What kind of worry it is shows best in all that was told; whose it is, in both.
    told = together if together["level"][LIKELY] >= thresholds.together else read
    subject = _subject(certain, read, told)
    category = _category(certain, told, subject, thresholds)
    return Risk(
        level=level,
        urgency=_urgency(certain, read, level, thresholds),
        category=category,
        subject=CALLER if category == _CALLER_RISK else subject,
        scores=numbers,
        model_version=version,
    )


def _level(certain: Sequence[Hit], alone: float, together: float, thresholds: Thresholds) -> str:
    if any(hit.rule.sure for hit in certain) or alone >= thresholds.likely or together >= thresholds.together:
        return LIKELY
    if certain and max(alone, together) >= thresholds.rule_likely:
        return LIKELY
    return POSSIBLE if certain or max(alone, together) >= thresholds.possible else NONE


def _subject(certain: Sequence[Hit], *read: Scores) -> str:
    """Whom a rule names that stands by itself, the writer first; else whom the network sees in all its readings."""
    named = {hit.rule.who for hit in certain if hit.rule.sure and hit.rule.who}
    if named:
        return CALLER if CALLER in named else min(named)
    seen = {who: sum(scores["subject"][who] for scores in read) for who in read[0]["subject"]}
    return max(seen, key=seen.__getitem__)


def _urgency(certain: Sequence[Hit], read: Scores, level: str, thresholds: Thresholds) -> str:
    """The gravest that is probable enough: too soon costs staff a look, too late may cost a life."""
    learned = "routine"
    if read["urgency"]["emergency"] >= thresholds.emergency:
        learned = "emergency"
    elif read["urgency"]["emergency"] + read["urgency"]["urgent"] >= thresholds.urgent:
        learned = "urgent"
    found = [hit.rule.urgency for hit in certain]
    urgency = max([learned, *found], key=URGENCIES.index)
    return "urgent" if urgency == "emergency" and level != LIKELY else urgency


def _category(certain: Sequence[Hit], read: Scores, subject: str, thresholds: Thresholds) -> str:
    # Of a message in which the network sees no worry, it cannot know the kind either.
    points = {name: share * read["level"][LIKELY] for name, share in read["category"].items()}
    for name in {hit.rule.category for hit in certain}:
        points[name] += thresholds.rule_category
    best = max(points, key=points.__getitem__)
    return _CALLER_RISK if subject == CALLER and best in _OWN_RISK else best
