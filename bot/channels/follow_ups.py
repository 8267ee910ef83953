"""What only makes sense after what was asked before: «and what about my baby?», «on laptop is ok?»."""

from __future__ import annotations

import re
from collections.abc import Collection

from bot.channels.parsed import (
    ALSO_ASKED,
    CONCERN,
    FALLBACK,
    OUT_OF_SCOPE,
    Parsed,
    answered_by,
    confidence,
    own_answer,
)

# A follow-up is read with the question before it when that is so much surer.
SURE_OF_BOTH = 0.45
# It most often stays with its subject, and hardly ever asks for what was just said. These and the numbers below are
# chosen on the pairs of tests/rasa/test_follow_ups.py.
SAME_SUBJECT, SAID_ALREADY = 0.4, 0.75
# What an answer must come to, alone and after the question before together.
SURE_AFTER = 0.4
# From here on both texts together still ask for what was said, though the follow-up alone asks for something else: of a
# piece of a sentence, «on a laptop?», that answer holds the rest.
STILL_ASKED, NOT_ASKED = 0.9, 0.1
LONGEST_FOLLOW_UP, ONLY_A_FEW_WORDS = 11, 5
# Up to how sure of itself a text is read with the question before it: the shorter, the less it says alone. One with a
# word that stands for something named before nearly always is.
SURE_OF_A_FEW, SURE_THOUGH_IT_POINTS_BACK = 0.9, 0.99
_FOLLOW_UP = re.compile(
    r"\s*(?:and|what about|how about|wot about|what if|same for|also|but what|ok and|or)\b", re.IGNORECASE
)
# A piece of a sentence: «on a laptop?»
_PIECE = re.compile(
    r"\s*(?:on|in|at|by|with|from|for|via|per|as) (?:an? |the |my |his |her )?[\w'’]+(?: is| are)?(?: ok(?:ay)?)?\W*$",
    re.IGNORECASE,
)
# Words that stand for something named before: «can they make it for life?»
_STANDS_FOR = re.compile(r"\b(?:it|its|that|this|those|they|them|one|ones|there|then)\b", re.IGNORECASE)


def is_follow_up(text: str) -> bool:
    """Whether a text leans on what was asked before: «and what about my baby?»"""
    return bool(_PIECE.match(text)) or (bool(_FOLLOW_UP.match(text)) and len(text.split()) <= LONGEST_FOLLOW_UP)


def leans(text: str, alone: Parsed) -> bool:
    """Whether the question before is to be read along: «on laptop is ok?»"""
    if is_follow_up(text):
        return True
    return _may_be_a_question(alone) and confidence(alone) < _sure_alone(text)


def _sure_alone(text: str) -> float:
    """How sure a text must be to be taken for a question of its own."""
    words = len(text.split())
    if words <= LONGEST_FOLLOW_UP and _STANDS_FOR.search(text):
        return SURE_THOUGH_IT_POINTS_BACK
    return SURE_OF_A_FEW if words <= ONLY_A_FEW_WORDS else 0.0


def _may_be_a_question(parsed: Parsed) -> bool:
    return parsed["intent"]["name"] in (FALLBACK, OUT_OF_SCOPE) or own_answer(parsed) is not None


def meant_after(text: str, before: Parsed, alone: Parsed, together: Parsed, beside: Collection[str] = ()) -> Parsed:
    """What a text means after the question before it, by what it says alone and what both say together.

    `beside`: the answers to the parts of the question before, where it was two.
    """
    said = own_answer(before)
    if said is None:
        return _the_surer(alone, together)
    if _PIECE.match(text) and _share(together, said) >= STILL_ASKED:
        return answered_by(alone, said)
    nothing = (FALLBACK, OUT_OF_SCOPE) if is_follow_up(text) else (FALLBACK,)
    points: dict[str, float] = {}
    for read in (alone, together):
        for one in read.get("answer_ranking") or []:
            if one["name"] not in nothing:
                points[one["name"]] = points.get(one["name"], 0.0) + one["confidence"]
    for name in points:
        points[name] += SAME_SUBJECT * (name.partition("/")[0] == said.partition("/")[0]) - SAID_ALREADY * (
            name in {said, *beside}
        )
    best = max(points, key=points.__getitem__, default="")
    if "/" not in best or points[best] < SURE_AFTER:
        return _the_surer(alone, together) if is_follow_up(text) else alone
    return {**answered_by(alone, best), ALSO_ASKED: [said] if _still_asked(said, best, together) else []}


def _still_asked(said: str, best: str, together: Parsed) -> bool:
    """«and on remand?», asked about what he may spend: the remand alone is another subject, and may not be meant."""
    other_subject = best.partition("/")[0] != said.partition("/")[0]
    return other_subject and _share(together, said) >= STILL_ASKED and _share(together, best) < NOT_ASKED


def _share(parsed: Parsed, answer: str) -> float:
    """How probable an answer is."""
    ranking = parsed.get("answer_ranking") or []
    return next((float(one["confidence"]) for one in ranking if one["name"] == answer), 0.0)


def _the_surer(alone: Parsed, together: Parsed) -> Parsed:
    """What a follow-up means after the question before; its risk is its own."""
    known = together["intent"]["name"] not in (FALLBACK, CONCERN) and confidence(together) >= SURE_OF_BOTH
    if not known or (alone["intent"]["name"] != FALLBACK and confidence(alone) > confidence(together)):
        return alone
    return {**alone, **{name: together[name] for name in ("intent", "intent_ranking", "response_selector")}}
