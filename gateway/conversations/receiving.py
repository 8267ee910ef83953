"""The one door for what families send: into the database, or onto the disk when that is away."""

import logging
import uuid
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import reach
from gateway.conversations import spool
from gateway.conversations.arrivals import Arrival
from gateway.conversations.keywords import Keyword, keyword_of, obey
from gateway.conversations.models import Message
from gateway.conversations.service import Inbound, accept
from gateway.conversations.threads import open_web_conversation, sms_conversation
from gateway.db import unit_of_work
from gateway.staff.duty_texts import take_in_duty_text

logger = logging.getLogger(__name__)


def receive(arrival: Arrival) -> int | None:
    """Keep a message: its number in the log, or None when it waits in the spool. Raises spool.SpoolFull.

    Whatever arrives while an earlier one of its conversation waits in the spool waits behind it.
    """
    if not spool.is_waiting(arrival.conversation):
        try:
            return reach.ask(lambda: _store(arrival))
        except reach.DatabaseAway as error:
            logger.warning("spool.used", extra={"channel": arrival.channel, "error": type(error.__cause__).__name__})
    spool.put(arrival)
    return None


def _store(arrival: Arrival) -> int:
    with unit_of_work() as session:
        take_in(session, arrival)
        return number_of(session, arrival.inbound)


def take_in(session: Session, arrival: Arrival) -> bool:
    """Keep a message and hand it on: to the bot, unless it is a reserved word or the OK of somebody on duty.

    False when it was kept before.
    """
    inbound = replace(arrival.inbound, at=arrival.at)
    if arrival.channel == "web":
        conversation = open_web_conversation(session, uuid.UUID(arrival.sender))
        return accept(session, conversation, inbound) is not None
    conversation = sms_conversation(session, arrival.sender)
    answered = Keyword(arrival.answered_by_provider) if arrival.answered_by_provider else None
    keyword = answered
    if keyword is None and not inbound.media:
        keyword = keyword_of(inbound.text, stopped=conversation.stopped_at is not None)
    if keyword is not None:
        return obey(session, conversation, inbound, keyword, confirm=answered is None)
    if take_in_duty_text(session, conversation, inbound):
        return True
    return accept(session, conversation, inbound) is not None


def number_of(session: Session, inbound: Inbound) -> int:
    """The number in the log of a message that was kept."""
    query = select(Message.id).where(Message.provider == inbound.provider, Message.provider_id == inbound.provider_id)
    return session.scalars(query).one()
