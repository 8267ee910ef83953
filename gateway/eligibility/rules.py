"""Who can get Help with Prison Visits, what it pays and by when to claim: one pure function for each rule.

The facts are from the sheet of facts on money; each docstring names the section and the source. What the sheet does not
settle is for the scheme's own staff to say: the finding is then ASK. Nobody is told «likely» on a fact that is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

UNKNOWN = "unknown"
CLAIM_WITHIN = timedelta(days=28)

# What was answered: question to code. A question not asked yet is not in it; one that was skipped is UNKNOWN.
Answers = Mapping[str, str]

CLOSE_FAMILY = frozenset({"spouse", "parent", "sibling", "child", "next_of_kin"})
COUNTING_BENEFITS = frozenset(
    {"pension_credit", "income_support", "income_based_jsa", "income_related_esa", "nhs_certificate"}
)
# Pounds a month, and how far above it a household is still sent to ask: the sources measure income in two ways.
INCOME_LIMIT = 1250
CLOSE_TO_LIMIT = 100
ADULT, HELPER_FROM = 18, 75
FOOD_AFTER, MORE_FOOD_AFTER = 5, 10  # hours away from home


class Verdict(StrEnum):
    """How a rule, or all of them together, came out."""

    LIKELY = "likely"
    ASK = "ask_them"
    NOT_LIKELY = "not_likely"


@dataclass(frozen=True)
class Finding:
    """What one rule says; the reason names the sentence that explains it."""

    verdict: Verdict
    reason: str = ""


MET = Finding(Verdict.LIKELY)
MISSING = Finding(Verdict.ASK, "unknown")


def relationship(answers: Answers) -> Finding:
    """Close family, a partner who lived with the prisoner before, the next of kin, or the only visitor for 4 weeks.

    «Who can claim»: Get help with the cost of prison visits (GOV.UK); a guide to claiming (GOV.UK, February 2024).
    Who stands in for a parent is only in a charity's older page (Prisoners' Families Helpline), so that is ASK.
    """
    who, only_visitor = answers.get("relationship"), answers.get("only_visitor")
    if who in CLOSE_FAMILY or (who == "partner" and answers.get("lived_together") == "yes"):
        return MET
    if who in (None, UNKNOWN):
        return MISSING
    if only_visitor == "yes":
        return MET
    if only_visitor != "no" or (who == "partner" and answers.get("lived_together") != "no"):
        return MISSING
    return Finding(Verdict.ASK, "stand_in") if who == "stand_in" else Finding(Verdict.NOT_LIKELY, "relationship")


def age(answers: Answers) -> Finding:
    """18 or over to claim; 16 for a prison in Scotland, which the reason's sentence says.

    «Who can claim»: wording of the online claim service (Ministry of Justice), June 2026.
    """
    if answers.get("age") in ("adult", "over_75"):
        return MET
    return Finding(Verdict.NOT_LIKELY, "age") if answers.get("age") == "under_18" else MISSING


def age_band(years: int) -> str:
    """18 or over may claim, from 75 with a helper: «Who can claim», wording of the online claim service, June 2026."""
    return "under_18" if years < ADULT else "adult" if years < HELPER_FROM else "over_75"


def benefits(answers: Answers) -> Finding:
    """Universal Credit, or one of the other benefits and certificates that count; tax credits no longer do.

    «Who can claim»: Get help with the cost of prison visits (GOV.UK) and the online claim service, June 2026. «Where
    sources disagree»: tax credits are in the 2024 guide only; believe the 2026 service. There are two kinds of ESA and
    of JSA, of which one counts: not knowing which is ASK.
    """
    has = answers.get("benefits")
    if has == "universal_credit" or has in COUNTING_BENEFITS:
        return MET
    if has == "kind_unclear":
        return Finding(Verdict.ASK, "benefit_kind")
    return Finding(Verdict.NOT_LIKELY, "benefits") if has == "none" else MISSING


def income(answers: Answers) -> Finding:
    """With Universal Credit the household may have about £1,250 a month; the other benefits have no limit of their own.

    «Who can claim» and «Where sources disagree»: GOV.UK says £1,250 or less without housing costs, the online service
    less than £1,250 before tax. Whoever is near the line is sent to the scheme.
    """
    if answers.get("benefits") != "universal_credit":
        return MET if answers.get("benefits") in COUNTING_BENEFITS else MISSING
    has = answers.get("income")
    if has == "under":
        return MET
    if has == "about":
        return Finding(Verdict.ASK, "income_close")
    return Finding(Verdict.NOT_LIKELY, "income") if has == "over" else MISSING


def income_band(pounds_a_month: float) -> str:
    """An amount against the limit: «Where sources disagree», HwPV income limit (believed current: about £1,250)."""
    if pounds_a_month < INCOME_LIMIT:
        return "under"
    return "about" if pounds_a_month <= INCOME_LIMIT + CLOSE_TO_LIMIT else "over"


def deadline(answers: Answers, today: date) -> Finding:
    """A visit more than 28 days ago is too late; not knowing when it is holds nothing up.

    «How to claim»: wording of the online claim service (Ministry of Justice), June 2026.
    """
    return Finding(Verdict.NOT_LIKELY, "too_late") if when(answers, today) == "older" else MET


def when(answers: Answers, today: date) -> str:
    """The visit as `recent`, `older`, `soon` or UNKNOWN, also where a day was named.

    «How to claim»: before, for a visit in the next 28 days; the online claim service, June 2026.
    """
    day = visit_day(answers)
    if day is None:
        return answers.get("visit", UNKNOWN)
    if day <= today:
        return "recent" if today - day <= CLAIM_WITHIN else "older"
    return "soon" if day - today <= CLAIM_WITHIN else UNKNOWN


def visit_day(answers: Answers) -> date | None:
    """The day of the visit, where one was named."""
    try:
        return date.fromisoformat(answers.get("visit", ""))
    except ValueError:
        return None


def claim_by(answers: Answers, today: date) -> date | None:
    """The last day to claim for a visit that was on a known day, while there is time.

    «How to claim»: within 28 days after the visit; wording of the online claim service, June 2026.
    """
    day = visit_day(answers)
    return day + CLAIM_WITHIN if day and when(answers, today) == "recent" else None


def pays(answers: Answers) -> list[str]:
    """What could be claimed: for each way of travelling, for food when away for long, for a helper from 75.

    «What is paid»: GOV.UK (food: £3.50 after 5 hours, £5.10 after 10) and the online claim service, June 2026.
    «Who can claim»: a helper is paid for people of 75 or over; the same service.
    """
    ways = answers.get("travel", UNKNOWN).split()
    food: dict[str, list[str]] = {"under_5": [], "5_to_10": ["food_5"], "over_10": ["food_10"]}
    helper = ["helper"] if answers.get("age") == "over_75" else []
    return [f"travel_{way}" for way in ways] + food.get(answers.get("journey", UNKNOWN), ["food_any"]) + helper


def away_band(hours: float) -> str:
    """Hours away from home, as food is paid by them: «What is paid», GOV.UK and the online claim service."""
    return "under_5" if hours < FOOD_AFTER else "5_to_10" if hours < MORE_FOOD_AFTER else "over_10"


def findings(answers: Answers, today: date) -> list[Finding]:
    """What every rule says."""
    return [relationship(answers), age(answers), benefits(answers), income(answers), deadline(answers, today)]


def verdict(answers: Answers, today: date) -> tuple[Verdict, list[str]]:
    """All rules together: the least hopeful finding counts, with its reasons."""
    found = findings(answers, today)
    for worst in (Verdict.NOT_LIKELY, Verdict.ASK):
        if reasons := [finding.reason for finding in found if finding.verdict is worst]:
            return worst, list(dict.fromkeys(reasons))
    return Verdict.LIKELY, []
