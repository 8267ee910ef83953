"""The parts of a text that could each be a question."""

from __future__ import annotations

import re

MOST_PARTS, FEWEST_WORDS = 5, 3
_SENTENCE = re.compile(r"(?:[^?!.;\n-]|(?<!\s)-|-(?!\s))+[?!.;\n]*")
# Where a new question begins in a text without full stops.
_BEGINS = re.compile(
    r",?\s+(?:and\s+|n\s+|also\s+|plus\s+|&\s+|then\s+)*(?="
    r"(?:how|what|wot|when|where|who|which|why|what's|whats)\b"
    r"|(?:can|could|do|does|is|are|am|will|would|should|if)\s+(?:i|we|u|you|he|she|they|it|my|our|me|the|there|someone|kids|children)\b)"
    r"|\s+(?:also|plus|another thing|one more thing)\s+",
    re.IGNORECASE,
)
# Begins that belong to the words before: "the visit i can", "ask him if he is".
_HELD_BY = frozenset(
    "i he she they we you that it know ask tell see say show prove me him her them about exactly and or but of how "
    "what wot when where who which why if".split()
)
# How a question begins, or what stands in it somewhere.
_ASKS = re.compile(
    r"\W*(?:so |and |but |also |n |plus |please |ok |hi |hello )*"
    r"(?:how|what|wot|whats|when|where|who|which|why|can|could|do|does|did|is|are|am|will|would|should|any)\b"
    r"|.*\b(?:how (?:do|can|long|much|many|often)|what (?:do|can|is)|can (?:i|we|he|she|they)|do (?:i|we|they)"
    r"|wondering|want to know|need to know|tell me|please advise)\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether a text has the form of a question, or a sentence in it has."""
    return "?" in text or any(_ASKS.match(sentence) for sentence in _SENTENCE.findall(text))


def parts_of(text: str) -> list[str]:
    """At most MOST_PARTS, in their order, those that ask before those that tell; empty when there is only one."""
    parts: list[str] = []
    asking: list[bool] = []
    for sentence in _SENTENCE.findall(text):
        for part in _questions_of(sentence.strip(" ?!.;\n-")):
            if len(part.split()) >= FEWEST_WORDS:
                parts.append(part)
                asking.append(sentence.rstrip().endswith("?") or bool(_ASKS.match(part)))
    chosen = sorted(range(len(parts)), key=lambda at: not asking[at])[:MOST_PARTS]
    return [parts[at] for at in sorted(chosen)] if len(parts) > 1 else []


def _questions_of(sentence: str) -> list[str]:
    parts, start = [], 0
    for found in _BEGINS.finditer(sentence):
        before = sentence[start : found.start()].split()
        if len(before) >= FEWEST_WORDS and before[-1].lower() not in _HELD_BY:
            parts.append(sentence[start : found.start()].strip(" ,"))
            start = found.end()
    return [*parts, sentence[start:].strip(" ,")]
