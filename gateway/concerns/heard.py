"""What one message means as an answer: yes, no, skip, stop, a question of its own, or a correction."""

import re
from dataclasses import dataclass

from gateway.concerns.reference import find_reference

# How sure the bot must be that a message without a question mark is a question of its own.
CLEARLY_A_QUESTION = 0.8
SHORT = 6  # words
# Who breaks off does not write more than this; who does tells something.
LONGEST_GOODBYE = 25

_YES = re.compile(
    r"^\W*(yes|yeah|yea|yep|yup|yh|ye|ok|okay|sure|of course(?!\s+not)|please do|that'?s right|correct|go on|fine)\b",
    re.I,
)
_NO = re.compile(r"^\W*(no|nah|nope|not really|of course not|never|rather not|please don'?t|don'?t)\b", re.I)
_SKIP = re.compile(
    r"^\W*(skip|pass|next|dunno|idk|no idea|not sure|unsure|rather not say|prefer not|i?\s*can'?t say"
    r"|(i\s+)?(do\s?n[o']?t|don'?t|dont)\s+(know|want to say))\b",
    re.I,
)
_STOP = re.compile(
    r"^\W*((stop asking|that'?s all|enough(?! is)|no more questions?|leave it|never\s?mind|cancel)\b"
    r"|(please\s+)?stop(\s+(it|now|please|this|there|here))?\W*$)",
    re.I,
)
# Who breaks off says so in the middle of other words, and of themselves: «sorry im on shift, cant answer any more».
_OF_ONESELF = r"(?:(?:^|[,.;!]) *|\b(?:i|we|sorry|right|ok|look|anyway)[ ,]+)"
_BREAKS_OFF = re.compile(
    r"\b(?:no more (?:of these )?questions?|stop asking(?: me)?|enough questions)\b"
    rf"|{_OF_ONESELF}(?:can'?t|cannot|can not|won'?t|(?:have|got|have got) no time to|don'?t have time to) (?:"
    r"(?:answer|text|type|write|chat|talk)(?: \w+){0,2} (?:any ?more|now|right now|questions?)"
    r"|be (?:doing|dealing) with (?:all )?(?:this|these|that))\b"
    rf"|(?:{_OF_ONESELF}|\b(?:i'?ve|we'?ve) )(?:have )?(?:got to|gotta|must|need to|have to) (?:go|dash|run)"
    r"(?: now| back| sorry)*(?=\W*$|\W+(?:sorry|thank|thanks|i|im|my|bye)\b)",
    re.I,
)
# «not Wednesdays» says when somebody can be rung, and puts nothing right.
_TIMES = r"(?:mon|tues|wednes|thurs|fri|satur|sun|week)days?|weekends?|mornings?|afternoons?|evenings?|nights?|yet|now"
_CORRECTION = re.compile(
    r"\b(sorry|i meant|i mean|actually|correction|wrong|mistake|not [\w']+ (but|it'?s))\b"
    rf"|^no\b.*\bit'?s\b|\bnot (?!(?:{_TIMES})\b)\w+\W*$",
    re.I,
)
_ASKS = re.compile(
    r"^\W*(how|what|whats|wot|when|where|who|why|which|can|could|do|does|did|is|are|will|would|should)\b", re.I
)

_BUT = re.compile(r"\b(but|not?|never|only|unless|except|if|dont|wont|rather)\b|n't\b", re.I)

# Intents that the bot has an answer for: in the middle of the questions they are digressions.
ANSWERABLE = {
    "visits",
    "searches",
    "money",
    "contact",
    "safety",
    "support",
    "ask_what_you_do",
    "ask_are_you_a_person",
    "ask_for_person",
    "request_callback",
    "give_feedback",
    "ask_privacy",
    "ask_who_reads",
    "ask_anonymous",
    "delete_my_data",
    "prison_info_booking",
    "prison_info_switchboard",
    "prison_info_page",
    "safer_custody_number",
    "where_is_prisoner",
    "pass_message",
    "concern_status",
    "ask_word",
    "check_eligibility",
}


@dataclass(frozen=True)
class Heard:
    """A message from the family as the dialogue hears it."""

    text: str
    intent: str = ""
    confidence: float = 0.0

    @property
    def _plain(self) -> str:
        """With the apostrophe that keyboards have; telephones write another."""
        return self.text.replace("’", "'")

    @property
    def is_short(self) -> bool:
        return len(self.text.split()) <= SHORT

    @property
    def says_more(self) -> bool:
        """More than «stop» or «I don't know» alone: «not sure but he sounded scared»."""
        return len(self.text.split()) > 3

    @property
    def is_yes(self) -> bool:
        return bool(_YES.match(self._plain)) or (
            self.intent == "affirm" and self.is_short and not _NO.match(self._plain)
        )

    @property
    def is_clear_yes(self) -> bool:
        """A yes with nothing behind it that takes it back, as in «yes but don't say who»."""
        return self.is_yes and not _BUT.search(self._plain)

    @property
    def is_no(self) -> bool:
        return not self.is_yes and (bool(_NO.match(self._plain)) or (self.intent == "deny" and self.is_short))

    @property
    def is_skip(self) -> bool:
        return self.is_short and (bool(_SKIP.match(self._plain)) or (self.intent == "skip" and self.confidence > 0.7))

    @property
    def is_stop(self) -> bool:
        if self.is_short:
            said = _STOP.match(self._plain) or (self.intent == "stop_questions" and self.confidence > 0.7)
            return bool(said or _BREAKS_OFF.search(self._plain))
        return len(self.text.split()) <= LONGEST_GOODBYE and bool(_BREAKS_OFF.search(self._plain))

    @property
    def is_correction(self) -> bool:
        return bool(_CORRECTION.search(self._plain)) or (self.intent == "correction" and self.confidence > 0.7)

    @property
    def asks(self) -> bool:
        """It has the form of a question."""
        return self.text.rstrip().endswith("?") or bool(_ASKS.match(self._plain))

    @property
    def is_question(self) -> bool:
        """A question of the family's own that the bot can answer."""
        sure = self.confidence >= (0.3 if self.asks else CLEARLY_A_QUESTION)
        plain = self.asks or len(self.text.split()) > 3 or bool(find_reference(self.text))
        return self.intent in ANSWERABLE and sure and plain
