"""The decision, with rules and model that say what each test needs."""

import pytest

from bot.components.safeguarding_risk import Risk, Thresholds, assess, decide
from bot.components.safeguarding_rules import Findings, Hit, Rule

THRESHOLDS = Thresholds(likely=0.5, possible=0.2, emergency=0.5, rule_needs=0.03, part_trust=0.5)


def scores(likely: float, *, some: float | None = None, emergency: float = 0.0, category="drugs", subject="prisoner"):
    """One passage's answers, as sure as the numbers say."""
    return {
        "level": {"likely": likely, "possible": (some or likely) - likely, "none": 1 - (some or likely)},
        "urgency": {"emergency": emergency, "urgent": 0.9 - emergency, "routine": 0.1},
        "category": {category: 0.6, "other": 0.4},
        "subject": {subject: 0.6, "other": 0.4},
    }


def found(words: str = "", *hits: Hit) -> Findings:
    return Findings(tuple(hits), tuple(words.split()), ())


def hit(start=0, end=1, **rule) -> Hit:
    return Hit(Rule(**{"name": "a rule", "category": "drugs", "urgency": "urgent", **rule}), start, end, "")


def decided(findings: Findings, *passages) -> Risk:
    return decide(findings, passages, THRESHOLDS, "v1")


@pytest.mark.parametrize(
    ("likely", "some", "level"),
    [(0.1, 0.15, "none"), (0.1, 0.3, "possible"), (0.49, 0.6, "possible"), (0.5, 0.6, "likely")],
)
def test_the_level_follows_the_model(likely, some, level):
    assert decided(found(), scores(likely, some=some)).level == level


def test_a_rule_needs_the_model_to_see_a_little_of_it():
    assert decided(found("x", hit()), scores(0.02)).level == "possible"
    assert decided(found("x", hit()), scores(0.03)).level == "likely"


@pytest.mark.parametrize("rule", [hit(sure=True), hit(urgency="emergency")])
def test_a_sure_rule_and_an_emergency_stand_whatever_the_model_thinks(rule):
    assert decided(found("x", rule), scores(0.0)).level == "likely"


def test_a_hint_is_only_possible():
    assert decided(found("x", hit(level="possible")), scores(0.0)).level == "possible"


def test_one_risky_clause_counts_with_less_trust_than_a_whole_message():
    assert decided(found(), scores(0.1), scores(0.9)).level == "possible"
    assert decided(found(), scores(0.1), scores(1.0)).level == "likely"


def test_where_there_is_no_risk_nothing_else_is_said():
    assert decided(found(), scores(0.0)) == Risk(scores={"likely": 0.0, "any": 0.0, "rules": []}, model_version="v1")


def test_an_emergency_by_rule_or_by_model_is_one():
    assert decided(found("x", hit(urgency="emergency")), scores(0.0)).urgency == "emergency"
    assert decided(found(), scores(0.9, emergency=0.6)).urgency == "emergency"
    assert decided(found("x", hit()), scores(0.9, emergency=0.1)).urgency == "urgent"


def test_what_is_only_possible_is_no_emergency():
    assert decided(found(), scores(0.3, emergency=0.9)).urgency != "emergency"


def test_a_rule_weighs_more_than_the_model_for_the_category():
    assert decided(found("x", hit(category="food_refusal")), scores(0.9)).category == "food_refusal"


@pytest.mark.parametrize(
    ("words", "start", "end", "subject"),
    [
        ("i want to die", 1, 4, "caller"),
        ("my son wants to die", 2, 5, "prisoner"),
        ("he said i want to die mum", 3, 6, "prisoner"),
        ("i think he wants to die", 3, 6, "prisoner"),
        ("i will kill myself", 2, 4, "caller"),
        ("he is a mess . i want to die", 6, 9, "caller"),
    ],
)
def test_whose_state_it_is(words, start, end, subject):
    wants_to_die = hit(start, end, category="self_harm_suicide")

    assert decided(found(words, wants_to_die), scores(0.9, subject="other")).subject == subject


def test_the_callers_own_state_is_the_callers_risk():
    risk = decided(found("i want to die", hit(1, 4, category="self_harm_suicide")), scores(0.9))

    assert (risk.category, risk.subject) == ("caller_risk", "caller")


class Deaf:
    """Rules and model that must not be asked."""

    version = "v1"

    def find(self, text):
        raise AssertionError("asked")

    judge = riskiest = find


@pytest.mark.parametrize("text", ["/affirm", '/inform{"prison": "kill himself"}', "/visits/book_visit", "/deny@0.9"])
def test_a_button_is_no_worry(text):
    assert assess(text, Deaf(), Deaf()) == Risk(model_version="v1")


def test_a_slash_before_a_sentence_hides_nothing():
    with pytest.raises(AssertionError, match="asked"):
        assess("/ he wants to die", Deaf(), Deaf())
