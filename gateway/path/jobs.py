"""The worker's part: it watches the watcher, and removes what old synthetic messages left behind."""

import logging
from datetime import timedelta

import procrastinate
from sqlalchemy import select

from gateway import jobs
from gateway.config import settings
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.deliveries.service import queue_notice
from gateway.path.models import WatcherSign
from gateway.path.service import sweep
from gateway.path.standing import REPEATED_EVERY
from gateway.spoken import spoken_time
from gateway.wording import say

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()

SILENT_AFTER = timedelta(minutes=2)
KEPT_FOR = timedelta(hours=6)
_started = now()  # while all starts together, the watcher may come after the worker


@tasks.periodic(cron="* * * * * */20")  # croniter's sixth field is seconds
@tasks.task(name="watch_the_watcher", queue=jobs.CLOCKS, queueing_lock="watch_the_watcher", pass_context=False)
def watch_the_watcher(timestamp: int) -> None:
    """Tell the operators that the watcher is silent, in the way that all alerts go."""
    with unit_of_work() as session:
        sign = session.get(WatcherSign, "watcher")
        last = max(sign.seen_at, _started) if sign else _started
        if now() - last < SILENT_AFTER:
            return
        logger.error("watcher.silent", extra={"since": last.isoformat()})
        told = select(Delivery.id).where(Delivery.reason == "alarm", Delivery.queued_at > now() - REPEATED_EVERY)
        if settings().alarm_email and session.scalar(told.limit(1)) is None:
            queue_notice(
                session,
                medium="email",
                address=settings().alarm_email,
                subject=say("alarm.watcher_silent.subject"),
                body=say("alarm.watcher_silent.body", time=spoken_time(last)),
                reason="alarm",
            )


@tasks.periodic(cron="17 * * * *")
@tasks.task(name="sweep", queue=jobs.CLOCKS, queueing_lock="sweep_path", pass_context=False)
def sweep_old(timestamp: int) -> None:
    """Synthetic messages of the last hours are kept, to be looked at when something was wrong."""
    with unit_of_work() as session:
        swept = sweep(session, KEPT_FOR)
    logger.info("path.swept", extra={"conversations": swept})
