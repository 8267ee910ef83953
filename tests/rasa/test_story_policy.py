"""What the story policy learns from stories, when it leads and when it leaves the turn to the others."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rasa.core.policies.ensemble import DefaultPolicyPredictionEnsemble
from rasa.core.policies.policy import PolicyPrediction
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates

from bot.policies.story_policy import StoryPolicy, features_of

LISTEN = "action_listen"
DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [prison, check, correction, thanks, goodbye]
    actions: [action_prison, action_check, action_not_understood]
    responses: {utter_ready: [{text: Ready.}], utter_thanks: [{text: Thanks.}]}
    forms: {check_form: {required_slots: []}}
    """
)
Turn = tuple[str, str]
PRISON, CHECK, THANKS = ("prison", "action_prison"), ("check", "action_check"), ("thanks", "utter_thanks")
STORIES: list[list[Turn]] = [
    [PRISON, ("correction", "action_prison")],
    [CHECK, ("correction", "action_check")],
    [("correction", "utter_ready")],
]
CORRECTION = UserUttered("no sorry", {"name": "correction"})


def told(*turns: Turn) -> list[Event]:
    """The events of whole turns: a message, the reply, and the wait for the next."""
    events: list[Event] = [ActionExecuted(LISTEN)]
    for intent, action in turns:
        events += [UserUttered("words", {"name": intent}), ActionExecuted(action), ActionExecuted(LISTEN)]
    return events


def tracker(events: list[Event], is_rule: bool = False) -> TrackerWithCachedStates:
    return TrackerWithCachedStates.from_events("c1", events, DOMAIN.slots, domain=DOMAIN, is_rule_tracker=is_rule)


class Taught:
    """A policy that has been taught on these stories, in a folder of its own."""

    def __init__(
        self, folder: Path, stories: list[list[Turn]], rules: Sequence[list[Turn]] = (), **config: Any
    ) -> None:
        self._where = (LocalModelStorage(folder), Resource("stories"), ExecutionContext(GraphSchema({})))
        self._config = {**StoryPolicy.get_default_config(), **config}
        self.policy = StoryPolicy(self._config, *self._where)
        trackers = [tracker(told(*turns)) for turns in stories] + [tracker(told(*turns), True) for turns in rules]
        self.policy.train(trackers, DOMAIN)

    def again(self) -> StoryPolicy:
        """The same policy, loaded from what it left on disk."""
        return StoryPolicy.load(self._config, *self._where)


def prediction(policy: StoryPolicy, *events: Event) -> PolicyPrediction:
    return policy.predict_action_probabilities(tracker(list(events)), DOMAIN)


def next_action(policy: StoryPolicy, *events: Event) -> str | None:
    """What the policy predicts after these events; None when it leaves the turn to the others."""
    found = prediction(policy, *events).probabilities
    return DOMAIN.action_names_or_texts[found.index(max(found))] if max(found) else None


@pytest.fixture
def policy(tmp_path: Path) -> StoryPolicy:
    return Taught(tmp_path, STORIES).policy


@pytest.mark.parametrize("before", [[PRISON], [PRISON, THANKS], [THANKS, PRISON], [PRISON, PRISON], [CHECK, PRISON]])
def test_a_conversation_that_is_not_quite_a_story_is_led_as_the_story_leads(
    policy: StoryPolicy, before: list[Turn]
) -> None:
    assert next_action(policy, *told(*before), CORRECTION) == "action_prison"


def test_what_was_nearest_leads(policy: StoryPolicy) -> None:
    assert next_action(policy, *told(PRISON, CHECK, THANKS), CORRECTION) == "action_check"


def test_what_is_further_back_than_it_looks_does_not_lead(policy: StoryPolicy) -> None:
    assert next_action(policy, *told(PRISON, *[THANKS] * 6), CORRECTION) == "utter_ready"


def test_after_the_reply_it_waits_for_the_family(policy: StoryPolicy) -> None:
    assert next_action(policy, *told(PRISON), CORRECTION, ActionExecuted("action_prison")) == LISTEN


def test_once_something_was_said_it_rather_waits_than_lets_the_fallback_speak(tmp_path: Path) -> None:
    unsure = Taught(tmp_path, STORIES, threshold=0.98).policy

    assert next_action(unsure, *told(), CORRECTION, ActionExecuted("action_not_understood")) == LISTEN


def test_unsure_it_leaves_a_message_to_the_others(tmp_path: Path) -> None:
    unsure = Taught(tmp_path, STORIES, threshold=0.999).policy

    assert next_action(unsure, *told(PRISON, CHECK), CORRECTION) is None


def test_a_message_that_no_story_hears_is_left_to_the_others(policy: StoryPolicy) -> None:
    assert next_action(policy, *told(PRISON), UserUttered("bye", {"name": "goodbye"})) is None


def test_a_message_is_never_met_with_silence(tmp_path: Path) -> None:
    silent = Taught(tmp_path, [[("thanks", LISTEN)], [PRISON], [CHECK]]).policy

    assert next_action(silent, *told(), UserUttered("ta", {"name": "thanks"})) is None


def test_in_a_form_it_abstains(policy: StoryPolicy) -> None:
    assert next_action(policy, *told(PRISON), ActiveLoop("check_form"), CORRECTION) is None


def test_a_rule_wins_however_sure_it_is(policy: StoryPolicy) -> None:
    sure = prediction(policy, *told(PRISON), CORRECTION)
    rule = PolicyPrediction.for_action_name(DOMAIN, "utter_thanks", "RulePolicy")

    best = DefaultPolicyPredictionEnsemble().combine_predictions([sure, rule], tracker(told(PRISON)), DOMAIN)

    assert sure.max_confidence < 1 and best.policy_name == "RulePolicy"


def test_rules_teach_it_nothing(tmp_path: Path) -> None:
    assert next_action(Taught(tmp_path, [], STORIES).policy, *told(PRISON), CORRECTION) is None


@pytest.mark.parametrize("stories", [[], [[]]])
def test_without_stories_it_trains_and_abstains(tmp_path: Path, stories: list[list[Turn]]) -> None:
    assert next_action(Taught(tmp_path, stories).policy, *told(PRISON), CORRECTION) is None


def test_one_story_is_enough(tmp_path: Path) -> None:
    one = Taught(tmp_path, [[PRISON]]).policy

    assert next_action(one, *told(THANKS), UserUttered("which", {"name": "prison"})) == "action_prison"
    assert next_action(one, *told(), UserUttered("x", {"name": "prison"}), ActionExecuted("action_prison")) == LISTEN


def test_loaded_it_predicts_the_same(tmp_path: Path) -> None:
    taught = Taught(tmp_path, STORIES)
    asked = (*told(CHECK, PRISON), CORRECTION)

    assert prediction(taught.again(), *asked).probabilities == prediction(taught.policy, *asked).probabilities


def test_nothing_in_the_model_is_code(tmp_path: Path) -> None:
    Taught(tmp_path, STORIES)

    assert {file.name for file in tmp_path.rglob("*") if file.is_file()} == {"names.json", "weights.npz"}
    with zipfile.ZipFile(next(tmp_path.rglob("weights.npz"))) as arrays:
        assert arrays.namelist() == ["weights.npy"]


def test_what_no_story_tells_of_puts_nothing_further_back() -> None:
    states: list[Any] = [
        {"user": {"intent": "prison"}, "prev_action": {"action_name": "action_prison"}},
        {"user": {"intent": "thanks"}, "prev_action": {"action_name": "utter_thanks"}},
        {"user": {"intent": "correction"}, "prev_action": {"action_name": LISTEN}},
    ]

    assert features_of(states)["done action_prison"] == 0.5
    assert features_of(states, {"done action_prison"}) == {"done action_prison": 1.0}
