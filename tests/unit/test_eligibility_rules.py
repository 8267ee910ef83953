"""Help with Prison Visits: one test for each rule of the sheet of facts, and what holds for all of them together."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.eligibility import rules
from gateway.eligibility.rules import CLOSE_FAMILY, COUNTING_BENEFITS, UNKNOWN, Verdict

TODAY = date(2026, 11, 21)
WHO = [*sorted(CLOSE_FAMILY), "partner", "stand_in", "other", UNKNOWN]
YES_OR_NO = ["yes", "no", UNKNOWN]
MUM = {"relationship": "parent", "age": "adult", "benefits": "pension_credit", "visit": "recent"}

# Every set of answers that can come about, questions left out among them.
POSSIBLE = st.fixed_dictionaries(
    {},
    optional={
        "relationship": st.sampled_from(WHO),
        "lived_together": st.sampled_from(YES_OR_NO),
        "only_visitor": st.sampled_from(YES_OR_NO),
        "age": st.sampled_from(["under_18", "adult", "over_75", UNKNOWN]),
        "benefits": st.sampled_from(["universal_credit", *sorted(COUNTING_BENEFITS), "none", "kind_unclear", UNKNOWN]),
        "income": st.sampled_from(["under", "about", "over", UNKNOWN]),
        "journey": st.sampled_from(["under_5", "5_to_10", "over_10", UNKNOWN]),
        "travel": st.sampled_from(["car", "public", "public taxi", "hire", "crossing", UNKNOWN]),
        "visit": st.sampled_from(["recent", "older", "soon", UNKNOWN])
        | st.dates(TODAY - timedelta(days=90), TODAY + timedelta(days=90)).map(date.isoformat),
    },
)


def _finding(rule: str, **answers: str) -> tuple[str, str]:
    finding = getattr(rules, rule)(answers)
    return finding.verdict.name, finding.reason


# ----- who -----


@pytest.mark.parametrize("who", sorted(CLOSE_FAMILY))
def test_close_family_and_the_next_of_kin_may_claim(who: str) -> None:
    assert _finding("relationship", relationship=who) == ("LIKELY", "")


@pytest.mark.parametrize(
    "lived_together, only_visitor, finding",
    [
        ("yes", UNKNOWN, ("LIKELY", "")),
        ("no", "yes", ("LIKELY", "")),
        ("no", "no", ("NOT_LIKELY", "relationship")),
        (UNKNOWN, "no", ("ASK", "unknown")),
        ("no", UNKNOWN, ("ASK", "unknown")),
    ],
)
def test_a_partner_must_have_lived_with_them_or_be_the_only_visitor(
    lived_together: str, only_visitor: str, finding: tuple[str, str]
) -> None:
    found = _finding("relationship", relationship="partner", lived_together=lived_together, only_visitor=only_visitor)

    assert found == finding


@pytest.mark.parametrize(
    "only_visitor, finding",
    [("yes", ("LIKELY", "")), ("no", ("NOT_LIKELY", "relationship")), (UNKNOWN, ("ASK", "unknown"))],
)
def test_anyone_else_may_claim_only_as_the_only_visitor_or_next_of_kin(
    only_visitor: str, finding: tuple[str, str]
) -> None:
    assert _finding("relationship", relationship="other", only_visitor=only_visitor) == finding


def test_who_stands_in_for_a_parent_is_for_the_scheme_to_say() -> None:
    assert _finding("relationship", relationship="stand_in", only_visitor="no") == ("ASK", "stand_in")
    assert _finding("relationship", relationship="stand_in", only_visitor="yes") == ("LIKELY", "")


# ----- age, benefits, income -----


@pytest.mark.parametrize(
    "years, band", [(0, "under_18"), (17, "under_18"), (18, "adult"), (74, "adult"), (75, "over_75"), (101, "over_75")]
)
def test_claimants_are_18_or_over_and_have_a_helper_from_75(years: int, band: str) -> None:
    assert rules.age_band(years) == band
    assert (_finding("age", age=band)[0] == "LIKELY") is (years >= 18)
    assert ("helper" in rules.pays({"age": band})) is (years >= 75)


@pytest.mark.parametrize("has", ["universal_credit", *sorted(COUNTING_BENEFITS)])
def test_the_benefits_of_the_list_count(has: str) -> None:
    assert _finding("benefits", benefits=has) == ("LIKELY", "")


def test_without_a_benefit_of_the_list_help_is_not_likely() -> None:
    assert _finding("benefits", benefits="none") == ("NOT_LIKELY", "benefits")


def test_which_kind_of_esa_or_jsa_has_to_be_asked() -> None:
    assert _finding("benefits", benefits="kind_unclear") == ("ASK", "benefit_kind")


@pytest.mark.parametrize(
    "pounds, band, verdict",
    [
        (0, "under", "LIKELY"),
        (1249.99, "under", "LIKELY"),
        # «£1,250 or less» on one page, «less than £1,250» in the other.
        (1250, "about", "ASK"),
        (1350, "about", "ASK"),
        (1350.01, "over", "NOT_LIKELY"),
    ],
)
def test_with_universal_credit_the_household_has_a_limit(pounds: float, band: str, verdict: str) -> None:
    assert rules.income_band(pounds) == band
    assert _finding("income", benefits="universal_credit", income=band)[0] == verdict


@pytest.mark.parametrize("has", sorted(COUNTING_BENEFITS))
def test_with_another_benefit_income_is_of_no_matter(has: str) -> None:
    assert _finding("income", benefits=has, income="over") == ("LIKELY", "")


# ----- by when -----


@pytest.mark.parametrize(
    "days, when, verdict",
    [
        (-29, "older", "NOT_LIKELY"),
        (-28, "recent", "LIKELY"),
        (0, "recent", "LIKELY"),
        (1, "soon", "LIKELY"),
        (28, "soon", "LIKELY"),
        (29, UNKNOWN, "LIKELY"),
    ],
)
def test_a_claim_is_made_from_28_days_before_to_28_days_after_the_visit(days: int, when: str, verdict: str) -> None:
    visit = {"visit": (TODAY + timedelta(days=days)).isoformat()}

    assert rules.when(visit, TODAY) == when
    assert rules.deadline(visit, TODAY).verdict.name == verdict


def test_the_last_day_to_claim_is_named_for_a_known_day_while_there_is_time() -> None:
    assert rules.claim_by({"visit": "2026-11-01"}, TODAY) == date(2026, 11, 29)
    for visit in ("2026-10-01", "2026-12-01", "recent", "soon", UNKNOWN):
        assert rules.claim_by({"visit": visit}, TODAY) is None


# ----- what is paid -----


@pytest.mark.parametrize(
    "hours, band, food",
    [
        (4.9, "under_5", []),
        (5, "5_to_10", ["food_5"]),
        (9.9, "5_to_10", ["food_5"]),
        (10, "over_10", ["food_10"]),
    ],
)
def test_food_is_paid_by_the_hours_away(hours: float, band: str, food: list[str]) -> None:
    assert rules.away_band(hours) == band
    assert rules.pays({"journey": band, "travel": "car"}) == ["travel_car", *food]


def test_each_way_of_travelling_is_told_of_and_unknown_hours_get_both_amounts() -> None:
    assert rules.pays({"travel": "public taxi", "journey": UNKNOWN}) == ["travel_public", "travel_taxi", "food_any"]
    assert rules.pays({}) == ["travel_unknown", "food_any"]


# ----- all together -----


def test_a_mother_on_pension_credit_after_a_visit_is_likely_to_get_help() -> None:
    assert rules.verdict(MUM, TODAY) == (Verdict.LIKELY, [])


def test_the_least_hopeful_rule_decides_and_only_its_reasons_are_given() -> None:
    answers = {**MUM, "benefits": "kind_unclear", "visit": "older"}

    assert rules.verdict(answers, TODAY) == (Verdict.NOT_LIKELY, ["too_late"])


@given(POSSIBLE)
def test_help_is_never_called_likely_when_a_needed_fact_is_missing(answers: dict[str, str]) -> None:
    needed = ["relationship", "age", "benefits"] + ["income"] * (answers.get("benefits") == "universal_credit")
    needed += ["lived_together"] * (answers.get("relationship") == "partner" and answers.get("only_visitor") != "yes")
    needed += ["only_visitor"] * (answers.get("relationship") in ("other", "stand_in"))

    if any(answers.get(question, UNKNOWN) == UNKNOWN for question in needed):
        assert rules.verdict(answers, TODAY)[0] is not Verdict.LIKELY


@given(POSSIBLE, st.sampled_from(["relationship", "lived_together", "only_visitor", "age", "benefits", "income"]))
def test_to_skip_a_question_never_makes_the_result_likely(answers: dict[str, str], skipped: str) -> None:
    less = {**answers, skipped: UNKNOWN}

    if rules.verdict(answers, TODAY)[0] is not Verdict.LIKELY:
        assert rules.verdict(less, TODAY)[0] is not Verdict.LIKELY


@given(POSSIBLE)
def test_every_result_but_a_likely_one_has_a_reason(answers: dict[str, str]) -> None:
    verdict, reasons = rules.verdict(answers, TODAY)

    assert bool(reasons) is (verdict is not Verdict.LIKELY)
    assert all(reasons) and len(set(reasons)) == len(reasons)


@given(POSSIBLE)
def test_the_same_answers_always_get_the_same_result(answers: dict[str, str]) -> None:
    before = dict(answers)

    assert rules.verdict(answers, TODAY) == rules.verdict(dict(reversed(answers.items())), TODAY)
    assert answers == before


def test_whoever_is_likely_has_met_each_rule() -> None:
    for who, has in product(WHO, [*sorted(COUNTING_BENEFITS), "none", UNKNOWN]):
        answers = {**MUM, "relationship": who, "benefits": has}
        met = who in CLOSE_FAMILY and has in COUNTING_BENEFITS

        assert (rules.verdict(answers, TODAY)[0] is Verdict.LIKELY) is met
