"""Fetching what came with a text from Twilio, where it stays for a while."""

import logging
from datetime import timedelta

import procrastinate

from gateway.adapters.errors import Refused, Unreachable
from gateway.adapters.twilio_media import fetch as fetch_from_twilio
from gateway.config import settings
from gateway.db import now, unit_of_work
from gateway.deliveries.jobs import BackOff
from gateway.media import service
from gateway.media.kinds import kind_of
from gateway.media.models import Media

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()

TRIED_FOR = timedelta(hours=4)


@tasks.task(name="fetch", retry=BackOff())
def fetch(media_id: int) -> None:
    """One attempt. No transaction is open while Twilio is called."""
    with unit_of_work() as session:
        one = session.get(Media, media_id)
    if one is None or one.state != "waiting":  # none: it was deleted with its message
        return
    try:
        content = fetch_from_twilio(one.url, settings())
    except Refused as error:
        return _refuse(media_id, error.code)
    except Unreachable as error:
        logger.warning("media.not_fetched", extra={"media": media_id, "code": error.code})
        if now() - one.came_at >= TRIED_FOR:
            return _refuse(media_id, "unreachable")
        raise
    kind = kind_of(content)
    if kind is None:
        return _refuse(media_id, "unknown_type")
    with unit_of_work() as session:
        service.keep(session, media_id, content, kind)


def _refuse(media_id: int, reason: str) -> None:
    with unit_of_work() as session:
        service.refuse(session, media_id, reason)
    logger.warning("media.refused", extra={"media": media_id, "reason": reason})
