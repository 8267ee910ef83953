from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.components.safeguarding_patterns import RuleError
from bot.components.safeguarding_rules import RuleBook
from bot.components.safeguarding_text import Spellings

RULES = Path(__file__).resolve().parents[2] / "data" / "safeguarding" / "rules.yml"
LISTS = {
    "self": "himself herself",
    "hit": ["hit", "beat up"],
    "person": ["son", "@self"],
    "soon": ["tonight", "right now"],
}
SPELLINGS = Spellings.of({"he is": ["hes"]})
REAL = RuleBook.load(RULES)


def a_rule(**changed) -> dict:
    rule = {"name": "hurt", "category": "self_harm_suicide", "urgency": "urgent", "patterns": ["hurt @self"]}
    return {**rule, **changed}


def book(*rules: dict, exclusions: tuple[dict, ...] = ()) -> RuleBook:
    return RuleBook(rules, exclusions, LISTS, SPELLINGS, "rules.yml")


def names(found) -> list[str]:
    return [hit.rule.name for hit in found.hits]


@pytest.mark.parametrize(
    ("pattern", "text", "is_found"),
    [
        ("hurt @self", "he hurt himself", True),
        ("hurt @self", "he hurt us", False),
        ("cut|burn @self", "she would burn herself", True),
        ("hurt very? much", "it hurt much", True),
        ("hurt very? much", "it hurt very much", True),
        ("they @hit him", "they beat up him", True),
        ("picked_on|bullied here", "he is picked on here", True),
        ("tell @person", "tell himself", True),
        ("pay ... or", "pay them by six or", True),
        ("pay ...2 or", "pay them all by six or", False),
        ("hurt ... himself", "it hurt. himself", False),
    ],
)
def test_the_pattern_language(pattern, text, is_found):
    assert bool(book(a_rule(patterns=[pattern])).find(text).hits) is is_found


def test_a_rule_grows_more_urgent_when_the_sentence_says_that_it_is_now():
    rules = book(a_rule(if_soon="emergency"))

    assert [hit.rule.urgency for hit in rules.find("he will hurt himself tonight").hits] == ["emergency"]
    assert [hit.rule.urgency for hit in rules.find("he hurt himself. what is on tonight").hits] == ["urgent"]


def test_a_rule_is_withdrawn_by_words_of_the_same_sentence_only():
    rules = book(a_rule(not_if=["years ago"]))

    assert names(rules.find("he hurt himself years ago")) == []
    assert names(rules.find("he hurt himself. we met years ago")) == ["hurt"]


def test_a_harmless_thought_far_on_in_a_run_on_message_withdraws_nothing():
    rules = book(a_rule(not_if=["bring"]))

    assert names(rules.find("he hurt himself and what time is the visit on sunday and can i bring nappies")) == ["hurt"]


def test_an_exclusion_takes_its_words_out_and_leaves_the_rest():
    rules = book(a_rule(), exclusions=({"name": "not so", "cut": "clause", "patterns": ["never hurt"]},))

    found = rules.find("he never hurt himself, but she hurt herself")

    assert found.cuts == ("not so",)
    assert names(found) == ["hurt"]
    assert "never" not in found.words


def test_a_worry_late_in_a_very_long_sentence_is_found():
    assert names(book(a_rule()).find("and so on " * 150 + "he hurt himself " + "and so on " * 150)) == ["hurt"]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (a_rule(name=None), "needs a name"),
        (a_rule(category="weather"), "category is 'weather'; it must be one of self_harm_suicide"),
        (a_rule(urgency="soon"), "urgency is 'soon'; it must be one of routine, urgent, emergency"),
        (a_rule(level="maybe"), "level is 'maybe'"),
        (a_rule(colour="red"), "unknown key colour; known are"),
        (a_rule(patterns=[]), "at least one pattern"),
        (a_rule(patterns="hurt"), "must be a list"),
        (a_rule(patterns=["hurt @nobody"]), "no word list '@nobody'; known are hit, person, self"),
        (a_rule(patterns=["hurt?"]), "would match anything"),
        (a_rule(patterns=["hurt|"]), "beside a '|'"),
        (a_rule(patterns=["hurt ...30 him"]), "gap ...30 must be of 1 to 10 words"),
        (a_rule(patterns=["hes hurt"]), "'hes' is read as 'he is'; write that"),
    ],
)
def test_a_mistake_in_the_rules_is_told_with_its_place(rule, told):
    with pytest.raises(RuleError) as error:
        book(rule)

    assert told in str(error.value)
    assert "rules.yml" in str(error.value)


def test_a_name_is_used_once():
    with pytest.raises(RuleError, match="'hurt' is used twice"):
        book(a_rule(), a_rule())


def test_a_part_that_stands_twice_is_named(tmp_path):
    (tmp_path / "rules.yml").write_text("signs:\n- name: hurt\n  not_if: [a]\n  not_if: [b]\n", encoding="utf-8")

    with pytest.raises(RuleError, match="'not_if' stands here twice"):
        RuleBook.load(tmp_path / "rules.yml")


def test_a_file_that_is_not_yaml_is_named(tmp_path):
    (tmp_path / "rules.yml").write_text("signs: [", encoding="utf-8")

    with pytest.raises(RuleError, match="rules.yml is not YAML"):
        RuleBook.load(tmp_path / "rules.yml")


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "😂😂", "?", "🔪" * 500, "ha" * 2000, "he wants to die " * 250, "\x00\ud800"]
)
def test_no_text_is_too_odd(text):
    REAL.find(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=4000))
def test_the_rules_never_raise(text):
    REAL.find(text)
