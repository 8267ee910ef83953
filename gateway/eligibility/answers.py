"""What a typed answer means: "im on uc", "his mum", "17", "2" for the second button. None when it is not clear.

A wrong guess could tell a family that they may claim when they may not: where two things are said, or something is
denied, nothing is understood and the question is asked once more, with its buttons.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from gateway.concerns.heard import Heard
from gateway.eligibility.dates import visit
from gateway.eligibility.means import benefit, income
from gateway.eligibility.relatives import relationship
from gateway.eligibility.rules import UNKNOWN, age_band, away_band

# The codes behind the buttons of each question, in their order. The buttons themselves stand in domain.yml.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "relationship": ("spouse", "partner", "parent", "sibling", "child", "other"),
    "lived_together": ("yes", "no"),
    "only_visitor": ("yes", "no"),
    "age": ("under_18", "adult", "over_75"),
    "benefits": (
        "universal_credit",
        "pension_credit",
        "income_support",
        "income_based_jsa",
        "income_related_esa",
        "nhs_certificate",
        "none",
    ),
    "income": ("under", "about", "over"),
    "journey": ("under_5", "5_to_10", "over_10"),
    "travel": ("car", "public", "taxi", "hire"),
    "visit": ("recent", "older", "soon", UNKNOWN),
}

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
_POSITION = re.compile(rf"\W*(?:the |number |no |option )*(?P<which>\d|{'|'.join(_ORDINALS)})(?: one| option)?\W*")
_DOES = {
    "lived_together": r"\b(we did|lived together|same house)\b",
    "only_visitor": r"\b(i am|i have|next of kin|only (?:one|visitor))\b",
}
_DOES_NOT = re.compile(r"\b(not|didnt|never|wasnt|werent|havent|neither)\b", re.IGNORECASE)
_UNSURE = re.compile(r"\b(sure|know|idea|remember|rather not|prefer not|want to say)\b", re.IGNORECASE)

_NUMBERS = ("an", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPELT = re.compile(rf"\b({'|'.join(_NUMBERS)})(?= ?(?:hrs?|hours?)\b)", re.IGNORECASE)
_HOURS = re.compile(
    r"(?P<count>\d+(?:\.\d+)?) ?(?:(?:to|or|-) ?\d+ ?)?(?P<unit>h|hrs?|hours?|mins?|minutes?)\b|^(?P<bare>\d{1,2})$",
    re.IGNORECASE,
)
_LESS = re.compile(r"\b(less|under|below)\b", re.IGNORECASE)
_ONE_WAY = re.compile(r"\b(each|one|every) way\b", re.IGNORECASE)
_MILES = re.compile(r"\bmiles?\b", re.IGNORECASE)
_TRAVEL = {
    "car": r"\b(car|driv(e|es|ing)|motor|van|lift)\b",
    "public": r"\b(trains?|bus|buses|coach|coaches|tube|tram|metro|public transport)\b",
    "taxi": r"\b(taxis?|cabs?|uber)\b",
    "hire": r"\bhir(e|ed|ing)\b|\brent(ed|ing|al)?\b",
    "crossing": r"\b(ferry|boat|plane|fly|flight|hovercraft)\b",
}
_NO_CAR = re.compile(
    r"\b(no|not|dont|cant|doesnt|without an?|havent got an?|havent an?) (car|driv\w+)\b", re.IGNORECASE
)
_I_AM_THEIR = re.compile(r"\bi(?:m| am) (?:his|her|their) .*", re.IGNORECASE)
_ON_BENEFIT = re.compile(
    r"\b(?:(?:i(?:m| am)|we(?:re| are))(?: (?:his|her|their) \w+)?(?: and| both)? on|(?:i|we) (?:get|claim)) .*",
    re.IGNORECASE,
)
_I_AM_YEARS = re.compile(r"\bi(?:m| am) (\d\d)\b(?! ?(?:miles|hours|hrs|minutes|mins|weeks))", re.IGNORECASE)

# An amount is an income where it comes in by the month or the like, not where a journey costs it.
_COMES_IN = re.compile(
    r"£ ?[\d,.]+k?(?= ?(?:a|per|each|every|pw|pcm|pm|/)? ?(?:week|month|year|fortnight|coming in|take home)).*",
    re.IGNORECASE,
)
_I_TRAVEL = re.compile(
    r"\b(?:i|we)(?: will|ll)? drive\b.*"
    r"|(?:^|\b(?:i|we) (?:go|come|travel|get|take)\b|\bby\b)\W*(?:by |the |a |in )*"
    r"(?:train|bus|coach|car|driving|taxi)\b.*",
    re.IGNORECASE,
)
_VISIT_IS = re.compile(r"\bvisit(?:s|ing|ed)?\b(?: (?:is|was|are|him|her|them|on))* .*", re.IGNORECASE)
_ONLY_VISITOR = re.compile(
    r"\b(?:only visitor|only (?:one|person) (?:who|that) (?:goes|visits)|(?:nobody|no ?one) else (?:goes|visits))\b",
    re.IGNORECASE,
)


def understand(question: str, heard: Heard, today: date) -> str | None:
    """The code that an answer to a question means, or None. A skip is for the caller to hear."""
    text = _plain(heard.text)
    if picked := _picked(question, text):
        return picked
    if heard.asks:  # «what is next of kin» does not say that anybody is
        return None
    if question in ("lived_together", "only_visitor"):
        return _yes_or_no(question, heard, text)
    if question == "visit":
        return visit(text, today)
    if question == "benefits" and heard.is_no and heard.is_short and not heard.is_skip:
        return benefit(text) or "none"
    return _READERS[question](text)


def volunteered(text: str, today: date) -> dict[str, str]:
    """What a message tells besides, in words that leave no doubt: "im his mum", "im on pension credit", "im 17"."""
    plain = _plain(text)
    found = {
        "relationship": (who := _I_AM_THEIR.search(plain)) and relationship(who[0]),
        "benefits": (has := _ON_BENEFIT.search(plain)) and benefit(has[0]),
        "age": (years := _I_AM_YEARS.search(plain)) and age(years[1]),
        "only_visitor": "yes" if _ONLY_VISITOR.search(plain) else None,
        "income": (sum_ := _COMES_IN.search(plain)) and income(sum_[0]),
        "travel": (way := _I_TRAVEL.search(plain)) and travel(way[0]),
        "visit": (day := _VISIT_IS.search(plain)) and visit(day[0], today),
    }
    return {question: code for question, code in found.items() if code}


def _plain(text: str) -> str:
    return re.sub(r"['’]", "", text.strip())


def _picked(question: str, text: str) -> str | None:
    """The button that an answer counts out: "2", "the second one"."""
    counted = _POSITION.fullmatch(text.lower())
    if counted is None:
        return None
    which = counted["which"]
    place = int(which) if which.isdigit() else _ORDINALS.index(which) + 1
    options = OPTIONS[question]
    return options[place - 1] if 0 < place <= len(options) else None


def _yes_or_no(question: str, heard: Heard, text: str) -> str | None:
    if _UNSURE.search(text):
        return None
    if heard.is_clear_yes or heard.is_no:
        return "no" if heard.is_no else "yes"
    does, does_not = bool(re.search(_DOES[question], text, re.IGNORECASE)), bool(_DOES_NOT.search(text))
    return None if does == does_not else "yes" if does else "no"


def age(text: str) -> str | None:
    """The band of an age in years, or of a button such as «18 to 74»."""
    years = [int(number) for number in re.findall(r"\b\d{1,3}\b", text)]
    if years == [18, 74]:
        return "adult"
    if len(years) != 1 or years[0] > 120:
        return None
    return age_band(years[0] - 1 if re.search(r"\bunder\b", text, re.IGNORECASE) else years[0])


def journey(text: str) -> str | None:
    """How long away from home. Miles say nothing of hours, so they are taken and nothing is made of them."""
    found = _HOURS.search(_SPELT.sub(lambda word: str(max(1, _NUMBERS.index(word[0].lower()))), text))
    if found is None:
        return UNKNOWN if _MILES.search(text) else None
    hours = float(found["count"] or found["bare"]) / (60 if (found["unit"] or "").lower().startswith("m") else 1)
    if _LESS.search(text):
        return "under_5" if hours <= 5 else None
    return away_band(hours * 2 if _ONE_WAY.search(text) else hours)


def travel(text: str) -> str | None:
    """Every way of travelling that is named, with spaces between: "train and a taxi" is `public taxi`."""
    named = _NO_CAR.sub("", text)
    found = [way for way, words in _TRAVEL.items() if re.search(words, named, re.IGNORECASE)]
    return " ".join(way for way in found if way != "car" or "hire" not in found) or None


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "relationship": relationship,
    "age": age,
    "benefits": benefit,
    "income": income,
    "journey": journey,
    "travel": travel,
}
