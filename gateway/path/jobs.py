"""The worker's part: it watches the watcher, and removes what old synthetic messages left behind."""

import logging
from datetime import timedelta

import procrastinate

from gateway import jobs
from gateway.db import now, unit_of_work
from gateway.deliveries.alarms import raise_alarm
from gateway.path.models import WatcherSign
from gateway.path.service import sweep
from gateway.spoken import spoken_time

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
        raise_alarm(session, "watcher_silent", time=spoken_time(last))


@tasks.periodic(cron="17 * * * *")
@tasks.task(name="sweep", queue=jobs.CLOCKS, queueing_lock="sweep_path", pass_context=False)
def sweep_old(timestamp: int) -> None:
    """Synthetic messages of the last hours are kept, to be looked at when something was wrong."""
    with unit_of_work() as session:
        swept = sweep(session, KEPT_FOR)
    logger.info("path.swept", extra={"conversations": swept})
