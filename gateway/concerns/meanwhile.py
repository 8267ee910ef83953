"""What others did to a concern between the moment somebody saw its page and the moment they act."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.concerns.models import Concern

_HANDS = {
    LogEvent.CONCERN_ACKNOWLEDGED, LogEvent.CONCERN_CLAIMED, LogEvent.CONCERN_ASSIGNED, LogEvent.CONCERN_HANDED_OVER,
    LogEvent.CONCERN_MOVED, LogEvent.CONCERN_CLOSED, LogEvent.CONCERN_REOPENED,
}  # fmt: skip
_WORDS = {LogEvent.CONCERN_WORDS_ADDED, LogEvent.CONCERN_FAMILY_ANSWERED, LogEvent.CONCERN_URGENCY_RAISED}
_SAID = {LogEvent.CONCERN_FAMILY_TOLD, LogEvent.CONCERN_FAMILY_ASKED, LogEvent.CONCERN_CLOSED}
_KIND = {LogEvent.CONCERN_CORRECTED, LogEvent.CONCERN_CATEGORY_CHANGED, LogEvent.CONCERN_URGENCY_RAISED}
_FINISH = {
    *_HANDS, *_WORDS, *_SAID, *_KIND, LogEvent.CONCERN_ACTION, LogEvent.CONCERN_NOTED, LogEvent.CONCERN_CLOSE_PROPOSED,
    LogEvent.CONCERN_KEPT_OPEN,
}  # fmt: skip

# What matters to each act. One that is not here, such as a note, stands beside whatever others do.
MATTERS: dict[str, set[LogEvent]] = {
    "claim": _HANDS,
    "give": _HANDS,
    "sentence": _SAID | _WORDS,
    "free": _SAID | _WORDS,
    "ask": _SAID | _WORDS,
    "action": {LogEvent.CONCERN_ACTION, LogEvent.CONCERN_CLOSED, LogEvent.CONCERN_MOVED},
    "correct": _KIND | {LogEvent.CONCERN_CLOSED, LogEvent.CONCERN_MOVED},
    "move": {LogEvent.CONCERN_MOVED, LogEvent.CONCERN_CLOSED, LogEvent.CONCERN_ENRICHED},
    "close": _FINISH,
    "confirm": _FINISH,
    "keep_open": _FINISH,
    "reopen": {LogEvent.CONCERN_REOPENED},
}


def done_meanwhile(session: Session, concern: Concern, staff_id: int, act: str, seen: int | None) -> Sequence[int]:
    """The lines of the log since the line `seen` that others made and that matter to an act. Ask it before acting.

    None is a form that says nothing of what its page showed; nothing is held against it.
    """
    matters = MATTERS.get(act)
    if seen is None or not matters:
        return []
    query = select(LogEntry.id).where(
        LogEntry.concern_id == concern.id,
        LogEntry.id > seen,
        LogEntry.event.in_({event.value for event in matters}),
        LogEntry.actor != f"staff:{staff_id}",
    )
    return session.scalars(query.order_by(LogEntry.id)).all()
