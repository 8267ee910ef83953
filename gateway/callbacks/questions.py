"""The questions about a call, and what an answer to each means. Only the number is needed; the rest may be skipped."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.concerns.heard import Heard
from gateway.concerns.numbers import own_number

QUESTIONS = ("wanted", "number", "time", "prison", "about")
# After this many answers that we cannot use, the bot stops asking.
MOST_TRIES = 2
LONGEST_TIME, LONGEST_ABOUT = 200, 1000
WANTS_A_CALL = {"request_callback", "ask_for_person"}
_NOTHING_TO_ADD = {"thanks", "goodbye", "skip", "deny"}

# The whole answer: "I need to cancel a visit" says what the call is about.
_TAKES_BACK = re.compile(
    r"\W*((no|ok|oh|sorry|actually|please|i|i have|i've|ive|just)\W+)*"
    r"(never\s?mind|cancel|forget|leave|changed my mind|no need|(do\s?n[o']?t|don't) (want|ring|call|phone|bother))"
    r"(\W+(it|that|this|me|us|a|the|my|any|call|callback|anymore|any more|now|please|thanks|thank you|sorry))*\W*",
    re.IGNORECASE,
)
_THIS_NUMBER = re.compile(r"\b(this|same|my) (one|number|phone|mobile)\b", re.IGNORECASE)
_FIGURES = re.compile(r"\+?\d[\d\s().\-]{8,}\d")
_SAYS_WHEN = re.compile(
    r"\b(any ?time|whenever|before|after|between|until|till|mornings?|afternoons?|evenings?|nights?|tonight|today|"
    r"tomorrow|weekdays?|weekends?|(mon|tues|wednes|thurs|fri|satur|sun)days?|now|asap|\d{1,2}([:.]\d\d)? ?[ap]m)\b",
    re.IGNORECASE,
)


@dataclass
class Turn:
    """What one answer did."""

    settled: set[str] = field(default_factory=set)
    number: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    say: str | None = None  # said before the next question, or in its place
    options: list[dict[str, str]] = field(default_factory=list)  # prisons to choose from
    asks_itself: bool = False  # what is said asks again, so the question is not repeated
    missed: bool = False  # the answer could not be used
    digresses: bool = False  # something else, which the bot's rules answer
    ends: bool = False  # no more questions
    takes_back: bool = False


@dataclass(frozen=True)
class Listener:
    """Understands an answer, given the number that the family texts from and how a prison is found."""

    own: str | None
    find: Callable[[str], list[dict[str, str]]]
    tries: int = 0

    def hear(self, asked: str, heard: Heard) -> Turn:
        """What a message means when `asked` was the question."""
        if heard.intent == "report_concern":
            return Turn(digresses=True)  # a worry has right of way
        if _TAKES_BACK.fullmatch(heard.text.replace("’", "'")):
            return Turn(ends=True, takes_back=True)
        return getattr(self, f"_{asked}")(heard)

    def given(self, text: str) -> Turn:
        """What a message that asks for a call says already: "can someone ring me on 07700 900123 after 6pm"."""
        number = own_number(text)
        return self._numbered(number, text) if number else Turn(settled={"wanted"})

    def _wanted(self, heard: Heard) -> Turn:
        if number := own_number(heard.text):
            return self._numbered(number, heard.text)
        if heard.is_yes or heard.intent in WANTS_A_CALL:
            return Turn(settled={"wanted"})
        if heard.is_no or heard.is_stop or heard.is_skip:
            return Turn(ends=True, say="declined")
        return Turn(digresses=True)

    def _number(self, heard: Heard) -> Turn:
        if number := own_number(heard.text):
            return self._numbered(number, heard.text)
        if self.own and (heard.is_yes or heard.is_skip or _THIS_NUMBER.search(heard.text)):
            return self._numbered(self.own, heard.text)
        if heard.is_stop:
            return Turn(ends=True, say="declined")
        if self.own and heard.is_no:
            return Turn(say="ask_other_number", asks_itself=True)
        if heard.is_no or heard.is_skip:
            return Turn(ends=True, say="no_number")
        if heard.is_question:
            return Turn(digresses=True)
        return self._missed("not_a_number", "no_number")

    def _numbered(self, number: str, text: str) -> Turn:
        turn = Turn(settled={"wanted", "number"}, number=number)
        rest = _FIGURES.sub(" ", text).strip()
        if _SAYS_WHEN.search(rest):
            turn.settled.add("time")
            turn.fields["good_time"] = rest[:LONGEST_TIME]
        return turn

    def _time(self, heard: Heard) -> Turn:
        if left := _left(heard, "time"):
            return left
        return Turn(settled={"time"}, fields={"good_time": heard.text.strip()[:LONGEST_TIME]})

    def _prison(self, heard: Heard) -> Turn:
        if heard.is_question and heard.asks:
            return Turn(digresses=True)
        found = self.find(heard.text)
        if len(found) == 1:
            return Turn(settled={"prison"}, fields={"prison_id": found[0]["id"]})
        if found:
            return Turn(say="which_prison", options=found, asks_itself=True)
        if left := _left(heard, "prison"):
            return left
        if self.tries + 1 >= MOST_TRIES:
            return Turn(settled={"prison"})
        return Turn(say="prison_not_found", asks_itself=True, missed=True)

    def _about(self, heard: Heard) -> Turn:
        if left := _left(heard, "about"):
            return left
        return Turn(settled={"about"}, fields={"about": heard.text.strip()[:LONGEST_ABOUT]})

    def _missed(self, again: str, at_last: str) -> Turn:
        if self.tries + 1 >= MOST_TRIES:
            return Turn(ends=True, say=at_last)
        return Turn(say=again, asks_itself=True, missed=True)


def _left(heard: Heard, asked: str) -> Turn | None:
    """What to do with an answer that is none: the end of the questions, a question of their own, or a skip."""
    if heard.is_stop:
        return Turn(ends=True)
    if heard.is_question and heard.asks:
        return Turn(digresses=True)
    # "Don't call before nine" is an answer.
    says_no = (heard.is_no or heard.intent in _NOTHING_TO_ADD) and not _SAYS_WHEN.search(heard.text)
    skips = heard.is_skip or (heard.is_short and says_no)
    return Turn(settled={asked}) if skips else None


def next_question(settled: set[str]) -> str | None:
    """The first question not settled yet."""
    return next((question for question in QUESTIONS if question not in settled), None)
