"""The nightly look at what has been kept long enough."""

import logging

import procrastinate

from gateway import jobs
from gateway.privacy import retention

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()


# The queue's clock is UTC: this is half past two or half past three in London, never the hour that comes twice.
@tasks.periodic(cron="30 2 * * *")
@tasks.task(name="retain", queue=jobs.CLOCKS, queueing_lock="retain")
def retain(timestamp: int) -> None:
    """Delete what was listed last night, then list what goes tomorrow."""
    deleted = retention.delete_due()
    listed = retention.list_ahead()
    logger.info("retention.done", extra={"deleted": deleted, "listed": listed})
