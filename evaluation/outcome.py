"""What went wrong, in a form that the report can list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Miss:
    """A case that the service got wrong: what was written, of which style or topic, which fault, and what was found."""

    id: str
    text: str
    style: str
    kind: str
    told: str
