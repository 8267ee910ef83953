"""Keeping what families send beside words, or saying why it could not be kept."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import jobs
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import now
from gateway.media.models import Media


def expect(session: Session, message_id: int, came: Iterable[Mapping[str, str]]) -> None:
    """Have everything that came with a new message fetched: `url` and `type` of each, as the channel says."""
    for position, given in enumerate(came):
        one = Media(message_id=message_id, position=position, url=given["url"], claimed_type=given["type"].lower())
        session.add(one)
        session.flush()
        put_on_queue(session, one)


def put_on_queue(session: Session, one: Media) -> None:
    """Have the worker fetch it."""
    jobs.defer(session, "media:fetch", media_id=one.id)


def keep(session: Session, media_id: int, content: bytes, kind: str) -> None:
    """It came whole."""
    one = session.get_one(Media, media_id, with_for_update=True)
    if one.state != "waiting":
        return
    one.content, one.type, one.size = content, kind, len(content)
    one.sha256, one.state, one.settled_at = hashlib.sha256(content).hexdigest(), "kept", now()
    record(session, LogEvent.MEDIA_KEPT, message=one.message_id, media=one.id, type=kind, size=one.size)


def refuse(session: Session, media_id: int, reason: str) -> None:
    """It cannot be kept; `reason` is a key of `media_refused` in data/wording.yml, which staff read."""
    one = session.get_one(Media, media_id, with_for_update=True)
    if one.state != "waiting":
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
