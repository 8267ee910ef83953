"""What a family has already said: the fields of a concern that stand in a message. A wrong one is worse than none."""

import re
from datetime import date
from typing import Any

from gateway.concerns import relations
from gateway.concerns.answers import name_from_answer
from gateway.concerns.names import Trust, name_at
from gateway.concerns.numbers import date_of_birth, own_number, prisoner_number
from gateway.concerns.people import person_words
from gateway.concerns.relations import Relation, Stated
from gateway.prisons.words import phrase

__all__ = ["extract", "name_from_answer"]

# A name behind one of these is somebody else's: who did it, or who works there.
_SOMEBODY_ELSE = re.compile(
    r"\b(?:hit|hits|attack\w*|beat\w*|stabb\w*|punch\w*|bull(?:y|ies|ied|ying)\w*|threat\w*|assault\w*|"
    r"cell ?mate\w*|pad ?mate\w*|officers?|guards?|screws?|staff|dealers?|ow(?:e|es|ed|ing)|someone|somebody|"
    r"another|inmate|lads?|guys?|solicitor\w*|doctor\w*)\b",
    re.IGNORECASE,
)
_HIS_NAME = re.compile(
    r"\b(?:(?:his|her|their|prisoner['’]?s?|son['’]?s|brother['’]?s|husband['’]?s|partner['’]?s|daughter['’]?s|dad['’]?s|mum['’]?s)"
    r"\s+(?:full\s+)?name(?:['’]?s|\s+is|\s*:)?|(?:he|she)(?:['’]?s|\s+is)\s+called|^\s*name\s*(?:is\b|:))\s*",
    re.IGNORECASE | re.MULTILINE,
)
# «name of Kyle Thompson», «name Kyle Thompson»: without a «his», only what is plainly a name, and not the writer's.
_BARE_NAME = re.compile(
    r"(?<!\bmy )(?<!\bown )(?<!\bfull )(?<!\bfirst )(?<!\blast )(?<!\buser )\bname(?:\s+(?:of|is)\b|\s*[:,-])?\s+",
    re.IGNORECASE,
)
# Of several nobody is meant by one name: it is not that of «the lads» or «the officers».
_SEVERAL = re.compile(r"\b(?:officers|guards|screws|staff|dealers|lads|guys)\b", re.IGNORECASE)
_CALLED = re.compile(
    r"(?:\s(?:is|whos|who['’]s)\s+(?:called|named)\b|['’]s\s+(?:called|named|name\s+is)\b|\s*[,:(–-])?\s*",
    re.IGNORECASE,
)
_UP_TO_NUMBER = re.compile(
    r"[\s,(:\-]*(?:(?:prison(?:er)?|his|her)?\s*(?:number|no\.?|num)\s*(?:is)?)?[\s,(:\-]*$", re.IGNORECASE
)
_OWNER = re.compile(r"(?P<word>\s+[^\W\d_]+)?['’]s\b")
_MY_NAME = re.compile(r"\bmy\s+(?:full\s+)?name(?:['’]?s|\s+is|\s*:)\s*", re.IGNORECASE)
_I_AM = re.compile(r"\b(?:i['’]?m|i\s+am|this\s+is)\s+", re.IGNORECASE)
_ANONYMOUS = re.compile(
    r"\b(?:stay|remain|be|kept?|keep\s+(?:me|this|it)|as|prefer|want|like|it|this)\s+(?:to\s+be\s+|to\s+stay\s+|this\s+|it\s+)?anon(?:ymous(?:ly)?)?\b"
    r"|^\W*(?:i(?:['’]d| would)?\s+)?(?:\w+\s+){0,2}anon(?:ymous(?:ly)?)?(?:\s+please)?\W*$"
    r"|\b(?:do\s?n['’]?o?t|rather\s+not|prefer\s+not(?:\s+to)?|not|without|wont|won['’]t|cant|can['’]t)\s+(?:(?:want|like|wish|going|willing)\s+)?"
    r"(?:to\s+)?(?:give|giving|say|saying|tell(?:\s+you)?|telling\s+you|leave|leaving|share|sharing)\s+(?:you\s+)?"
    r"(?:(?:my|a|any)\s+(?:own\s+|real\s+)?name|who\s+i\s+am)\b"
    r"|\bkeep\s+my\s+name\s+out\b",
    re.IGNORECASE,
)
_NOT_ANONYMOUS = re.compile(
    r"(?:\bnot|n['’]t|\b(?:dont|wont|cant|neednt|didnt)|\bno\s+need\s+to)\s+(?:\w+\s+){0,3}anonymous\b|\banonymous\s+(?:threat|call|letter|text|note|number)",
    re.I,
)


def extract(text: str, today: date | None = None) -> dict[str, Any]:
    """The fields of a concern that a text fills, by name; only those that it surely does."""
    number = prisoner_number(text)
    people = relations.spoken_of(text)
    prisoners = relations.prisoners_among(text, people)
    stated = relations.stated(text)
    anonymous = _wants_no_name(text) or None
    found = {
        "prisoner_name": _prisoner_name(text, prisoners),
        "prisoner_number": number[0] if number else None,
        "prisoner_dob": date_of_birth(text, today or date.today()),
        "reporter_relationship": _relationship(prisoners, stated),
        "reporter_name": None if anonymous else _reporter_name(text),
        "reporter_contact": own_number(text),
        "reporter_anonymous": anonymous,
    }
    return {field: value for field, value in found.items() if value is not None}


def _wants_no_name(text: str) -> bool:
    return bool(_ANONYMOUS.search(text)) and not _NOT_ANONYMOUS.search(text)


def _relationship(prisoners: list[Relation], stated: Stated | None) -> str | None:
    if stated:
        return stated.writer_is
    return prisoners[0].writer_is if prisoners else None


def _prisoner_name(text: str, prisoners: list[Relation]) -> str | None:
    return _before_number(text) or _told(text) or _whose(text) or _after_relation(text, prisoners) or _bare_name(text)


def _before_number(text: str) -> str | None:
    """ "Kyle Thompson A1234BC": a first name and what follows it, up to the number."""
    number = prisoner_number(text)
    if not number:
        return None
    before = _UP_TO_NUMBER.sub("", text[max(0, number[1] - 80) : number[1]])
    starts = [match.start() for match in re.finditer(r"[^\W\d_][\w'’\-]*", before)][-3:]
    for start in starts:
        name = name_at(before, start, Trust.GUESS)
        if name and name.end == len(before):
            return name.text
    return None


def _told(text: str) -> str | None:
    for match in _HIS_NAME.finditer(text):
        if not _SOMEBODY_ELSE.search(text[max(0, match.start() - 60) : match.start()]) and (
            name := name_at(text, match.end(), Trust.TOLD)
        ):
            return name.text
    return None


def _bare_name(text: str) -> str | None:
    for match in _BARE_NAME.finditer(text):
        before = _SEVERAL.sub("", text[max(0, match.start() - 60) : match.start()])
        if not _SOMEBODY_ELSE.search(before) and (name := name_at(text, match.end(), Trust.GUESS)):
            return name.text
    return None


def _whose(text: str) -> str | None:
    """The name in "I'm Kyle's mum"."""
    stated = relations.stated(text)
    if not stated or not stated.whose:
        return None
    name = name_at(stated.whose, 0, Trust.GUESS)
    return name.text if name and name.end == len(stated.whose) else None


def _after_relation(text: str, prisoners: list[Relation]) -> str | None:
    names = set()
    for relation in prisoners:
        between = _CALLED.match(text, relation.end)
        if not relation.owner and between and (name := name_at(text, between.end(), Trust.GUESS)):
            names.add(name.text)
    return names.pop() if len(names) == 1 else None


def _reporter_name(text: str) -> str | None:
    for pattern, trust in ((_MY_NAME, Trust.TOLD), (_I_AM, Trust.GUESS)):
        for match in pattern.finditer(text):
            name = name_at(text, match.end(), trust)
            if name and not _belongs_to(text, name.end):
                return name.text
    return _behind_relation(text)


def _behind_relation(text: str) -> str | None:
    """The name in "I'm his mum, Jane", when the text ends with it."""
    stated = relations.stated(text)
    if not stated:
        return None
    start = len(text) - len(text[stated.end :].lstrip(" ,"))
    name = name_at(text, start, Trust.GUESS)
    return name.text if name and not text[name.end :].strip(" .!") else None


def _belongs_to(text: str, end: int) -> bool:
    """The name is somebody else's: "Kyle's mum", "Kyle Jones's mum", "Kyle Jones mum"."""
    following = phrase(text[end : end + 30])
    owner = _OWNER.match(text, end)
    if owner and not (owner["word"] and owner["word"].strip().lower() in person_words().not_names):
        return True
    return following[:1] in person_words().i_am
