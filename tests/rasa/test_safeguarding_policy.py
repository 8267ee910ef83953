"""When the bot asks gently whether somebody is in danger, and when it leaves the turn to the rules."""

from __future__ import annotations

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.policies.safeguarding import CHECK, SafeguardingPolicy, next_action

LISTEN = "action_listen"


@pytest.mark.parametrize(
    ("level", "intent", "since_message", "wanted"),
    [
        # A question is answered first, then the check follows, then the family's turn.
        ("possible", "visits", [], None),
        ("possible", "visits", ["utter_visits"], CHECK),
        ("possible", "visits", ["utter_visits", CHECK], LISTEN),
        ("possible", "thanks", [], None),
        ("possible", "thanks", ["utter_thanks"], CHECK),
        # Where there is nothing to answer the check stands alone.
        ("possible", "nlu_fallback", [], CHECK),
        ("possible", "nonsense", [], CHECK),
        ("possible", "greet", [], CHECK),
        ("possible", "out_of_scope", [], CHECK),
        ("possible", "affirm", [], CHECK),
        ("possible", "deny", [], CHECK),
        ("possible", "nlu_fallback", [CHECK], LISTEN),
        # The prison is told before the check.
        ("possible", "nlu_fallback", ["prison_form"], None),
        ("possible", "nlu_fallback", ["prison_form", "action_tell_prison"], CHECK),
        # What is no worry, or is already treated as one, is for the rules.
        ("none", "nlu_fallback", [], None),
        ("none", "visits", ["utter_visits"], None),
        ("likely", "report_concern", [], None),
        ("likely", "report_concern", ["action_start_concern"], None),
        ("possible", "report_concern", [], None),
        ("possible", "report_concern", ["action_start_concern"], None),
        ("possible", "correction", ["action_start_concern"], None),
        ("possible", "affirm", ["concern_form"], None),
        ("possible", "affirm", ["concern_form", "action_give_receipt"], None),
    ],
)
def test_what_follows_a_message(level: str, intent: str, since_message: list[str], wanted: str | None) -> None:
    assert next_action(level, intent, since_message, in_form=False) == wanted


@pytest.mark.parametrize("intent", ["visits", "nlu_fallback", "affirm"])
@pytest.mark.parametrize("since_message", [[], ["concern_form"], ["utter_visits"]])
def test_nothing_is_asked_in_the_middle_of_a_form(intent: str, since_message: list[str]) -> None:
    assert next_action("possible", intent, since_message, in_form=True) is None


@pytest.mark.parametrize("intent", ["affirm", "deny"])
@pytest.mark.parametrize("since_message", [[], ["action_start_concern"], ["action_safety_fine"]])
def test_the_answer_to_the_check_is_not_met_with_the_check(intent: str, since_message: list[str]) -> None:
    assert next_action("possible", intent, since_message, in_form=False, was_asked=True) is None


def test_an_answer_that_is_neither_yes_nor_no_is_checked_again() -> None:
    assert next_action("possible", "nlu_fallback", [], in_form=False, was_asked=True) == CHECK


DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [affirm, visits]
    actions: [action_check_safety, action_start_concern]
    responses: {utter_visits: [{text: Book.}]}
    slots: {safety_asked: {type: bool, mappings: [{type: custom}]}}
    forms: {concern_form: {required_slots: []}}
    """
)


def said(intent: str, level: str = "none") -> UserUttered:
    return UserUttered("words", {"name": intent}, parse_data={"safeguarding": {"level": level}})


def predict(*events: Event) -> tuple[str | None, list[Event]]:
    """The action that the policy predicts after these events, and what it has remembered or forgotten."""
    tracker = DialogueStateTracker.from_events("c1", [ActionExecuted(LISTEN), *events], slots=DOMAIN.slots)
    context = ExecutionContext(GraphSchema({}))
    policy = SafeguardingPolicy(SafeguardingPolicy.get_default_config(), None, Resource("policy"), context)

    prediction = policy.predict_action_probabilities(tracker, DOMAIN)

    best = max(range(DOMAIN.num_actions), key=prediction.probabilities.__getitem__)
    return (DOMAIN.action_names_or_texts[best] if prediction.probabilities[best] else None), prediction.events


def test_a_possible_worry_is_asked_about_after_the_answer() -> None:
    assert predict(said("visits", "possible"), ActionExecuted("utter_visits")) == (CHECK, [])


def test_before_the_first_message_there_is_nothing_to_ask() -> None:
    assert predict() == (None, [])


def test_yes_to_the_check_is_left_to_the_rules_even_when_it_sounds_worried() -> None:
    asked = (said("visits", "possible"), ActionExecuted(CHECK), SlotSet("safety_asked", True), ActionExecuted(LISTEN))

    assert predict(*asked, said("affirm", "possible")) == (None, [])
    assert predict(*asked, said("affirm", "possible"), ActionExecuted("action_start_concern")) == (None, [])


def test_a_worry_in_the_last_answer_of_a_form_does_not_take_the_receipts_place() -> None:
    form = (ActiveLoop("concern_form"), ActionExecuted(LISTEN), said("affirm", "possible"))

    assert predict(*form, ActionExecuted("concern_form"), ActiveLoop(None)) == (None, [])


def test_the_check_is_forgotten_when_the_family_speaks_of_something_else() -> None:
    asked = (said("visits", "possible"), ActionExecuted(CHECK), SlotSet("safety_asked", True), ActionExecuted(LISTEN))

    assert predict(*asked, said("visits")) == (None, [SlotSet("safety_asked", None)])
    assert predict(*asked, said("affirm")) == (None, [])


def test_a_check_is_not_forgotten_in_the_turn_that_asks_it() -> None:
    asked = (said("visits", "possible"), ActionExecuted("utter_visits"), ActionExecuted(CHECK))

    assert predict(*asked, SlotSet("safety_asked", True)) == (LISTEN, [])
