"""Who the prisoner is to the writer: "my lad", "our kid", "I'm his nan"."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from gateway.concerns.names import Trust, name_at
from gateway.concerns.people import Words, person_words
from gateway.prisons.words import phrase

_SHORT_ANSWER = 5  # words
_GAP = r"[\s\-]+"
_INSIDE = re.compile(
    r"['’]?s?[\s,]*(?:[^\W\d_]+[\s,]+){0,2}?(?:who |whos |who's |is |'s |’s |has been |was )*"
    r"(?:currently |now |still )?"
    r"(?:in|at|inside|serving|locked up|banged up|on remand|remanded|doing)\b",
    re.IGNORECASE,
)
_SPOKEN_OF = re.compile(r"\b(?:about|for|visit|visiting|visited|see|seeing|is|called|of|with)\s+$", re.IGNORECASE)


@dataclass(frozen=True)
class Relation:
    """One person that the writer speaks of; `end` is behind the word, where a name may stand."""

    writer_is: str
    start: int
    end: int
    owner: bool  # "my son's ..."


@dataclass(frozen=True)
class Stated:
    """What the writer says to be to the prisoner; `whose` is the name in "Kyle Jones's mum"."""

    writer_is: str
    whose: str | None
    end: int


def stated(text: str) -> Stated | None:
    """What the writer says to be: "I'm his mum", or as a short answer "his mum" or "Jane, his mum"."""
    match = _stated().search(text)
    if match:
        return Stated(_relation(match), _owner(match["whose"], match["ending"]), match.end())
    if match := _stated_of().search(text) or _signed().match(text):
        return Stated(_relation(match), None, match.end())
    if begins := _begins().match(text):
        return Stated(_relation(begins), None, begins.end()) if _is_all_but_a_name(text[begins.end() :]) else None
    ends = _ends().search(text) if len(text.split()) <= _SHORT_ANSWER else None
    return Stated(_relation(ends), None, ends.end()) if ends else None


def group_of(relationship: str | None) -> str | None:
    """The coarse group that figures count, as `parent`; `other` for one in somebody's own words."""
    return person_words().groups.get(phrase(relationship), "other") if relationship else None


def _relation(match: re.Match[str]) -> str:
    return person_words().i_am[_words(match.groupdict().get("of") or match["relation"])]


def _is_all_but_a_name(rest: str) -> bool:
    start = len(rest) - len(rest.lstrip(" ,"))
    name = name_at(rest, start, Trust.GUESS)
    return not rest[name.end if name else 0 :].strip(" .,!")


def _owner(whose: str | None, ending: str | None) -> str | None:
    """The name in "Kyle's", "kyles", "James'" or "James": without an apostrophe an s may belong to either."""
    if whose is None or ending is None or ending[0] in "'’":
        return whose
    if len(ending) > 1 or f"{whose}s".lower() in person_words().first_names:
        return f"{whose}s"
    return whose.split()[0]


def spoken_of(text: str) -> list[Relation]:
    """Everybody in the text who is the writer's relative or friend."""
    lists = person_words()
    found = []
    for match in _mine().finditer(text):
        kinds = lists.our if match["whose"].lower() == "our" else lists.my
        if relation := kinds.get(_words(match["relation"])):
            owner = bool(match["owner"]) and match["relation"].lower() not in ("mrs",)
            found.append(Relation(relation, match.start(), match.end("relation"), owner))
    return found


def prisoners_among(text: str, relations: Iterable[Relation]) -> list[Relation]:
    """Those of one sort whom the text is about; none when it may be about different ones."""
    by_kind: dict[str, list[Relation]] = defaultdict(list)
    for relation in relations:
        by_kind[relation.writer_is].append(relation)
    if len(by_kind) < 2:
        return [relation for same in by_kind.values() for relation in same]
    weights = {kind: max(_weight(text, relation) for relation in same) for kind, same in by_kind.items()}
    heaviest = [kind for kind, weight in weights.items() if weight == max(weights.values())]
    return by_kind[heaviest[0]] if len(heaviest) == 1 else []


def _weight(text: str, relation: Relation) -> int:
    inside = _INSIDE.match(text, relation.end)
    return 2 * bool(inside) + bool(_SPOKEN_OF.search(text[: relation.start]))


def _words(text: str) -> Words:
    return tuple(re.split(_GAP, re.sub(r"['’]", "", text.lower()).strip()))


def _any_of(phrases: Iterable[Words]) -> str:
    """A pattern for the longest of the phrases; "babys dad" is also found as "baby's dad"."""
    longest_first = sorted(phrases, key=lambda words: -len(" ".join(words)))
    return "|".join(re.sub(rf"s(?={re.escape(_GAP)})", "['’]?s", _GAP.join(words)) for words in longest_first)


@cache
def _mine() -> re.Pattern[str]:
    lists = person_words()
    between = "|".join(sorted(lists.between, key=len, reverse=True))
    return re.compile(
        rf"\b(?P<whose>my|me|our)\s+(?:(?:{between})\s+)*(?P<relation>{_any_of(lists.my.keys() | lists.our.keys())})"
        rf"(?P<owner>['’]s?\b|s\b)?(?![\w\-])",
        re.IGNORECASE,
    )


@cache
def _stated() -> re.Pattern[str]:
    relations = _any_of(person_words().i_am)
    return re.compile(
        rf"\b(?:i['’]?m|i am|this is|speaking as|as)\s+(?:the\s+)?"
        rf"(?:his|her|their|(?P<whose>[^\W\d_][\w\-]*(?:\s[^\W\d_][\w\-]*){{0,2}}?)(?P<ending>['’]s?|s['’]?))\s+"
        rf"(?:(?:older|younger|big|little|only|own)\s+)?(?P<relation>{relations})\b",
        re.IGNORECASE,
    )


@cache
def _stated_of() -> re.Pattern[str]:
    """ "I am brother", "I'm the wife", "Mr Adeyemi here, father of Samuel"; but not "I am mother of three"."""
    relations = _any_of(person_words().i_am)
    return re.compile(
        rf"(?:\b(?:i['’]?m|i am)\s+(?:the\s+)?(?P<relation>{relations})(?=\W*$|\s*[,.]|\s+and\b)"
        rf"|(?:\bi['’]?m\b|\bi am\b|\bhere\b|^)\W*(?:the\s+)?(?P<of>{relations})\s+(?:of|to)\s+"
        rf"(?:him\b|her\b|them\b|(?-i:[A-Z][a-z])))",
        re.IGNORECASE,
    )


@cache
def _signed() -> re.Pattern[str]:
    """ "Festus Adeyemi, his father. You may telephone me." """
    relations = _any_of(person_words().i_am)
    return re.compile(
        # Words end only at a space or the comma: were each end optional, one long word in capitals would take for ever.
        rf"\W*(?-i:[A-Z])[\w'’\-]*(?:\s+(?-i:[A-Z])[\w'’\-]*){{0,3}}\s*,"
        rf"\s*(?:his|her|their)\s+(?P<relation>{relations})\b(?!['’])",
        re.IGNORECASE,
    )


@cache
def _begins() -> re.Pattern[str]:
    relations = _any_of(person_words().i_am)
    return re.compile(
        rf"\W*(?:(?:his|her|their|the|a|its|it['’]s)\s+)*(?P<relation>{relations})\b(?!['’])", re.IGNORECASE
    )


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(rf",\s*(?:his|her|their)\s+(?P<relation>{_any_of(person_words().i_am)})\W*$", re.IGNORECASE)
