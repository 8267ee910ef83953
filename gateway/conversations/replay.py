"""What is in the spool goes into the database, in order and once; and nobody is left in silence until then."""

import logging
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.orm import Session

from gateway import reach
from gateway.adapters import Refused, Unreachable, sms_provider
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.conversations import spool
from gateway.conversations.keywords import Keyword, keyword_of
from gateway.conversations.models import Message
from gateway.conversations.receiving import number_of, take_in
from gateway.conversations.service import HOLDING_POSITION
from gateway.conversations.spool import Told, Waiting
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.privacy.sealed import private
from gateway.wording import say

logger = logging.getLogger(__name__)

EVERY_SECONDS = 0.5
# Then the database is tried again: a slow provider must not keep messages from a database that is back.
HOLDING_REPLIES_AT_ONCE = 10


def start() -> None:
    """Replay for as long as this process lives, in a thread of its own."""
    threading.Thread(target=_for_ever, name="spool", daemon=True).start()


def _for_ever() -> None:
    rest = threading.Event()
    while not rest.wait(EVERY_SECONDS):
        try:
            replay()
        except Exception:  # such as a disk that cannot be read just now: this thread must outlive any of it
            logger.exception("spool.replay_failed")


def replay() -> int:
    """Take in all that waits, if the database is there and no other process is at it. Gives how many were taken in."""
    if not spool.folders():
        return 0
    with spool.alone() as mine:
        done = 0
        try:
            for path in spool.paths() if mine else []:
                done += _take_out(path)
        except reach.DatabaseAway:
            _tell_the_late()
    if done:
        logger.info("spool.replayed", extra={"messages": done})
    return done


def _take_out(path: Path) -> bool:
    """Whether a message went into the database and out of the spool. Raises reach.DatabaseAway."""
    try:
        waiting = spool.read(path)
        reach.ask(lambda: _store(waiting))
    except reach.DatabaseAway:
        raise
    except Exception:  # whatever is wrong with this message, those behind it must go on
        logger.exception("spool.stuck", extra={"file": path.name})
        spool.set_aside(path)
        return False
    spool.erase(path)
    return True


def _store(waiting: Waiting) -> None:
    with unit_of_work() as session:
        is_new = take_in(session, waiting.arrival)
        message_id = number_of(session, waiting.arrival.inbound)
        if is_new:
            seconds = round((now() - waiting.arrival.at).total_seconds())
            record(session, LogEvent.MESSAGE_SPOOLED, message=message_id, seconds=seconds)
        if _was_told(waiting):
            _note_held(session, message_id, waiting)


def _was_told(waiting: Waiting) -> bool:
    """The chat says at once that the answer will be late; a telephone is texted."""
    if waiting.arrival.channel == "web":
        return waiting.arrival.at <= now() - timedelta(seconds=settings().holding_after)
    return waiting.told is not None and waiting.told.reference is not None


def _note_held(session: Session, message_id: int, waiting: Waiting) -> None:
    """Write down that the family knows, so that it is not told again."""
    claimed = session.scalar(
        update(Message)
        .where(Message.id == message_id, Message.state == "accepted")
        .values(state="held")
        .returning(Message.conversation_id)
    )
    if claimed is None:
        return
    if waiting.told is not None:
        said = Message(
            conversation_id=claimed, sender="system", text=private(session, claimed, say("chat.holding")), state="out",
            reply_to=message_id, position=HOLDING_POSITION, at=waiting.told.at,
        )  # fmt: skip
        session.add(said)
        session.flush()
        delivery = _delivery(waiting, waiting.told)
        delivery.address = private(session, claimed, delivery.address)
        delivery.body = private(session, claimed, delivery.body)
        delivery.id, delivery.message_id, delivery.state = None, said.id, "sent"  # type: ignore[assignment]
        delivery.attempts, delivery.provider_reference, delivery.sent_at = 1, waiting.told.reference, waiting.told.at
        session.add(delivery)
        session.flush()
        record(session, LogEvent.DELIVERY_SENT, delivery=delivery.id, medium="sms")
    record(session, LogEvent.MESSAGE_HELD, message=message_id, database_away=True)


def _tell_the_late() -> None:
    """Text the holding reply to the numbers whose first message has waited too long, each once."""
    sent = 0
    for folder in spool.folders():
        path = spool.first(folder)
        if path is not None and sent < HOLDING_REPLIES_AT_ONCE:
            with suppress(spool.Unreadable):  # set aside when its turn comes
                sent += _tell(spool.read(path))


def _tell(waiting: Waiting) -> bool:
    """Whether a text was tried. That it is to be sent is on disk before it is: a crash in between is asked about."""
    late = waiting.arrival.at <= now() - timedelta(seconds=settings().holding_after)
    settled = waiting.told is not None and waiting.told.settled
    if waiting.arrival.channel != "sms" or not late or settled or _stopped(waiting):
        return False
    unclear = waiting.told is not None
    told = waiting.told or Told(now())
    waiting = spool.note_told(waiting, told)
    delivery, provider = _delivery(waiting, told), sms_provider()
    try:
        known = provider.find(delivery) if unclear else []
        reference = known[0] if known else provider.send(delivery)
    except Unreachable as error:
        logger.warning("spool.holding_not_sent", extra={"code": error.code})
        return True
    except Refused as error:
        logger.warning("spool.holding_refused", extra={"code": error.code})
        reference = None
    spool.note_told(waiting, Told(told.at, settled=True, reference=reference))
    return True


def _stopped(waiting: Waiting) -> bool:
    """Whether a STOP of this number waits as well. One that came before the database went is Twilio's to know."""
    arrivals = [spool.read(path).arrival for path in spool.messages(waiting.path.parent)]
    return any(
        Keyword.STOP in (one.answered_by_provider, keyword_of(one.inbound.text, stopped=False)) for one in arrivals
    )


def _delivery(waiting: Waiting, told: Told) -> Delivery:
    """The holding reply as providers take it; its number is the file's, which no other delivery has."""
    return Delivery(
        id=int(waiting.path.name.partition("-")[0]), medium="sms", address=waiting.arrival.sender,
        body=say("chat.holding"), reason="reply", queued_at=told.at,
    )  # fmt: skip
