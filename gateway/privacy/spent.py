"""The ids of messages that are gone, so that a provider's repeat of one is never taken for a new message."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.privacy.models import SpentId


def _digest(provider: str, provider_id: str) -> str:
    """SHA-256: the id itself, by which the provider could name the sender, is not kept."""
    return hashlib.sha256(f"{provider}:{provider_id}".encode()).hexdigest()


def spend(session: Session, ids: Iterable[tuple[str, str]]) -> None:
    """Remember providers and their ids, of messages that are about to go."""
    if digests := [{"digest": _digest(*one)} for one in ids]:
        session.execute(insert(SpentId).values(digests).on_conflict_do_nothing())


def is_spent(session: Session, provider: str | None, provider_id: str | None) -> bool:
    """Whether a message with this id was here once and is gone."""
    if provider is None or provider_id is None:
        return False
    query = select(SpentId.digest).where(SpentId.digest == _digest(provider, provider_id))
    return session.scalar(query) is not None
