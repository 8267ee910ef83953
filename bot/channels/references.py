"""The reference that a family was given, in a text: to the pipeline, which reads words, seven signs say nothing."""

from __future__ import annotations

import re

from bot.channels.parsed import FALLBACK, OUT_OF_SCOPE, UNSURE, Parsed

CONCERN_STATUS, NONSENSE = "concern_status", "nonsense"
# Read in its place: what it stands for.
MY_MESSAGE = "my message"
_LETTERS, _SIGNS = "A-HJ-NP-Z", "A-HJ-NP-Z2-9"
# With a digit, so that «car-park» is left as it is; without a hyphen as gateway/concerns/reference.py has it.
_MIXED = rf"(?=[{_SIGNS}]*[{_LETTERS}])(?=[{_SIGNS}]*[2-9])[{_SIGNS}]{{4}}"
_REFERENCE = re.compile(
    rf"\b(?:(?i:[{_LETTERS}]{{3}}\s?[-–—]\s?(?=[{_SIGNS}]*[2-9])[{_SIGNS}]{{4}})"
    rf"|[{_LETTERS}]{{3}} {_MIXED}|(?i:[{_LETTERS}]{{3}}{_MIXED}))\b"
)


def in_words(text: str) -> str:
    """The text with each reference as the words that it stands for."""
    return _REFERENCE.sub(MY_MESSAGE, text)


def about_a_message(text: str, parsed: Parsed) -> Parsed:
    """Who sends a reference and nothing that is understood besides asks what became of it."""
    if not _REFERENCE.search(text):
        return parsed
    alone = not any(sign.isalnum() for sign in _REFERENCE.sub("", text))
    if not alone and parsed["intent"]["name"] not in (FALLBACK, UNSURE, OUT_OF_SCOPE, NONSENSE):
        return parsed
    return {**parsed, "intent": {"name": CONCERN_STATUS, "confidence": 1.0}}
