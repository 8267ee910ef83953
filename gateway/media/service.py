"""Keeping what families send beside words, or saying why it could not be kept."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import jobs
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.conversations.models import Message
from gateway.db import now
from gateway.media.models import Media
from gateway.privacy.sealed import private, private_bytes


def expect(session: Session, message_id: int, came: Iterable[Mapping[str, str]]) -> None:
    """Have everything that came with a new message fetched: `url` and `type` of each, as the channel says."""
    for position, given in enumerate(came):
        url = private(session, _owner(session, message_id), given["url"])
        one = Media(message_id=message_id, position=position, url=url, claimed_type=given["type"].lower())
        session.add(one)
        session.flush()
        put_on_queue(session, one)


def _owner(session: Session, message_id: int) -> uuid.UUID:
    """Whose key encrypts what came with a message: its conversation."""
    return session.get_one(Message, message_id).conversation_id


def put_on_queue(session: Session, one: Media) -> None:
    """Have the worker fetch it."""
    jobs.defer(session, "media:fetch", media_id=one.id)


def keep(session: Session, media_id: int, content: bytes, kind: str) -> None:
    """It came whole."""
    one = _waiting(session, media_id)
    if one is None:
        return
    one.content = private_bytes(session, _owner(session, one.message_id), content)
    one.type, one.size = kind, len(content)
    one.sha256, one.state, one.settled_at = hashlib.sha256(content).hexdigest(), "kept", now()
    record(session, LogEvent.MEDIA_KEPT, message=one.message_id, media=one.id, type=kind, size=one.size)


def _waiting(session: Session, media_id: int) -> Media | None:
    """None when it was settled before, or deleted with its message while it was fetched."""
    one = session.get(Media, media_id, with_for_update=True)
    return one if one is not None and one.state == "waiting" else None


def refuse(session: Session, media_id: int, reason: str) -> None:
    """It cannot be kept; `reason` is a key of `media_refused` in data/wording.yml, which staff read."""
    one = _waiting(session, media_id)
    if one is None:
        return
    one.state, one.reason, one.settled_at = "refused", reason, now()
    record(session, LogEvent.MEDIA_REFUSED, message=one.message_id, media=one.id, reason=reason)


def of_messages(session: Session, message_ids: Iterable[int]) -> dict[int, Sequence[Media]]:
    """What came with each of these messages, without its bytes."""
    query = select(Media).where(Media.message_id.in_(list(message_ids))).order_by(Media.message_id, Media.position)
    found: dict[int, list[Media]] = {}
    for one in session.scalars(query):
        found.setdefault(one.message_id, []).append(one)
    return dict(found)
