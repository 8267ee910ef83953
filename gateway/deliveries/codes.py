"""What a provider's code means: the one table is data/twilio_codes.yml."""

import re
from dataclasses import dataclass
from functools import cache

import yaml

from gateway.config import settings


@dataclass(frozen=True)
class Code:
    """One of Twilio's codes."""

    meaning: str
    permanent: bool  # trying again cannot help
    told: str  # what staff read, as the end of a sentence


@cache
def codes() -> dict[int, Code]:
    """Every code that the table knows."""
    raw = yaml.safe_load((settings().data_dir / "twilio_codes.yml").read_text(encoding="utf-8"))
    return {number: Code(**row) for number, row in raw.items()}


def is_permanent(number: int | None) -> bool:
    """Whether a code ends all trying. What the table does not know is tried again."""
    return number is not None and number in codes() and codes()[number].permanent


def in_words(error: str) -> str:
    """Why something did not arrive, for staff: `twilio-21610` or `21610` in words, anything else as it is."""
    found = re.fullmatch(r"(?:twilio-)?(\d{5})", error)
    code = codes().get(int(found[1])) if found else None
    return code.told if code else error
