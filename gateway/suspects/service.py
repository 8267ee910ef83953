"""Keeping webhooks that failed the check, within bounds, until a person says what they are."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import now
from gateway.suspects.models import SuspectMessage

# Twilio's longest text, of 1600 characters with ten pictures, is below this even where each is percent-encoded.
LARGEST_BYTES = 32 * 1024
# Whoever tries the door must not fill the disk: 64 MB at the very most of each kind. Those that name our account are
# counted apart, so that a stranger's flood leaves room for what is likely Twilio's own.
MOST_A_MINUTE = 120
MOST_WAITING = 2000


class NotWaiting(Exception):
    """There is no such message, or it was settled before."""


def keep(
    session: Session, *, reason: str, form: list[list[str]], headers: dict[str, str], sender: str, names_account: bool
) -> SuspectMessage | None:
    """Put one apart. None when there is no room for it: then it is only counted, in the log."""
    if sum(len(name) + len(value) for name, value in form) > LARGEST_BYTES or not _has_room(session, names_account):
        return None
    kept = SuspectMessage(reason=reason, form=form, headers=headers, sender=sender, names_account=names_account)
    session.add(kept)
    session.flush()
    return kept


def _has_room(session: Session, names_account: bool) -> bool:
    alike = select(func.count()).where(SuspectMessage.names_account == names_account)
    lately = SuspectMessage.came_at > now() - timedelta(minutes=1)
    if (session.scalar(alike.where(lately)) or 0) >= MOST_A_MINUTE:
        return False
    return (session.scalar(alike.where(SuspectMessage.state == "waiting")) or 0) < MOST_WAITING


def waiting(session: Session) -> Sequence[SuspectMessage]:
    """Those that nobody has settled, the oldest first."""
    query = select(SuspectMessage).where(SuspectMessage.state == "waiting")
    return session.scalars(query.order_by(SuspectMessage.id)).all()


def release(session: Session, suspect_id: int, take_in: Callable[[SuspectMessage], None]) -> None:
    """Take one in as if it had been accepted; one that was accepted meanwhile changes nothing. Raises NotWaiting."""
    suspect = _settle(session, suspect_id, "released")
    take_in(suspect)
    record(session, LogEvent.SUSPECT_RELEASED, actor="operator", suspect=suspect.id)


def dismiss(session: Session, suspect_id: int) -> None:
    """It is nobody's text. Its words go; that it came stays. Raises NotWaiting."""
    suspect = _settle(session, suspect_id, "dismissed")
    suspect.form = []
    record(session, LogEvent.SUSPECT_DISMISSED, actor="operator", suspect=suspect.id)


def _settle(session: Session, suspect_id: int, state: str) -> SuspectMessage:
    suspect = session.get(SuspectMessage, suspect_id, with_for_update=True)
    if suspect is None or suspect.state != "waiting":
        raise NotWaiting(suspect_id)
    suspect.state, suspect.settled_at = state, now()
    return suspect
