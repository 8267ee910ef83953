"""Finds what is stuck: rows that wait for a job when there is none. It should never find any and is loud if it does."""

import logging
from datetime import datetime, timedelta

import procrastinate
from sqlalchemy import TextClause, select, text
from sqlalchemy.orm import Session

from gateway import jobs
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.conversations.models import Message
from gateway.conversations.service import ask_bot
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import put_on_queue
from gateway.media.models import Media
from gateway.media.service import put_on_queue as fetch_again

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()

# A row and its job are committed together, so even a second would do.
STUCK_AFTER = timedelta(minutes=1)
AT_ONCE = 200

LIVE = "'todo', 'doing'"
# A message whose job gave up is left to the person who looks at the list of those not processed: another try
# would hold up what the family writes next.
LIVE_OR_GIVEN_UP = "'todo', 'doing', 'failed'"


@tasks.periodic(cron="* * * * *")
@tasks.task(name="sweep", queue=jobs.CLOCKS, queueing_lock="sweep")
def sweep(timestamp: int) -> None:
    """Give every stuck row a job again."""
    with unit_of_work() as session:
        found = {
            "deliveries": _deliveries(session),
            "messages": _messages(session),
            "media": _media(session),
        }
    if any(found.values()):
        logger.error("sweeper.found_stuck", extra=found)


def _deliveries(session: Session) -> int:
    waits = Delivery.state.in_(["queued", "sending"]), Delivery.queued_at < _long_ago()
    query = select(Delivery).where(*waits, _has_no_job("delivery", "deliveries:deliver", "delivery_id", LIVE))
    stuck = session.scalars(query.order_by(Delivery.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for delivery in stuck:
        put_on_queue(session, delivery)
        record(session, LogEvent.DELIVERY_TAKEN_UP, concern=delivery.concern_id, delivery=delivery.id)
    return len(stuck)


def _messages(session: Session) -> int:
    waits = Message.state.in_(["accepted", "held"]), Message.at < _long_ago()
    no_job = _has_no_job("message", "conversations:converse", "message_id", LIVE_OR_GIVEN_UP)
    query = select(Message).where(*waits, no_job).order_by(Message.id).limit(AT_ONCE)
    stuck = session.scalars(query.with_for_update(skip_locked=True)).all()
    for message in stuck:
        ask_bot(session, message.conversation_id, message.id)
        record(session, LogEvent.MESSAGE_TAKEN_UP, message=message.id)
    return len(stuck)


def _media(session: Session) -> int:
    waits = Media.state == "waiting", Media.came_at < _long_ago()
    query = select(Media).where(*waits, _has_no_job("media", "media:fetch", "media_id", LIVE))
    stuck = session.scalars(query.order_by(Media.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for one in stuck:
        fetch_again(session, one)
        record(session, LogEvent.MESSAGE_TAKEN_UP, message=one.message_id, media=one.id)
    return len(stuck)


def _long_ago() -> datetime:
    return now() - STUCK_AFTER


def _has_no_job(table: str, task: str, argument: str, statuses: str) -> TextClause:
    """That no job of this task, in one of these statuses, is about the row."""
    return text(
        f"NOT EXISTS (SELECT FROM procrastinate_jobs WHERE task_name = '{task}' AND status IN ({statuses}) "
        f"AND args->>'{argument}' = {table}.id::text)"
    )
