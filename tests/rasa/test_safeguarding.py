"""The component with the project's own network and rules."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from test_safeguarding_cases import ANSWERS, HARMLESS, PLAIN, SAFEGUARDING

from bot.components.risk_network import CATEGORIES, SUBJECTS, URGENCIES
from bot.components.safeguarding import Safeguarding

FILES = {"network": str(SAFEGUARDING / "model"), "rules": str(SAFEGUARDING / "rules.yml")}
CONTEXT = ExecutionContext(GraphSchema({}))
RESOURCE = Resource("safeguarding")


@pytest.fixture(scope="module")
def storage(tmp_path_factory) -> LocalModelStorage:
    return LocalModelStorage(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def component(storage) -> Safeguarding:
    """Put away and loaded again, as the server has it."""
    Safeguarding.create(FILES, storage, RESOURCE, CONTEXT).train(TrainingData())
    return Safeguarding.load(FILES, storage, RESOURCE, CONTEXT)


@pytest.mark.parametrize(("text", "category", "urgency", "subject"), PLAIN)
def test_no_plain_worry_goes_unseen(component, text, category, urgency, subject):
    assert component.assess(text).level != "none"


def test_plain_worries_are_recorded_with_the_right_urgency_category_and_person(component):
    """The shares that the network reaches; `make evaluate` has them for hard messages, with intervals."""
    risks = [(case, component.assess(case[0])) for case in PLAIN]

    recorded = [case[0] for case, risk in risks if risk.level != "likely"]
    too_low = [case[0] for case, risk in risks if URGENCIES.index(risk.urgency) < URGENCIES.index(case[2])]
    wrong_category = [case[0] for case, risk in risks if risk.category != case[1]]
    wrong_subject = [case[0] for case, risk in risks if risk.subject != case[3]]
    assert len(recorded) <= len(PLAIN) * 0.04, recorded
    assert len(too_low) <= len(PLAIN) * 0.03, too_low
    assert len(wrong_category) <= len(PLAIN) * 0.2, wrong_category
    assert len(wrong_subject) <= len(PLAIN) * 0.12, wrong_subject


def test_few_harmless_twins_become_a_concern_or_are_asked_about(component):
    levels = {text: component.assess(text).level for text in HARMLESS}

    recorded = [text for text, level in levels.items() if level == "likely"]
    asked = [text for text, level in levels.items() if level == "possible"]
    assert len(recorded) <= len(HARMLESS) * 0.08, recorded
    assert len(asked) <= len(HARMLESS) * 0.2, asked


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_to_the_bot_is_no_worry(component, text):
    assert component.assess(text).level == "none"


@pytest.mark.parametrize("worry", ["he has been cutting his arms", "my lad got battered", "hes not ate for a week"])
def test_one_risky_clause_between_questions_is_found(component, worry):
    small_talk = "hiya thanks for the bus times last week. "

    assert component.assess(f"{small_talk}how do i book for the 22nd and {worry}, can i bring nappies").level != "none"
    assert component.assess(small_talk * 12 + f"and {worry} and can i bring nappies. " + small_talk).level != "none"


@pytest.mark.parametrize(
    "text", ["", "   ", "😂", "?", "🙏🏽" * 900, "a" * 4000, "he wants to die " * 260, "\x00", "/" * 50]
)
def test_no_text_is_too_odd(component, text):
    component.assess(text)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(text=st.text(max_size=4000))
def test_any_text_gets_a_whole_answer(component, text):
    risk = component.assess(text)

    if risk.level == "none":
        assert (risk.urgency, risk.category, risk.subject) == (None, None, None)
    else:
        assert (risk.urgency in URGENCIES, risk.category in CATEGORIES, risk.subject in SUBJECTS) == (True, True, True)


@pytest.mark.parametrize(("words", "most"), [(40, 0.060), (800, 0.240)])
def test_an_answer_comes_at_once(component, words, most):
    """Four times what a quiet machine takes."""
    texts = [" ".join(f"{case[0]} and" for case in PLAIN[start:]).split()[:words] for start in range(0, 60, 10)]
    component.assess(" ".join(texts[0]))

    began = time.process_time()
    for text in texts:
        component.assess(" ".join(text)[:4000])

    assert (time.process_time() - began) / len(texts) < most


def processed(component, text: str, intent: str = "visits") -> Message:
    message = Message({"text": text, "intent": {"name": intent, "confidence": 0.9}})
    return component.process([message])[0]


def test_a_likely_concern_becomes_the_intent_and_the_former_one_is_kept(component):
    message = processed(component, "what time are visits, he wants to kill himself")

    assert message.get("intent") == {"name": "report_concern", "confidence": 1.0}
    assert message.get("asked_intent") == {"name": "visits", "confidence": 0.9}


def test_a_harmless_message_keeps_its_intent(component):
    message = processed(component, "what time are visits")

    assert message.get("intent")["name"] == "visits"
    assert message.get("asked_intent") is None


def test_the_decision_is_in_the_output_with_what_it_was_made_on(component):
    output = processed(component, "he wants to kill himself").as_dict(only_output_properties=True)["safeguarding"]

    assert set(output) == {"level", "urgency", "category", "subject", "scores", "model_version"}
    assert output["scores"]["rules"] and len(output["model_version"]) == 12
    json.dumps(output)


def test_a_message_without_text_is_no_worry(component):
    assert component.process([Message({"intent": {"name": "affirm"}})])[0].get("safeguarding")["level"] == "none"


def test_what_was_written_before_is_read_along(component):
    before = ["he gave his radio to his padmate", "and all his photos, he said he wont need them where hes going"]
    text = "now he wont come to the phone"
    message = Message({"text": text, "metadata": {"recent": before}, "intent": {"name": "visits"}})

    together = component.process([message])[0].get("safeguarding")["scores"]["together"]
    assert together > component.assess(text).scores["together"]


def test_a_changed_file_means_a_new_model(tmp_path):
    for name in ("rules.yml", "exclusions.yml", "words.yml", "spellings.yml"):
        (tmp_path / name).write_bytes((SAFEGUARDING / name).read_bytes())
    config = {**FILES, "rules": str(tmp_path / "rules.yml")}
    before = Safeguarding.fingerprint_addon(config)

    (tmp_path / "words.yml").write_text("words: {}\n", encoding="utf-8")

    assert before == Safeguarding.fingerprint_addon(FILES)
    assert Safeguarding.fingerprint_addon(config) != before


def test_the_model_holds_its_network_and_rules_and_no_code(component, storage):
    with storage.read_from(RESOURCE) as folder:
        names = {path.name for path in Path(folder).iterdir()}

    rules = {"rules.yml", "exclusions.yml", "words.yml", "spellings.yml"}
    assert names == {"risk.onnx", "risk.json", "version.txt", *rules}
