"""Keeping webhooks that failed the check, within bounds, until a person says what they are."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import now
from gateway.privacy.blind import address_index
from gateway.privacy.sealed import Private, private
from gateway.privacy.vault import NOBODY
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
    number = next((value.strip() for name, value in form if name == "From"), "")
    kept = SuspectMessage(
        reason=reason, form=_sealed(session, form), address_index=address_index(number) if number else None,
        headers=headers, sender=sender, names_account=names_account,
    )  # fmt: skip
    session.add(kept)
    session.flush()
    return kept


def _sealed(session: Session, form: list[list[str]]) -> Private:
    """It belongs to no conversation, and perhaps to no family: emptying its row is what takes it away."""
    return private(session, NOBODY, json.dumps(form, ensure_ascii=False))


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
    """Take one in as if it had been accepted; one that was accepted meanwhile changes nothing. Raises NotWaiting.

    From then on its words are the message's: here they go.
    """
    suspect = _waiting(session, suspect_id)
    take_in(suspect)
    _settle(session, suspect, "released")
    record(session, LogEvent.SUSPECT_RELEASED, actor="operator", suspect=suspect.id)


def dismiss(session: Session, suspect_id: int) -> None:
    """It is nobody's text. Its words go; that it came stays. Raises NotWaiting."""
    suspect = _waiting(session, suspect_id)
    _settle(session, suspect, "dismissed")
    record(session, LogEvent.SUSPECT_DISMISSED, actor="operator", suspect=suspect.id)


def forget(session: Session, address_index: str) -> int:
    """Delete those that came from a number, given by its blind index. Gives how many there were."""
    mine = SuspectMessage.address_index == address_index
    return len(session.scalars(delete(SuspectMessage).where(mine).returning(SuspectMessage.id)).all())


def _waiting(session: Session, suspect_id: int) -> SuspectMessage:
    suspect = session.get(SuspectMessage, suspect_id, with_for_update=True)
    if suspect is None or suspect.state != "waiting":
        raise NotWaiting(suspect_id)
    return suspect


def _settle(session: Session, suspect: SuspectMessage, state: str) -> None:
    suspect.form, suspect.address_index = _sealed(session, []), None
    suspect.state, suspect.settled_at = state, now()
