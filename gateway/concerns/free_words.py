"""What an officer writes to a family in their own words: checked first, and sent on a warning only with a reason."""

import uuid
from collections.abc import Sequence

from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns import disclosure
from gateway.concerns.acts import first_time, keep_note, tell
from gateway.concerns.disclosure import Warned
from gateway.concerns.models import Concern, NoteKind
from gateway.staff.models import Staff
from gateway.wording import say

# Some four text messages. What needs more is better said by telephone.
LONGEST = 600


class NeedsReason(Exception):
    """The text may give something away: change it, or send it with a reason."""

    def __init__(self, warned: Sequence[Warned]) -> None:
        super().__init__(", ".join(one.kind for one in warned))
        self.warned = warned


def tell_family_freely(
    session: Session, concern: Concern, staff_id: int, text: str, reason: str = "", act: uuid.UUID | None = None
) -> bool:
    """Send the family an officer's own words. False when this act was done before.

    Raises NeedsReason when the text may give something away and no reason is given, ValueError when it is empty or
    too long. The reason is kept as a note beside the concern: the log holds no words, only the note's id.
    """
    text, warned = checked(session, concern, staff_id, text, reason)
    if not first_time(session, concern, staff_id, act):
        return False
    tell(session, concern, text, sender="staff")
    note = keep_reason(session, concern, staff_id, reason) if warned else None
    record(
        session, LogEvent.CONCERN_FAMILY_TOLD, actor=f"staff:{staff_id}", concern=concern.id,
        freely=True, warned=[one.kind for one in warned], reason_in_note=note,
    )  # fmt: skip
    return True


def checked(session: Session, concern: Concern, staff_id: int, text: str, reason: str) -> tuple[str, Sequence[Warned]]:
    """A text as it may go to a family, and what it gives away with a reason.

    Raises NeedsReason when there is none, ValueError when the text is empty or too long.
    """
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ValueError(f"a text to a family has 1 to {LONGEST} signs, not {len(text)}")
    warned = disclosure.warnings(text, concern, sender=session.get_one(Staff, staff_id).name)
    if warned and not reason.strip():
        raise NeedsReason(warned)
    return text, warned


def keep_reason(session: Session, concern: Concern, staff_id: int, reason: str) -> int:
    """Keep why a text went out in spite of a warning; gives the note's id."""
    return keep_note(session, concern, staff_id, say("staff.sent_on", reason=reason.strip()), NoteKind.NOTE)
