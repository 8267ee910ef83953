"""Receipts that never came: Twilio sends each once, and we or our database may have been away. So Twilio is asked."""

import logging
from datetime import UTC, datetime, timedelta

import procrastinate
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway import jobs
from gateway.adapters import Refused, Unreachable, sms_provider
from gateway.db import unit_of_work
from gateway.deliveries import receipts
from gateway.deliveries.models import Delivery

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()

EVERY = timedelta(minutes=5)
# How long after it was sent a text without a final receipt is asked about: three times, so that no one outage hides it.
ASKED_AFTER = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
AT_ONCE = 200


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="ask_for_missing", queue=jobs.LONG, queueing_lock="ask_for_missing")
def ask_for_missing(timestamp: int) -> None:
    """Ask what became of the texts whose time it is."""
    with unit_of_work() as session:
        silent = _silent(session, datetime.fromtimestamp(timestamp, UTC))
    for reference in silent:
        try:
            receipt = sms_provider().receipt(reference)
        except Refused as refused:  # Twilio does not know it any more
            logger.warning("sms.receipt_unknown", extra={"code": refused.code})
            continue
        except Unreachable as unreachable:
            logger.warning("sms.receipts_not_asked", extra={"code": unreachable.code})
            return  # it is asked again when the next time comes
        if receipt is not None:
            with unit_of_work() as session:
                receipts.note(session, reference, *receipt)


def _silent(session: Session, at: datetime) -> list[str]:
    """Twilio's references of the texts to ask about, those sent first first."""
    times = [Delivery.sent_at.between(at - after - EVERY, at - after) for after in ASKED_AFTER]
    query = select(Delivery.provider_reference).where(
        Delivery.medium == "sms",
        Delivery.state == "sent",
        or_(Delivery.receipt.is_(None), Delivery.receipt == receipts.ON_ITS_WAY),
        or_(*times),
    )
    found = session.scalars(query.order_by(Delivery.sent_at).limit(AT_ONCE))
    return [reference for reference in found if reference]
