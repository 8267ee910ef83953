"""The decision, with rules and network that say what each test needs."""

import pytest

from bot.components.risk_network import CATEGORIES
from bot.components.safeguarding_risk import Risk, Thresholds, assess, decide
from bot.components.safeguarding_rules import Findings, Hit, Rule

THRESHOLDS = Thresholds(
    likely=0.5, possible=0.2, rule_likely=0.3, together=0.7, emergency=0.5, urgent=0.5, rule_category=0.3
)


def scores(likely: float, *, emergency: float = 0.0, urgent: float = 0.9, category="drugs", subject="prisoner"):
    """One message's answers, as sure as the numbers say."""
    return {
        "level": {"likely": likely, "none": 1 - likely},
        "urgency": {"emergency": emergency, "urgent": urgent - emergency, "routine": 1 - urgent},
        "category": {**dict.fromkeys(CATEGORIES, 0.02), category: 0.6},
        "subject": {"prisoner": 0.1, "caller": 0.1, "other": 0.1, subject: 0.8},
    }


def hit(**rule) -> Hit:
    return Hit(Rule(**{"name": "a rule", "category": "drugs", "urgency": "urgent", **rule}), 0, 1, "")


def decided(alone, *hits: Hit, together=None) -> Risk:
    return decide(Findings(tuple(hits), ("x",), ()), alone, together or alone, THRESHOLDS, "v1")


@pytest.mark.parametrize(("likely", "level"), [(0.19, "none"), (0.2, "possible"), (0.49, "possible"), (0.5, "likely")])
def test_the_level_follows_the_network(likely, level):
    assert decided(scores(likely)).level == level


def test_a_rule_makes_a_smaller_probability_enough():
    assert decided(scores(0.29), hit()).level == "possible"
    assert decided(scores(0.3), hit()).level == "likely"


def test_what_a_rule_finds_is_at_least_asked_about():
    assert decided(scores(0.0), hit()).level == "possible"


def test_a_sure_rule_stands_whatever_the_network_thinks():
    assert decided(scores(0.0), hit(sure=True)).level == "likely"


def test_a_hint_of_a_rule_alone_changes_nothing():
    assert decided(scores(0.0), hit(level="possible")).level == "none"


@pytest.mark.parametrize(("together", "level"), [(0.1, "none"), (0.3, "possible"), (0.7, "likely")])
def test_messages_that_are_a_worry_only_together_are_one(together, level):
    assert decided(scores(0.1), together=scores(together)).level == level


@pytest.mark.parametrize(("alone", "from_recent"), [(0.1, True), (0.6, False)])
def test_it_is_told_whether_the_messages_before_made_it_a_worry(alone, from_recent):
    assert decided(scores(alone), together=scores(0.8)).scores["from_recent"] is from_recent


def test_what_came_before_takes_nothing_from_a_worry():
    assert decided(scores(0.9), together=scores(0.0)).level == "likely"


def test_where_there_is_no_risk_nothing_else_is_said():
    assert decided(scores(0.0)) == Risk(scores={"likely": 0.0, "together": 0.0, "rules": []}, model_version="v1")


def test_an_emergency_by_rule_or_by_network_is_one():
    assert decided(scores(0.9), hit(urgency="emergency")).urgency == "emergency"
    assert decided(scores(0.9, emergency=0.5)).urgency == "emergency"
    assert decided(scores(0.9, emergency=0.4), hit()).urgency == "urgent"


def test_a_slow_worry_is_routine():
    assert decided(scores(0.9, urgent=0.4)).urgency == "routine"


def test_what_is_only_possible_is_no_emergency():
    assert decided(scores(0.3, emergency=0.9)).urgency == "urgent"


def test_a_rule_counts_for_the_category():
    near = scores(0.9)
    near["category"]["food_refusal"] = 0.4

    assert decided(near, hit(category="food_refusal")).category == "food_refusal"


def test_the_callers_own_state_is_the_callers_risk():
    risk = decided(scores(0.9, category="self_harm_suicide", subject="caller"))

    assert (risk.category, risk.subject) == ("caller_risk", "caller")


def test_the_callers_risk_concerns_the_caller():
    assert decided(scores(0.9, category="caller_risk", subject="prisoner")).subject == "caller"


class Deaf:
    """Rules and network that must not be asked."""

    def find(self, text):
        raise AssertionError("asked")

    def judge(self, text, recent=()):
        raise AssertionError("asked")


@pytest.mark.parametrize("text", ["/affirm", '/inform{"prison": "kill himself"}', "/visits/book_visit", "/deny@0.9"])
def test_a_button_is_no_worry(text):
    assert assess(text, (), (), Deaf(), Deaf(), THRESHOLDS, "v1") == Risk(model_version="v1")


def test_a_slash_before_a_sentence_hides_nothing():
    with pytest.raises(AssertionError, match="asked"):
        assess("/ he wants to die", (), (), Deaf(), Deaf(), THRESHOLDS, "v1")


class Worried:
    """A network that sees a worry only in what came before."""

    def judge(self, text, recent=()):
        return scores(0.9 if recent else 0.0)


class Silent:
    """Rules that see nothing."""

    def find(self, text):
        return Findings((), ("x",), ())


@pytest.mark.parametrize(("text", "level"), [("no hes just tired", "none"), ("now he wont answer", "likely")])
def test_a_no_is_not_read_with_what_it_answers(text, level):
    assert assess(text, ["somethings up with him"], (), Silent(), Worried(), THRESHOLDS, "v1").level == level


@pytest.mark.parametrize(("text", "level"), [("and his pacemaker?", "none"), ("and his pacemaker stopped", "likely")])
def test_a_question_that_only_asks_on_is_not_read_with_those_before(text, level):
    assert assess(text, ["will he be searched"], (), Silent(), Worried(), THRESHOLDS, "v1").level == level


def test_in_a_question_that_asks_on_a_rule_has_its_say():
    risky = Words(hit(level="possible"))

    assert assess("and his noose?", ["he asks for a sheet"], (), risky, Worried(), THRESHOLDS, "v1").level == "likely"


def test_the_kind_of_a_worry_is_that_of_all_that_was_told():
    alone, together = scores(0.95, category="self_harm_suicide"), scores(0.9, category="debt_threats")

    assert decided(alone, together=together).category == "debt_threats"
    assert decided(alone, together=scores(0.5, category="debt_threats")).category == "self_harm_suicide"


class Excusing:
    """Rules that take a harmless turn of phrase out of a message."""

    def __init__(self, *left):
        self.left = left

    def find(self, text):
        return Findings((), self.left, ("a figure of speech",))


class Easily:
    """A network that takes every text for a worry that says something of killing."""

    def judge(self, text, recent=()):
        return scores(0.9 if "kill" in text else 0.0)


@pytest.mark.parametrize(
    ("left", "level"), [(("what", "time"), "none"), ((",",), "none"), (("he", "will", "kill", "him"), "likely")]
)
def test_a_message_is_judged_without_its_harmless_turns_of_phrase(left, level):
    text = "these shoes are killing me, what time"

    assert assess(text, [], [], Excusing(*left), Easily(), THRESHOLDS, "v1").level == level


class Words:
    """Rules that find these, and give the words back."""

    def __init__(self, *hits):
        self.hits = hits

    def find(self, text):
        return Findings(self.hits, tuple(text.split()), ())


class ExcusesShoes:
    """Rules that take killing shoes out of a message."""

    def find(self, text):
        harmless = "shoes are killing me" in text
        return Findings((), tuple(text.replace("shoes are killing me", "").split()), ("shoes",) if harmless else ())


class HearsKilling:
    """A network that sees a worry where anything before said something of killing."""

    def judge(self, text, recent=()):
        return scores(0.9 if any("kill" in before for before in recent) else 0.0)


@pytest.mark.parametrize(("before", "level"), [("my shoes are killing me", "none"), ("they will kill him", "likely")])
def test_what_came_before_is_read_without_its_harmless_turns_of_phrase(before, level):
    assert assess("he is at hull", [before], [], ExcusesShoes(), HearsKilling(), THRESHOLDS, "v1").level == level


@pytest.mark.parametrize(("before", "subject"), [("prisoner", "prisoner"), ("caller", "caller")])
def test_whose_worry_it_is_shows_in_the_message_and_in_all_that_was_told(before, subject):
    unsure = {**scores(0.9), "subject": {"prisoner": 0.45, "caller": 0.55, "other": 0.0}}

    assert decided(unsure, together=scores(0.9, subject=before)).subject == subject


def test_a_writer_who_tells_of_themselves_is_heard_whoever_it_was_about_before():
    own = {**scores(0.9), "subject": {"prisoner": 0.02, "caller": 0.98, "other": 0.0}}

    assert decided(own, together=scores(0.9, subject="prisoner")).subject == "caller"


class AfterAll:
    """Sees an emergency of another kind, of the prisoner, once it knows what was told before."""

    def judge(self, text, recent=()):
        if recent:
            return scores(0.9, emergency=0.9, category="physical_health")
        return scores(0.1 if "fine" in text else 0.9, subject="caller", category="missing_contact_worry")


def test_a_worry_is_read_after_what_a_concern_has_of_it_already():
    risk = assess("nothing moved since yesterday", (), ["she is 34 weeks"], Silent(), AfterAll(), THRESHOLDS, "v1")

    assert (risk.level, risk.urgency, risk.category) == ("likely", "emergency", "physical_health")


def test_what_was_told_already_makes_no_worry_of_what_is_none():
    assert assess("she is fine", (), ["she is 34 weeks"], Silent(), AfterAll(), THRESHOLDS, "v1").level == "none"
