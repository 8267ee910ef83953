"""The worker looks every few minutes whose daily mail is due."""

import logging

import procrastinate

from gateway import jobs
from gateway.db import unit_of_work
from gateway.digest.service import queue_due

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()


# The queue's clock is UTC, the mail's hour is on a UK clock: so it is looked at often, and each goes once a day.
@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="send_digests", queue=jobs.CLOCKS, queueing_lock="send_digests", pass_context=False)
def send_digests(timestamp: int) -> None:
    """Queue the mails that are due."""
    with unit_of_work() as session:
        queued = queue_due(session)
    if queued:
        logger.info("digests.queued", extra={"count": queued})
