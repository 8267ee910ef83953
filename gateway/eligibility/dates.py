"""When a visit was or is, as people write it: "yesterday", "3 weeks ago", "12th nov", "next sunday"."""

import re
from datetime import date, timedelta

from gateway.eligibility.rules import CLAIM_WITHIN, UNKNOWN

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COUNTS = {"a": 1, "one": 1, "two": 2, "couple of": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_UNITS = {"day": 1, "week": 7, "wk": 7}

_RELATIVE = re.compile(r"\b(?P<which>yesterday|today|tonight|tomorrow)\b")
_DAY_AND_MONTH = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<month>{'|'.join(_MONTHS)})[a-z]*\b"
    rf"|\b(?P<month2>{'|'.join(_MONTHS)})[a-z]* (?:the )?(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b"
    r"|\b(?P<day3>\d{1,2})[/.](?P<month3>\d{1,2})(?:[/.](?:20)?\d\d)?\b"
)
_WEEKDAY = re.compile(rf"\b(?P<which>last|next|this|coming) (?P<weekday>{'|'.join(_WEEKDAYS)})[a-z]*\b")
_SPAN = re.compile(
    rf"\b(?P<count>\d{{1,3}}|{'|'.join(_COUNTS)}) (?P<unit>day|week|wk)s? (?P<ago>ago|back)\b"
    rf"|\bin (?P<count2>\d{{1,3}}|{'|'.join(_COUNTS)}) (?P<unit2>day|week|wk)s?\b"
)
# A month ago may be 28 days or 31, and who goes every week claims for each visit: no one day is meant.
_NO_DAY = re.compile(
    r"\b(every|each|weekly|fortnightly|monthly|once a|twice a|a month ago|last month|next month|not (yet|booked)|none"
    r"|no (visits?|date)|nothing booked|havent (been|booked|got)|never)\b"
)
_ROUGHLY = {
    "recent": re.compile(r"\bin the last 28 days|\blast (week|wk|weekend|night)\b|\bother day\b|\bfew days ago\b"),
    "older": re.compile(r"\bmore than 28 days ago|\blast year\b|\b(months|years|ages) ago\b"),
    "soon": re.compile(r"\bin the next 28 days|\bnext (week|wk|weekend)\b|\bthis (week|weekend)\b"),
}


def visit(text: str, today: date) -> str | None:
    """The day as `2026-11-20` where one is named, else `recent`, `older`, `soon` or UNKNOWN; None when unclear."""
    plain = re.sub(r"['’,]", "", text.lower())
    if day := _by_name(plain, today) or _by_weekday(plain, today) or _by_month(plain, today):
        return day.isoformat()
    roughly = [code for code, words in _ROUGHLY.items() if words.search(plain)]
    if len(roughly) == 1:
        return roughly[0]
    if span := _SPAN.search(plain):
        return _by_span(span, today)
    return UNKNOWN if _NO_DAY.search(plain) else None


def _by_name(plain: str, today: date) -> date | None:
    found = _RELATIVE.search(plain)
    days = {"yesterday": -1, "tomorrow": 1}
    return today + timedelta(days.get(found["which"], 0)) if found else None


def _by_weekday(plain: str, today: date) -> date | None:
    """«last sunday» is behind us, «next sunday» the coming one; a bare «sunday» could be either."""
    found = _WEEKDAY.search(plain)
    if found is None:
        return None
    ahead = (_WEEKDAYS.index(found["weekday"]) - today.weekday()) % 7
    return today + timedelta(ahead - 7 if found["which"] == "last" else ahead or 7)


def _by_month(plain: str, today: date) -> date | None:
    """A day and month, in the year that is nearest."""
    found = _DAY_AND_MONTH.search(plain)
    if found is None:
        return None
    day = int(found["day"] or found["day2"] or found["day3"])
    named = found["month"] or found["month2"]
    month = _MONTHS.index(named) + 1 if named else int(found["month3"])
    possible = [made for year in (-1, 0, 1) if (made := _date(today.year + year, month, day))]
    return min(possible, key=lambda made: abs(made - today), default=None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _by_span(span: re.Match[str], today: date) -> str:
    """A count of days names a day; of weeks, people count roughly."""
    count, unit = span["count"] or span["count2"], span["unit"] or span["unit2"]
    length = timedelta(days=_UNITS[unit] * (_COUNTS.get(count) or int(count)))
    if unit == "day":
        return (today - length if span["ago"] else today + length).isoformat()
    if span["ago"]:
        return "recent" if length <= CLAIM_WITHIN else "older"
    return "soon" if length <= CLAIM_WITHIN else UNKNOWN
