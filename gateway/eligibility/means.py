"""Benefits and income as people write them: "im on uc", "pip and pension credit", "300 a week"."""

import re

from gateway.eligibility.rules import income_band

# The first that is named counts, so those that help most stand first.
_BENEFITS = (
    ("universal_credit", r"\b(uc|universal ?credits?)\b"),
    ("pension_credit", r"\bpension credits?\b"),
    ("income_support", r"\bincome support\b"),
    ("income_based_jsa", r"\bincome[ -]based\b.*\b(jsa|job ?seekers?)\b|\b(jsa|job ?seekers?)\b.*\bincome[ -]based\b"),
    ("income_related_esa", r"\bincome[ -]related\b.*\b(esa|employment)\b|\besa\b.*\bincome[ -]related\b"),
    ("nhs_certificate", r"\bhc ?[23]\b"),
    ("none", r"\b(new[ -]style|contribution|contributory)\b"),
    ("kind_unclear", r"\b(esa|jsa|job ?seekers?|employment and support)\b"),
    (
        "none",
        r"\b(none|nothing|no benefits?|pip|dla|carers?|attendance|state pension|child benefit|housing benefit"
        r"|tax credits?|just (?:my )?wages?|work full ?time)\b",
    ),
)
_NO_BENEFITS = re.compile(
    r"\b(not on|dont get|dont claim|not getting|havent got) (any|anything|benefits?)\b", re.IGNORECASE
)
_DENIES = re.compile(
    r"\b(not|never|dont|doesnt|isnt|used to|stopped|refused|applied|applying|waiting)\b"
    # «ESA or UC», but not the certificates' own «HC2 or HC3».
    r"|(?<!hc2) or (?!hc ?3)",
    re.IGNORECASE,
)
_PER_MONTH = {r"week|wk|pw|weekly": 52 / 12, "fortnight|fortnightly": 26 / 12, "year|yr|yearly|annum|pa": 1 / 12}
_SUM = re.compile(r"(?P<amount>\d[\d,]*(?:\.\d+)?) ?(?P<thousands>k\b)?", re.IGNORECASE)
_LESS = re.compile(r"\b(less|under|below|nowhere near)\b", re.IGNORECASE)
_MORE = re.compile(r"\b(more|over|above)\b", re.IGNORECASE)
_NO_INCOME = re.compile(r"\b(nothing|no income|zero)\b", re.IGNORECASE)


def benefit(text: str) -> str | None:
    """The benefit's code in rules.py; one that is denied, or only applied for, is none that is understood."""
    if _NO_BENEFITS.search(text):
        return "none"
    if _DENIES.search(text):
        return None
    return next((code for code, words in _BENEFITS if re.search(words, text, re.IGNORECASE)), None)


def income(text: str) -> str | None:
    """`under`, `about` or `over` the limit, from what a household has in a month, a week, a fortnight or a year."""
    if _NO_INCOME.search(text):
        return "under"
    sums = list(_SUM.finditer(text))
    if len(sums) != 1 or _DENIES.search(text):
        return None
    band = income_band(_a_month(sums[0], text))
    if _LESS.search(text):
        return "under" if band != "over" else None
    if _MORE.search(text):
        return "over" if band != "under" else None
    return band


def _a_month(found: re.Match[str], text: str) -> float:
    amount = float(found["amount"].replace(",", "")) * (1000 if found["thousands"] else 1)
    units = (share for unit, share in _PER_MONTH.items() if re.search(rf"\b({unit})\b", text, re.IGNORECASE))
    return amount * next(units, 1)
