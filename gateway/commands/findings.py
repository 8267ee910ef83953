"""What a check of `gateway doctor` finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One line for the person who asked."""

    level: Literal["ok", "warn", "fail"]
    text: str
