"""What only makes sense after what was asked before: «and what about my baby?», «on laptop is ok?»."""

from __future__ import annotations

import re

from bot.channels.parsed import (
    CONCERN,
    FALLBACK,
    NOT_SURE,
    OUT_OF_SCOPE,
    Parsed,
    answered_by,
    confidence,
    own_answer,
)

# A follow-up is read with the question before it when that is so much surer.
SURE_OF_BOTH = 0.45
# It most often stays with its subject, and hardly ever asks for what was just said.
SAME_SUBJECT, SAID_ALREADY = 0.2, 0.5
# What an answer must come to, alone and after the question before together.
SURE_AFTER = 0.5
LONGEST_FOLLOW_UP, ONLY_A_FEW_WORDS = 11, 5
_FOLLOW_UP = re.compile(
    r"\s*(?:and|what about|how about|wot about|what if|same for|also|but what|ok and|or)\b", re.IGNORECASE
)
# Words that stand for something named before: «can they make it for life?»
_STANDS_FOR = re.compile(r"\b(?:it|its|that|this|those|they|them|one|ones|there|then)\b", re.IGNORECASE)


def is_follow_up(text: str) -> bool:
    """Whether a text leans on what was asked before: «and what about my baby?»"""
    return bool(_FOLLOW_UP.match(text)) and len(text.split()) <= LONGEST_FOLLOW_UP


def _may_lean(text: str) -> bool:
    """Whether a text that is not understood alone may lean on what was asked before: «on laptop is ok?»"""
    words = len(text.split())
    return words <= ONLY_A_FEW_WORDS or (words <= LONGEST_FOLLOW_UP and bool(_STANDS_FOR.search(text)))


def leans(text: str, alone: Parsed) -> bool:
    """Whether the question before is to be read along."""
    return is_follow_up(text) or (_may_be_a_question(alone) and confidence(alone) < NOT_SURE and _may_lean(text))


def _may_be_a_question(parsed: Parsed) -> bool:
    return parsed["intent"]["name"] in (FALLBACK, OUT_OF_SCOPE) or own_answer(parsed) is not None


def meant_after(before: Parsed, alone: Parsed, together: Parsed) -> Parsed:
    """What a text means after the question before it, by what it says alone and what both say together."""
    said = own_answer(before)
    if said is None:
        return _the_surer(alone, together)
    points: dict[str, float] = {}
    for read in (alone, together):
        for one in read.get("answer_ranking") or []:
            points[one["name"]] = points.get(one["name"], 0.0) + one["confidence"]
    for name in points:
        points[name] += SAME_SUBJECT * (name.partition("/")[0] == said.partition("/")[0]) - SAID_ALREADY * (
            name == said
        )
    best = max(points, key=points.__getitem__, default="")
    return answered_by(alone, best) if "/" in best and points[best] >= SURE_AFTER else _the_surer(alone, together)


def _the_surer(alone: Parsed, together: Parsed) -> Parsed:
    """What a follow-up means after the question before; its risk is its own."""
    known = together["intent"]["name"] not in (FALLBACK, CONCERN) and confidence(together) >= SURE_OF_BOTH
    if not known or (alone["intent"]["name"] != FALLBACK and confidence(alone) > confidence(together)):
        return alone
    return {**alone, **{name: together[name] for name in ("intent", "intent_ranking", "response_selector")}}
