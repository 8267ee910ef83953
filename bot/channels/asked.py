"""What a family asks, where that is not one plain question: two in one text, one deep in a story, one that only makes
sense after what was asked before, one that could mean either of two things.

The pipeline reads one text at a time; here it is asked again about the parts. Pure but for that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.channels.follow_ups import leans, meant_after
from bot.channels.parsed import (
    CONCERN,
    FALLBACK,
    NOT_SURE,
    SURE_OF_PART,
    UNSURE,
    Parsed,
    Read,
    answered_by,
    own_answer,
)

ALSO_ASKED, OPTIONS = "also_asked", "options"
# The subjects whose answers may stand beside the reply to a worry: what they say cannot hurt.
BESIDE_A_WORRY = frozenset(["visits", "searches", "money", "contact", "support"])
# A question beside a worry is answered when it would be on its own: see config.yml, FallbackClassifier.
SURE_BESIDE_A_WORRY = 0.36
# Of answers that are not sure, the next is given too when it is at least such a share as probable.
NEARLY = 0.6
# What is asked about one prison: taken when a prison is named and nothing else is surer.
ABOUT_A_PRISON = ("prison_info_booking", "prison_info_switchboard", "prison_info_page", "safer_custody_number")
BOOKING, LEAST_ABOUT_A_PRISON = "visits/book_visit", 0.08
# Unsure between two: together so probable, and each so much.
TWO_TOGETHER, EACH_OF_TWO = 0.4, 0.13
MOST_PARTS, MOST_ANSWERS, FEWEST_WORDS = 5, 2, 3
_ENDS = re.compile(r"[?!.;\n]+|\s+-\s+")
# Where a new question begins in a text without full stops.
_BEGINS = re.compile(
    r",?\s+(?:and\s+|n\s+|also\s+|plus\s+|&\s+|then\s+)*(?="
    r"(?:how|what|wot|when|where|who|which|why|what's|whats)\b"
    r"|(?:can|could|do|does|is|are|am|will|would|should|if)\s+(?:i|we|u|you|he|she|they|it|my|our|me|the|there|someone|kids|children)\b)"
    r"|\s+(?:also|plus|another thing|one more thing)\s+",
    re.IGNORECASE,
)
# Begins that belong to the words before: "the visit i can", "ask him if he is".
_HELD_BY = frozenset(
    "i he she they we you that it know ask tell see me him her them about exactly and or but of how what wot when "
    "where who which why if".split()
)


def parts_of(text: str) -> list[str]:
    """The parts of a text that could each be a question, at most MOST_PARTS; empty when there is only one."""
    parts: list[str] = []
    for sentence in _ENDS.split(text):
        parts.extend(_questions_of(sentence))
    parts = [part for part in parts if len(part.split()) >= FEWEST_WORDS]
    return parts[:MOST_PARTS] if len(parts) > 1 else []


def _questions_of(sentence: str) -> list[str]:
    parts, start = [], 0
    for found in _BEGINS.finditer(sentence):
        before = sentence[start : found.start()].split()
        if len(before) >= FEWEST_WORDS and before[-1].lower() not in _HELD_BY:
            parts.append(sentence[start : found.start()].strip(" ,"))
            start = found.end()
    return [*parts, sentence[start:].strip(" ,")]


async def read_asked(text: str, recent: Sequence[str], parsed: Parsed, read: Read) -> Parsed:
    """`parsed`, with what else was asked, what was meant after the question before, or what it could be."""
    if recent and parsed["intent"]["name"] != CONCERN and leans(text, parsed):
        before, together = await read(recent[-1]), await read(f"{recent[-1]} {text}")
        parsed = meant_after(before, parsed, together)
    answers = [answer for part in parts_of(text) if (answer := _answer(await read(part)))]
    parsed = _with_answers(parsed, list(dict.fromkeys(answers)))
    return _unsure(parsed) if parsed["intent"]["name"] == FALLBACK else _with_the_next(parsed)


def about_a_prison(parsed: Parsed) -> Parsed:
    """What a text that names a prison asks, where it was taken for the general question or for none."""
    general = own_answer(parsed) == BOOKING
    if not general and parsed["intent"]["name"] not in (FALLBACK, UNSURE):
        return parsed
    ranked = {one["name"]: one["confidence"] for one in parsed.get("answer_ranking") or []}
    best = max(ABOUT_A_PRISON, key=lambda name: ranked.get(name, 0.0))
    if ranked.get(best, 0.0) < LEAST_ABOUT_A_PRISON:
        best = ABOUT_A_PRISON[0] if general else ""
    return {**parsed, "intent": {"name": best, "confidence": SURE_OF_PART}} if best else parsed


def _answer(part: Parsed, sure: float = SURE_OF_PART) -> str | None:
    """The answer that a part asks for, such as visits/book_visit; none where it tells of a risk or is unclear."""
    best = (part.get("answer_ranking") or [{"name": "", "confidence": 0.0}])[0]
    harmless = (part.get("safeguarding") or {}).get("level", "none") == "none"
    return best["name"] if harmless and "/" in best["name"] and best["confidence"] >= sure else None


def _with_answers(parsed: Parsed, answers: list[str]) -> Parsed:
    """The parts' answers beside the whole's: none twice, at most two in all."""
    intent = parsed["intent"]["name"]
    if intent == CONCERN:
        own = _answer({**parsed, "safeguarding": None}, SURE_BESIDE_A_WORRY)
        asked = dict.fromkeys([*answers, *filter(None, [own])])
        return {**parsed, ALSO_ASKED: [answer for answer in asked if answer.partition("/")[0] in BESIDE_A_WORRY][:1]}
    own = own_answer(parsed)
    if len(answers) < 2 and own is not None:
        return parsed  # one question, told at length
    if own is None and intent != FALLBACK:
        return {**parsed, ALSO_ASKED: answers[:1]} if answers else parsed
    if own is None and answers or answers and own not in answers:
        parsed = answered_by(parsed, answers[0])
    return {**parsed, ALSO_ASKED: [answer for answer in answers if answer != own_answer(parsed)][: MOST_ANSWERS - 1]}


def _with_the_next(parsed: Parsed) -> Parsed:
    """Two answers nearly as probable as each other are both given, the likelier first."""
    first, second, *_ = [*(parsed.get("answer_ranking") or []), *[{"name": "", "confidence": 0.0}] * 2]
    near = first["confidence"] < NOT_SURE and second["confidence"] >= NEARLY * first["confidence"]
    if parsed.get(ALSO_ASKED) or not near or "/" not in second["name"] or first["name"] != own_answer(parsed):
        return parsed
    return {**parsed, ALSO_ASKED: [second["name"]]}


def _unsure(parsed: Parsed) -> Parsed:
    """Two answers that are both probable: the family is asked which."""
    first, second, *_ = [*(parsed.get("answer_ranking") or []), *[{"name": "", "confidence": 0.0}] * 2]
    both = all("/" in one["name"] and one["confidence"] >= EACH_OF_TWO for one in (first, second))
    if not both or first["confidence"] + second["confidence"] < TWO_TOGETHER:
        return parsed
    intent = {"name": UNSURE, "confidence": first["confidence"] + second["confidence"]}
    return {**parsed, "intent": intent, OPTIONS: [first["name"], second["name"]]}
