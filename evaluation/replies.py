"""Which of the bot's responses a reply is, told by its text: those of domain.yml, with their gaps filled."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from evaluation.matching import normalised
from evaluation.service import ROOT

# The bot says that it cannot help, or did not understand.
REFUSALS = frozenset(["utter_out_of_scope", "utter_not_understood", "utter_not_understood_twice", "utter_english_best"])
# It talks about itself, or is only polite.
SMALL_TALK = frozenset(
    "utter_greet utter_goodbye utter_thanks utter_what_we_do utter_are_you_a_person utter_offer_person "
    "utter_privacy utter_who_reads utter_anonymous utter_insult utter_safety_fine utter_ready".split()
)
# What is only asked or offered, behind an answer or in its place.
_ASKED = ("utter_check_safety", "utter_ask_which", "utter_callback_", "utter_feedback_")
# For questions without facts to expect, because they are about the bot or one prison: how a right response is called.
WITHOUT_FACTS = {
    "greet": "utter_greet",
    "thanks": "utter_thanks",
    "ask_are_you_a_person": "utter_are_you_a_person",
    "insult": "utter_insult",
    "nonsense": "utter_not_understood",
    "language_other": "utter_english_best",
    "prison_info_booking": "utter_prison_booking",
    "prison_info_switchboard": "utter_prison_switchboard",
    "prison_info_page": "utter_prison_page",
}
_CONCERN = "utter_concern_"
_PRISON = ("utter_prison_", "utter_no_safer_custody_number", "utter_where_is_prisoner", "utter_find_a_prison")


@dataclass(frozen=True)
class Responses:
    """The responses of domain.yml: how each is worded on the web, and its name."""

    patterns: tuple[tuple[re.Pattern[str], str], ...]

    @classmethod
    def load(cls, path: Path = ROOT / "domain.yml") -> "Responses":
        said = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
        return cls(
            tuple(
                (_as_pattern(variation["text"]), name)
                for name, variations in said.items()
                for variation in variations
                if variation.get("text") and variation.get("channel") != "sms"
            )
        )

    def name(self, reply: dict[str, Any]) -> str:
        """The name of the response that a reply is; empty where nothing in domain.yml is worded so."""
        text = normalised(reply["text"])
        return next((name for pattern, name in self.patterns if pattern.fullmatch(text)), "")

    def gave_an_answer(self, replies: list[dict[str, Any]]) -> bool:
        """Whether one of them answers a question about a subject, or takes down a worry, and names its source."""
        return any(self._is_answer(reply) for reply in replies)

    def _is_answer(self, reply: dict[str, Any]) -> bool:
        name = self.name(reply)
        return bool("/" in name or (reply["sources"] and name not in REFUSALS | SMALL_TALK))

    def refused(self, replies: list[dict[str, Any]]) -> bool:
        """Whether the bot only said that it cannot help or did not understand, or only asked something back."""
        names = {self.name(reply) for reply in replies} - REFUSALS
        return all(name.startswith(_ASKED) for name in names)

    def is_called(self, replies: list[dict[str, Any]], response: str) -> bool:
        """Whether one of them is that response, or one whose name goes on after it."""
        return any(self.name(reply).startswith(response) for reply in replies)

    def subject(self, replies: list[dict[str, Any]]) -> str:
        """What the first reply with something to say is about, for the table of what was taken for what."""
        names = [self.name(reply) for reply in replies]
        return next((_subject(name) for name in names if name), "unknown")


def _subject(name: str) -> str:
    plain = name.removeprefix("utter_")
    if "/" in plain:
        return plain.partition("/")[0]
    if name.startswith(_CONCERN):
        return "a concern"
    if name.startswith(_PRISON):
        return "prison"
    return "cannot help" if name in REFUSALS else "service"


def _as_pattern(text: str) -> re.Pattern[str]:
    parts = [re.escape(normalised(part)) for part in re.split(r"\{\w+\}", text)]
    # A gap may hold several words or nothing; spaces around it may have gone with it.
    return re.compile(r"\s*.*?\s*".join(parts), re.DOTALL)
