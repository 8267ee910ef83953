"""The dialogue's side of feedback: what an answer means, kept in one transaction."""

import re
from dataclasses import dataclass

from gateway.concerns.heard import Heard
from gateway.db import unit_of_work
from gateway.feedback import service

QUESTIONS = ("score", "words")
LOW = 2
# After this many answers that are no score the bot stops asking.
MOST_TRIES = 2
LONGEST_WORDS = 2000
_NUMBERS = ("one", "two", "three", "four", "five")
_SCORE = re.compile(rf"(?<![\d.])([1-5]|{'|'.join(_NUMBERS)})(?![\d.]*\d)(?!\w)", re.IGNORECASE)
_SCORE_ALONE = re.compile(
    r"\W*((i|id|i'd|would|say|give|it|you|u|a|an|score|number|maybe|about|its|it's|of|out|five|5|stars?|please)\W*)*",
    re.IGNORECASE,
)
_NOTHING_TO_ADD = {"thanks", "goodbye", "skip", "deny"}


@dataclass(frozen=True)
class Step:
    """What an answer did."""

    next_question: str | None
    feedback_id: int | None = None
    score: int | None = None
    tries: int = 0
    digresses: bool = False


def score_in(text: str) -> int | None:
    """The score in a short answer: "4", "four", "4/5", "5 out of 5". None when other words stand around it."""
    found = _SCORE.search(text)
    if found is None or not _SCORE_ALONE.fullmatch(text[found.end() :]):
        return None
    if not _SCORE_ALONE.fullmatch(text[: found.start()]):
        return None
    sign = found[1].lower()
    return _NUMBERS.index(sign) + 1 if sign in _NUMBERS else int(sign)


def hear_score(message_id: int, heard: Heard, tries: int) -> Step:
    """Take an answer to «how much did it help, from 1 to 5?»; words instead of a number are kept too."""
    if heard.intent == "report_concern":
        return Step("score", digresses=True)  # a worry has right of way
    score = score_in(heard.text.replace("’", "'"))
    if score is not None:
        with unit_of_work() as session:
            return Step("words", service.give(session, message_id, score=score).id, score)
    if _ends(heard):
        return Step(None)
    if heard.is_question:
        return Step("score", digresses=True)
    if len(heard.text.split()) > 2:
        with unit_of_work() as session:
            return Step(None, service.give(session, message_id, words=heard.text[:LONGEST_WORDS]).id)
    return Step("score" if tries + 1 < MOST_TRIES else None, tries=tries + 1)


def hear_words(feedback_id: int, heard: Heard) -> Step:
    """Take what they want to add to the score."""
    if heard.intent == "report_concern" or (heard.is_question and heard.asks):
        return Step("words", feedback_id, digresses=True)
    if not _ends(heard):
        with unit_of_work() as session:
            service.add_words(session, feedback_id, heard.text[:LONGEST_WORDS])
    return Step(None, feedback_id)


def _ends(heard: Heard) -> bool:
    nothing = heard.is_short and (heard.is_no or heard.intent in _NOTHING_TO_ADD)
    return heard.is_stop or heard.is_skip or nothing
