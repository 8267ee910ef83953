"""What somebody's work is. A person may have several roles; which prisons they see is another question."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """The roles of staff. Values are stored: add, never rename."""

    OFFICER = "officer"
    DUTY_MANAGER = "duty_manager"
    FAMILY_WORKER = "family_worker"
    ANALYST = "analyst"  # figures, and nobody's name or words
    ADMINISTRATOR = "administrator"  # people, routes and the log, and no concerns


# Who may answer for a concern, and who may read one.
ANSWERS = frozenset({Role.OFFICER, Role.DUTY_MANAGER})
READS_CONCERNS = ANSWERS | {Role.FAMILY_WORKER}
# The work of these is about prisons, so that without one they see nothing.
NEEDS_PRISONS = READS_CONCERNS | {Role.ANALYST}


def known_roles(given: Iterable[str]) -> list[Role]:
    """Roles as they were typed, each once and in the order of the list. Raises ValueError, which names what is none."""
    asked = {name.strip().lower().replace("-", "_") for name in given}
    if unknown := sorted(asked - {role.value for role in Role}):
        raise ValueError(f"There is no role {', '.join(unknown)}. There are: {', '.join(Role)}.")
    return [role for role in Role if role.value in asked]
