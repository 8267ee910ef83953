"""What a family gives in figures: prisoner numbers, dates of birth, telephone numbers."""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

import phonenumbers
from phonenumbers import Leniency, PhoneNumber, PhoneNumberMatcher, PhoneNumberType

from gateway.config import settings
from gateway.prisons.register import read_prisons

YOUNGEST, OLDEST = 10, 100

_NUMBER = re.compile(
    r"(?<![\w])(?P<first>[A-Za-z])(?P<gap>[ \-.]?)(?P<figures>\d{4}|\d{2} \d{2})[ \-.]?(?P<last>[A-Za-z]{2})(?!\w)"
)
# "A 1930 is", "I 2019 he": little words around a year or a clock time.
_LITTLE = re.compile(r"am|pm|he|is|in|it|at|to|my|me|we|so|on|of|or|an|as|be|by|do|go|if|no|up|us|hi|ok")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?P<year>(?:19|20)\d\d|['’]?\d\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(rf"(?<![\d/.\-]){form}(?![\d/]|[.\-]\d)", re.IGNORECASE)
    for form in (
        r"(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)",
        r"(?P<day>\d{1,2})\s?[/.\-]\s?(?P<month>\d{1,2})\s?[/.\-]\s?(?P<year>(?:19|20)\d\d|\d\d)",
        r"(?P<day>\d{1,2}) (?P<month>\d{1,2}) (?P<year>(?:19|20)\d\d|\d\d)",
        rf"{_DAY}\s?(?:of )?\s?[\-/]?{_MONTH}[,.]?\s?[\-/]?{_YEAR}",
        rf"{_MONTH}\s?{_DAY},?\s{_YEAR}",
    )
)
_BORN = re.compile(r"\b(?:d\.?\s?o\.?\s?b|born|birth|birthday|b['’]?day)\b", re.IGNORECASE)
# A date after one of these is something else's.
_OTHER_DAY = re.compile(
    r"\b(?:since|from|until|till|by|before|after|visit\w*|court|sentenc\w*|release\w*|arrest\w*|remand\w*|moved|booked|due|"
    r"saw|seen|went|came|died|death|inside|last|next|happened|yesterday|today|custody|prison)\b",
    re.IGNORECASE,
)
_FEW_WORDS = 8

_NOT_THEIRS = re.compile(
    r"\b(?:rang|called|phoned|dialled|tried|texted|texts|from|account|sort code|pay|owes?|"
    r"(?:his|her|their|prisons?|jails?|cellmates?|dealers?|officers?) (?:\w+ )?number(?: is)?)\W+(?:\w+\W+){0,2}$",
    re.IGNORECASE,
)
_THEIRS = re.compile(r"\b(?:me|my|mine|us|our)\b\W*(?:(?!from\b)\w+\W+){0,5}$", re.IGNORECASE)
_PERSONAL = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.VOIP,
}


def prisoner_number(text: str) -> tuple[str, int, int] | None:
    """The first number of the shape A1234BC, in capitals, and where it stands."""
    for match in _NUMBER.finditer(text):
        spaced = " " in match.group()
        if spaced and _LITTLE.fullmatch(match["last"]):
            continue
        if match["gap"] and match["first"] in "aiI" and not match["last"].isupper():
            continue
        figures = match["figures"].replace(" ", "")
        return f"{match['first']}{figures}{match['last']}".upper(), match.start(), match.end()
    return None


def date_of_birth(text: str, today: date) -> date | None:
    """The day that the text says somebody was born on: a British date that makes a person of 10 to 100."""
    for match in sorted(_dates(text), key=lambda found: found.start()):
        born = _plausible(match, today)
        if born and _is_a_birth(text, match):
            return born
    return None


def _dates(text: str) -> Iterator[re.Match[str]]:
    for form in _DATES:
        yield from form.finditer(text)


def _plausible(match: re.Match[str], today: date) -> date | None:
    named = match["month"][:3].lower()
    month = _MONTHS.index(named) + 1 if named in _MONTHS else int(match["month"])
    year = match["year"].lstrip("'’")
    for century in ("",) if len(year) == 4 else ("20", "19"):
        try:
            born = date(int(century + year), month, int(match["day"]))
        except ValueError:
            return None
        if born <= today and YOUNGEST <= _age(born, today) <= OLDEST:
            return born
    return None


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _is_a_birth(text: str, match: re.Match[str]) -> bool:
    """It is said to be one, or it stands in a short answer that says nothing else of it."""
    before = text[max(0, match.start() - 30) : match.start()]
    if _BORN.search(before) or _BORN.match(text[match.end() :].lstrip(" ,(")):
        return True
    others = text[: match.start()] + text[match.end() :]
    return len(others.split()) <= _FEW_WORDS and not _OTHER_DAY.search(others) and not re.search(r"\bon\s+$", before)


def own_number(text: str) -> str | None:
    """A telephone number that is the writer's to be reached at, as +44...; never a helpline's or a prison's."""
    for match in PhoneNumberMatcher(text, "GB", leniency=Leniency.POSSIBLE):
        written = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        before = text[: match.start]
        if not _is_personal(match.number) or written in _prison_lines():
            continue
        if not _NOT_THEIRS.search(before[-80:]) or _THEIRS.search(before[-40:]):
            return written
    return None


def _is_personal(number: PhoneNumber) -> bool:
    """Mobile or landline. The numbers kept for drama, 07700 900xxx, count as mobiles though nobody has them."""
    national = phonenumbers.national_significant_number(number)
    if number.country_code == 44 and national.startswith("7"):
        return len(national) == 10
    return phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _PERSONAL


@cache
def _prison_lines() -> frozenset[str]:
    rows = read_prisons(settings().data_dir / "prisons.csv")
    lines = {row[column] for row in rows for column in ("phone", "visits_phone") if row[column]}
    return frozenset("+44" + line.replace(" ", "").removeprefix("0") for line in lines)
