"""When answers fall behind, worries are looked for ahead of their turn, so that staff hear of them all the same."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import procrastinate
from sqlalchemy import select

from gateway import jobs
from gateway.adapters.rasa import Rasa
from gateway.concerns import intake
from gateway.conversations import service
from gateway.conversations.models import Assessment, Message
from gateway.db import now, unit_of_work

tasks = procrastinate.Blueprint()

# An answer takes well under a second: who has waited this long stands in line behind others.
IN_LINE_AFTER = timedelta(seconds=2)
# Read in one go; the next begins a second later at the latest.
MOST_AT_ONCE = 200
# While one message's risk is written down, the next is read.
READERS = 4


@tasks.periodic(cron="* * * * * *")
@tasks.task(name="look_ahead", queue=jobs.TRIAGE, queueing_lock="look_ahead")
def look_ahead(timestamp: int) -> None:
    """Record the risk of every message that stands in line, in order within its conversation; none is answered here."""
    with ThreadPoolExecutor(READERS) as readers:
        try:
            list(readers.map(_assess_each, _in_line()))
        except httpx.HTTPError:  # Rasa is away: the next look finds them again
            readers.shutdown(cancel_futures=True)


def _in_line() -> list[list[int]]:
    """The messages of each conversation in order, the conversation that has waited longest first."""
    threads: dict[uuid.UUID, list[int]] = {}
    with unit_of_work() as session:
        query = (
            select(Message.conversation_id, Message.id)
            .outerjoin(Assessment, Assessment.message_id == Message.id)
            .where(
                Message.state.in_(["accepted", "held"]),
                Message.at <= now() - IN_LINE_AFTER,
                Assessment.message_id.is_(None),
            )
            .order_by(Message.id)
            .limit(MOST_AT_ONCE)
        )
        for conversation, message in session.execute(query):
            threads.setdefault(conversation, []).append(message)
    return list(threads.values())


def _assess_each(messages: list[int]) -> None:
    for message_id in messages:
        _assess(message_id)


def _assess(message_id: int) -> None:
    with unit_of_work() as session:
        message = session.get_one(Message, message_id)
        if not message.text.strip() or intake.risk_of(session, message_id):
            return
        recent, told = intake.before(session, message)
        text = service.as_chosen(session, message)
    risk = Rasa.shared().understand(text, recent, told).risk
    with unit_of_work() as session:
        intake.take_in(session, message_id, risk, [*told, *recent])
