"""The rules of what families read. Each fault is one line: which text, on which channel, and what to do."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from scripts.content.reading import grade
from scripts.content.sms import EACH_GSM, EACH_UCS2, size
from scripts.content.texts import Text, filled
from scripts.content.words import Vocabulary, unexplained

HARDEST_GRADE = 6.0
MOST_SEGMENTS = 3
# Replies of the service about itself rest on no page.
OURSELVES = "Family Gateway"


def faults(texts: list[Text], known: Vocabulary, today: date) -> list[str]:
    """All that is wrong with some texts, in their order."""
    return [f"{text.name} ({text.channel}): {fault}" for text in texts for fault in _faults(text, known, today)]


def _faults(text: Text, known: Vocabulary, today: date) -> Iterator[str]:
    if text.metadata is not None:
        yield from _metadata(text.metadata, today)
    yield from _reading(text)
    yield from _length(text)
    for word in unexplained(text.text, known):
        yield f"«{word}» is not explained: add it to data/glossary.yml, or say it in plain words"


def _metadata(metadata: dict[str, Any], today: date) -> Iterator[str]:
    source = str(metadata.get("source") or "")
    if not source:
        yield f'has no source: name the page in metadata, or "{OURSELVES}" where we speak of ourselves'
    elif metadata.get("url") is None:
        yield 'has no url: add the address of the source to metadata, or "" where we speak of ourselves'
    elif not metadata["url"] and not source.startswith(OURSELVES):
        yield f"has an empty url, but its source is «{source}»: add the address of that page"
    checked, review_by = (_day(metadata.get(name)) for name in ("checked", "review_by"))
    if checked is None:
        yield 'has no day on which it was checked: write checked: "2026-11-21" in metadata'
    elif checked > today:
        yield f"was checked on {checked}, which is still to come: correct it"
    if review_by is None:
        yield 'has no day by which to check it again: write review_by: "2027-11-21" in metadata'
    elif today > review_by:
        yield f"was to be checked again by {review_by}: read its source, correct it, and set checked and review_by"


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None


def _reading(text: Text) -> Iterator[str]:
    if text.is_sentence and (found := round(grade(text.text), 1)) > HARDEST_GRADE:
        yield f"is of reading grade {found}, and {HARDEST_GRADE:g} is the most: shorter sentences, shorter words"


def _length(text: Text) -> Iterator[str]:
    found = size(filled(text.text))
    if not text.is_sent_by_sms or found.segments <= MOST_SEGMENTS:
        return
    if found.foreign:
        named = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in found.foreign)
        yield (
            f"is {found.segments} text messages, and {MOST_SEGMENTS} is the most, for it is sent as UCS-2"
            f" ({EACH_UCS2} signs each): replace {named}, which GSM-7 lacks"
        )
    else:
        over = found.places - MOST_SEGMENTS * EACH_GSM
        yield f"is {found.segments} text messages, and {MOST_SEGMENTS} is the most: cut {max(over, 1)} signs or more"
