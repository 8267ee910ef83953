"""What a family asks, where that is not one plain question: two in one text, one deep in a story, one that only makes
sense after what was asked before, one that could mean either of two things.

The pipeline reads one text at a time; here it is asked again about the parts. Pure but for that.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from bot.channels.follow_ups import leans, meant_after
from bot.channels.parsed import (
    ALSO_ASKED,
    CONCERN,
    FALLBACK,
    NOT_SURE,
    SURE_OF_PART,
    UNSURE,
    Parsed,
    Read,
    answered_by,
    confidence,
    own_answer,
)
from bot.channels.parts import asks, parts_of

OPTIONS = "options"
# Beside a worry a question is answered only where it is asked, and surely; the words of a worry themselves, «someone is
# touching him in the showers», are often likest to some question. What has not the form of one must be surer still; so
# must the answer to the whole text that stands before those to its parts.
SURE_BESIDE_A_WORRY, SURE_THOUGH_IN_PARTS, SURE_WITHOUT_ASKING = 0.7, 0.9, 0.97
# A part's answer stands beside something that is no question from here on, and for the whole's when so much surer.
SURE_ALONE, PLAINER = 0.7, 0.15
# A part that is less sure counts as well where the whole text asks for the same beside something else.
SURE_IF_SEEN, SEEN_IN_WHOLE = 0.35, 0.1
# Of answers that are not sure, the next is given too when it is at least such a share as probable.
NEARLY = 0.6
# What is asked about one prison: taken when a prison is named and nothing else is surer.
ABOUT_A_PRISON = ("prison_info_booking", "prison_info_switchboard", "prison_info_page", "safer_custody_number")
BOOKING, LEAST_ABOUT_A_PRISON = "visits/book_visit", 0.08
# Unsure between two: together so probable, and each so much.
TWO_TOGETHER, EACH_OF_TWO = 0.34, 0.12
MOST_ANSWERS = 2
# Who asks about themselves is asked back, and not told the whole of the scheme.
WHO_CAN_CLAIM, CHECK_ELIGIBILITY = "money/help_with_visits_cost", "check_eligibility"
_ABOUT_ONESELF = re.compile(
    r"\b(?:do|would|will|wud|could|can|may|might|am|are|if) (?:i|we) (?:\w+ ){0,2}?"
    r"(?:qualify|eligible|entitled|(?:get|have|claim) (?:any |some )?(?:help|money|support))\b",
    re.IGNORECASE,
)


async def read_asked(text: str, recent: Sequence[str], parsed: Parsed, read: Read) -> Parsed:
    """`parsed`, with what else was asked, what was meant after the question before, or what it could be."""
    if recent and parsed["intent"]["name"] != CONCERN and leans(text, parsed):
        before, together = await read(recent[-1]), await read(f"{recent[-1]} {text}")
        beside = await _answers(recent[-1], before, read)
        parsed = meant_after(text, before, parsed, together, beside)
    if parsed["intent"]["name"] == CONCERN:
        return {**parsed, ALSO_ASKED: await _asked_beside_a_worry(text, parsed, read)}
    parsed = _asks_to_be_checked(text, _with_answers(parsed, await _answers(text, parsed, read)))
    return _unsure(parsed) if parsed["intent"]["name"] == FALLBACK else _with_the_next(parsed)


async def _asked_beside_a_worry(text: str, whole: Parsed, read: Read) -> list[str]:
    """The one answer to give after the reply to a worry, if any: to the whole text, or to a harmless part that asks."""
    answer, sure = _answer({**whole, "safeguarding": None}, SURE_BESIDE_A_WORRY), confidence(whole)
    if answer and sure >= (SURE_THOUGH_IN_PARTS if asks(text) else SURE_WITHOUT_ASKING):
        return [answer]
    for part in filter(asks, parts_of(text)):
        if in_part := _answer(await read(part), SURE_BESIDE_A_WORRY):
            return [in_part]
    return [answer] if answer and asks(text) else []


async def _answers(text: str, whole: Parsed, read: Read) -> dict[str, float]:
    """What the parts of a text ask for, in their order, and how surely."""
    answers: dict[str, float] = {}
    in_whole = {one["name"] for one in whole.get("answer_ranking") or [] if one["confidence"] >= SEEN_IN_WHOLE}
    for part in parts_of(text):
        found = await read(part)
        if answer := _answer(found) or _answer(found, SURE_IF_SEEN, in_whole):
            answers[answer] = max(answers.get(answer, 0.0), confidence(found))
    return answers


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


def _asks_to_be_checked(text: str, parsed: Parsed) -> Parsed:
    """«would i get help with the fares to see my brother» is a wish to be checked, though it asks about the scheme."""
    if own_answer(parsed) != WHO_CAN_CLAIM or not _ABOUT_ONESELF.search(text):
        return parsed
    return {**parsed, "intent": {"name": CHECK_ELIGIBILITY, "confidence": confidence(parsed)}}


def _answer(part: Parsed, sure: float = SURE_OF_PART, among: Collection[str] | None = None) -> str | None:
    """The answer that a part asks for, such as visits/book_visit; none where it tells of a risk or is unclear."""
    ranking = [one for one in part.get("answer_ranking") or [] if among is None or one["name"] in among]
    best = ranking[0] if ranking else {"name": "", "confidence": 0.0}
    harmless = (part.get("safeguarding") or {}).get("level", "none") == "none"
    return best["name"] if harmless and "/" in best["name"] and best["confidence"] >= sure else None


def _with_answers(parsed: Parsed, answers: dict[str, float]) -> Parsed:
    """The parts' answers beside the whole's: none twice, at most two in all."""
    intent, own = parsed["intent"]["name"], own_answer(parsed)
    if own is None and intent != FALLBACK:  # a greeting, something out of scope …
        return {**parsed, ALSO_ASKED: [answer for answer, sure in answers.items() if sure >= SURE_ALONE][:1]}
    if len(answers) == 1 and own is not None:
        ((answer, sure),) = answers.items()
        # One question, told at length: the sentence that asks it may be plainer than the story around it.
        return answered_by(parsed, answer) if sure > confidence(parsed) + PLAINER else parsed
    if answers and own not in answers:
        parsed = answered_by(parsed, next(iter(answers)))
    others = [answer for answer in answers if answer != own_answer(parsed)][: MOST_ANSWERS - 1]
    return {**parsed, ALSO_ASKED: others or parsed.get(ALSO_ASKED) or []}


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
