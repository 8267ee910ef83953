"""What the tests of Rasa's side share: quiet logs and a small bot."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rasa.core.agent import Agent

# Before anything of Rasa is imported: it reads these only once.
os.environ |= {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}

MODEL = Path(__file__).parents[2] / "models" / "gateway.tar.gz"

CONFIG = """
recipe: default.v1
assistant_id: small
language: en
pipeline:
- name: WhitespaceTokenizer
- name: CountVectorsFeaturizer
- name: bot.components.intent_classifier.IntentAndAnswerClassifier
policies:
- name: bot.policies.safeguarding.SafeguardingPolicy
- name: RulePolicy
"""
DOMAIN = """
version: "3.1"
intents: [greet, visits, act]
actions: [action_note, action_say]
slots:
  noted: {type: bool, influence_conversation: false, mappings: [{type: custom}]}
responses:
  utter_greet:
  - text: Hello on a page.
    buttons: [{title: Visits, payload: visits}]
    metadata: {source: "Family Gateway", url: "", checked: "2026-11-21"}
  - text: Hello in a text.
    channel: sms
  utter_visits/book:
  - text: Book on the page.
    metadata: {source: "A guide", url: "https://guide.example/visits", checked: "2026-11-21"}
  utter_visits/wear:
  - text: Wear what is plain.
"""
DATA = """
version: "3.1"
nlu:
- {intent: greet, examples: "- hello\\n- hi there\\n- good morning"}
- {intent: act, examples: "- note it down\\n- please note this\\n- make a note"}
- {intent: visits/book, examples: "- book a visit\\n- how do i book\\n- booking please"}
- {intent: visits/wear, examples: "- what to wear\\n- can i wear a hat\\n- clothes to wear"}
rules:
- {rule: someone says hello, steps: [{intent: greet}, {action: utter_greet}]}
- {rule: someone asks about visits, steps: [{intent: visits}, {action: utter_visits}]}
- {rule: someone wants it noted, steps: [{intent: act}, {action: action_note}, {action: action_say}]}
"""


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    """Rasa prints every message at DEBUG unless told otherwise."""
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    configure_logging_and_warnings(logging.WARNING, warn_only_once=False)
    configure_structlog(logging.WARNING)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest bot that has our classifier, our policy and an action of its own. Takes a few seconds to train."""
    from rasa.model_training import train

    folder = tmp_path_factory.mktemp("small-bot")
    for name, text in (("config.yml", CONFIG), ("domain.yml", DOMAIN), ("data.yml", DATA)):
        (folder / name).write_text(text, encoding="utf-8")
    os.environ["RASA_CACHE_DIRECTORY"] = str(folder / "cache")
    trained = train(str(folder / "domain.yml"), str(folder / "config.yml"), [str(folder / "data.yml")], str(folder))
    assert trained.model
    return Path(trained.model)


@pytest.fixture(scope="session")
def model() -> Agent:
    """The trained bot, as it stands in models/."""
    from rasa.core.agent import Agent

    if not MODEL.exists():
        pytest.fail("There is no trained model. Run: make train")
    return Agent.load(str(MODEL))


@pytest.fixture(scope="session")
def show(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Prints a line even when the test passes."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def shown(text: str) -> None:
        with capture.global_and_fixture_disabled():
            print(text)

    return shown
