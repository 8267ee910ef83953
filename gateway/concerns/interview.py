"""The questions after a concern is in the log: which come next, and what an answer to each means.

Every question can be skipped and none holds anything up: the concern was recorded and routed before the first.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.concerns.details import extract, name_from_answer
from gateway.concerns.heard import Heard
from gateway.concerns.models import Concern
from gateway.prisons.models import Prison

QUESTIONS = ("prison", "person", "details", "reporter", "contact", "tell_prisoner", "read_back")
# The caller's own risk goes to no prison: the only thing to ask is how to reach them.
QUESTIONS_ABOUT_CALLER = ("contact", "read_back")
YES_OR_NO = ("contact", "tell_prisoner", "read_back")
# A first message of this many words has told what is happening.
TOLD_ENOUGH_WORDS = 25
# What a message is taken for that tells more of what is wrong. Then the question still stands.
TELLS_OF_A_WORRY = "report_concern"
# What only somebody says who may be rung or texted.
_HOW_TO_REACH = re.compile(
    r"\b(ring|call|phone|text|msg|message|contact|reach|any ?time|whenever|before|after|between|from|until|till|"
    r"mornings?|afternoons?|evenings?|nights?|tonight|today|tomorrow|weekdays?|weekends?|(mon|tues|wednes|thurs|fri|satur|sun)days?"
    r"|now|asap|\d{1,2}([:.]\d\d)? ?[ap]m)\b",
    re.IGNORECASE,
)


@dataclass
class Turn:
    """What one message did: fields to set, questions settled, things to say before the next question."""

    fields: dict[str, Any] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    say: list[str] = field(default_factory=list)
    options: list[Prison] = field(default_factory=list)  # prisons to choose from
    digresses: bool = False  # a question of the family's own, to be answered by the bot
    adds_words: bool = False  # more of what is happening, to stand with the concern's words
    asks_itself: bool = False  # what is said asks again in its own way; the question is not repeated


def questions_for(concern: Concern) -> tuple[str, ...]:
    """The questions of a concern, in order."""
    return QUESTIONS_ABOUT_CALLER if concern.subject == "caller" else QUESTIONS


def already_told(concern: Concern, words: Iterable[str]) -> set[str]:
    """The questions that the concern's row answers, so that nothing is asked twice."""
    told = {
        "prison": concern.prison_id is not None,
        "person": bool(concern.prisoner_name or concern.prisoner_number),
        "details": bool(concern.summary) or sum(len(text.split()) for text in words) >= TOLD_ENOUGH_WORDS,
        "reporter": bool(concern.reporter_anonymous or (concern.reporter_name and concern.reporter_relationship)),
        "contact": concern.contact_allowed is not None,
        "tell_prisoner": concern.tell_prisoner is not None,
    }
    return {question for question, known in told.items() if known}


def next_question(concern: Concern, settled: set[str]) -> str | None:
    """The first question not settled yet."""
    return next((question for question in questions_for(concern) if question not in settled), None)


@dataclass(frozen=True)
class Listener:
    """Understands an answer, given how prisons are found and which telephone the family writes from, if any."""

    find: Callable[[str], Sequence[Prison]]
    choose: Callable[[str], Prison | None]  # among the prisons offered last, if any were
    number: str | None
    # Which of several an answer means, when it is no more than their name: «portland» hardly means The Verne there.
    likeliest: Callable[[str, Sequence[Prison]], Prison | None] = lambda text, prisons: None
    offered: bool = False  # prisons to choose from were named right before

    def hear(self, concern: Concern, asked: str, heard: Heard) -> Turn:
        """What a message means when `asked` was the question."""
        if heard.is_stop:
            told = _also(concern, heard.text) if heard.says_more else {}
            return Turn(fields=told, settled=set(questions_for(concern)), adds_words=heard.says_more)
        if heard.is_question and not self._answers(asked, heard):
            return Turn(digresses=True)
        if heard.is_correction and (turn := self._correct(concern, asked, heard)):
            return turn
        if heard.is_skip:
            return Turn(settled={asked}, adds_words=heard.says_more)
        turn = getattr(self, f"_{asked}")(concern, heard)
        return self._with_prison(concern, heard, turn)

    def _answers(self, asked: str, heard: Heard) -> bool:
        """«is it hull?» asked which prison is an answer, «how do i book at hull» is not; a yes or no is, and so is what
        holds the very thing that was asked for and has not the form of a question: «ring me on 07700 900123»."""
        if asked == "prison" and self.find(heard.text):
            return not heard.asks or (heard.is_short and "how" not in heard.text.lower())
        if asked in YES_OR_NO and (heard.is_yes or heard.is_no):
            return not heard.text.rstrip().endswith("?")
        if heard.asks:
            return False
        if asked == "contact":
            return bool(_HOW_TO_REACH.search(heard.text) or extract(heard.text).get("reporter_contact"))
        return asked in ("person", "reporter") and bool(extract(heard.text))

    def _with_prison(self, concern: Concern, heard: Heard, turn: Turn) -> Turn:
        """A prison that is named late, whatever was asked; «Kyle Preston» names nobody's prison."""
        if concern.prison_id is None and not {"prisoner_name", "reporter_name"} & set(turn.fields):
            turn.fields = self._prison_in(concern, heard.text) | turn.fields
        return turn

    def _correct(self, concern: Concern, asked: str, heard: Heard) -> Turn | None:
        """Take back what was said before: «no sorry it's Hull not Leeds»."""
        changed = self._changes(concern, heard.text)
        takes_back = any(getattr(concern, name) is not None for name in changed)
        # A long text that takes nothing back, as "sorry, I should have said …", is an answer like any other.
        if not takes_back and not (heard.is_short and self._speaks_of(heard.text)):
            return None
        settled = {"prison"} if asked == "prison" and "prison_id" in changed else set()
        return Turn(fields=changed, settled=settled, say=["corrected"], adds_words=not heard.is_short)

    def _changes(self, concern: Concern, text: str) -> dict[str, Any]:
        """What a text says otherwise than the concern holds it. The caller's own risk never gets a prison."""
        found = extract(text) | self._prison_in(concern, text)
        return {name: value for name, value in found.items() if getattr(concern, name) != value}

    def _prison_in(self, concern: Concern, text: str) -> dict[str, Any]:
        prisons = self.find(text)
        return {"prison_id": prisons[0].id} if len(prisons) == 1 and concern.subject != "caller" else {}

    def _speaks_of(self, text: str) -> bool:
        """Whether there is a fact in a text at all, be it known already."""
        return bool(extract(text) or len(self.find(text)) == 1)

    def _prison(self, concern: Concern, heard: Heard) -> Turn:
        chosen = self.choose(heard.text)
        found = [chosen] if chosen else list(self.find(heard.text))
        if len(found) == 1:
            return Turn(fields=_also(concern, heard.text) | {"prison_id": found[0].id}, settled={"prison"})
        if taken := self.likeliest(heard.text, found):
            fields = _also(concern, heard.text) | {"prison_id": taken.id}
            return Turn(fields=fields, settled={"prison"}, say=["prison_taken_as"])
        if found:
            return Turn(say=["which_prison"], options=found, asks_itself=True)
        if self.offered and (name := extract(heard.text).get("prisoner_name") or name_from_answer(heard.text)):
            # Which prison is left open: the answer is to the question after it. Staff place it by the words.
            return Turn(
                fields=_also(concern, heard.text) | {"prisoner_name": name}, settled={"prison"}, adds_words=True
            )
        if heard.intent == TELLS_OF_A_WORRY:
            return Turn(fields=_also(concern, heard.text), adds_words=True)
        if heard.is_clear_yes and heard.is_short:
            return Turn(adds_words=heard.says_more)  # a yes to something else: which prison is still open
        if heard.is_no:
            return Turn(settled={"prison"}, adds_words=heard.says_more)
        # Not known by that name: keep what was said, and go on. Staff can still place it.
        return Turn(settled={"prison"}, say=["prison_not_found"], adds_words=True)

    def _person(self, concern: Concern, heard: Heard) -> Turn:
        found = extract(heard.text)
        if not found.get("prisoner_name") and (name := name_from_answer(heard.text)):
            found["prisoner_name"] = name
        if not {"prisoner_name", "prisoner_number", "prisoner_dob"} & set(found):
            return Turn(fields=_missing(concern, found), settled=_unless_told_more("person", heard), adds_words=True)
        return Turn(fields=found, settled={"person"})

    def _details(self, concern: Concern, heard: Heard) -> Turn:
        fields = _also(concern, heard.text)
        if not (heard.is_no and heard.is_short):
            fields["summary"] = heard.text
        return Turn(fields=fields, settled={"details"}, adds_words=True)

    def _reporter(self, concern: Concern, heard: Heard) -> Turn:
        found = extract(heard.text)
        if heard.is_no:
            found["reporter_anonymous"] = True
        named = found.pop("prisoner_name", None)  # «I'm his mum, Jane»: asked who is writing, a name is theirs
        if "reporter_name" not in found and not found.get("reporter_anonymous"):
            name = name_from_answer(heard.text) or named
            if name:
                found["reporter_name"] = name
        if not found and heard.intent == TELLS_OF_A_WORRY:
            return Turn(adds_words=True)
        if not found and heard.text.strip():
            found["reporter_relationship"] = heard.text.strip()[:80]
        return Turn(fields=found, settled={"reporter"})

    def _contact(self, concern: Concern, heard: Heard) -> Turn:
        found = {name: value for name, value in extract(heard.text).items() if name == "reporter_contact"}
        if heard.is_no:
            return Turn(fields={"contact_allowed": False}, settled={"contact"}, adds_words=not heard.is_short)
        if not (heard.is_yes or found or _HOW_TO_REACH.search(heard.text)):
            # Nobody is rung who has not said that they may be.
            return Turn(fields=_also(concern, heard.text), settled={"contact"}, adds_words=heard.says_more)
        number = found.get("reporter_contact") or concern.reporter_contact or self.number
        if number is None and heard.is_yes and concern.contact_allowed is None:
            return Turn(fields={"contact_allowed": True}, say=["ask_number"], asks_itself=True)
        fields: dict[str, Any] = {"contact_allowed": True, "contact_when": heard.text.strip()[:200]}
        if number is not None:
            fields["reporter_contact"] = number
        return Turn(fields=fields, settled={"contact"})

    def _tell_prisoner(self, concern: Concern, heard: Heard) -> Turn:
        # Anything but a clear yes is a no: who spoke is not told unless they allow it.
        return Turn(
            fields={"tell_prisoner": heard.is_clear_yes}, settled={"tell_prisoner"}, adds_words=not heard.is_short
        )

    def _read_back(self, concern: Concern, heard: Heard) -> Turn:
        if heard.is_no and heard.is_short:
            return Turn(say=["what_to_change"], asks_itself=True)
        if changed := self._changes(concern, heard.text):
            return Turn(fields=changed, say=["corrected"])
        return Turn(settled={"read_back"}, adds_words=not heard.is_clear_yes)


def _unless_told_more(asked: str, heard: Heard) -> set[str]:
    return set() if heard.intent == TELLS_OF_A_WORRY else {asked}


def _missing(concern: Concern, found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if getattr(concern, name) is None}


def _also(concern: Concern, text: str) -> dict[str, Any]:
    """What else an answer tells, where the concern does not hold it yet."""
    return _missing(concern, extract(text))
