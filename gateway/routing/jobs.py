"""The clocks: what the worker looks for every few seconds."""

import logging

import procrastinate
from procrastinate import JobContext
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from gateway import jobs
from gateway.db import unit_of_work
from gateway.routing.service import escalate_due
from gateway.routing.watch import watch

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()


@tasks.periodic(cron="* * * * * */5")  # croniter's sixth field is seconds
@tasks.task(name="escalate", queue=jobs.CLOCKS, queueing_lock="escalate", pass_context=False)
def escalate(timestamp: int) -> None:
    """Nobody acknowledged in time: tell the next people on the route."""
    with unit_of_work() as session:
        told = escalate_due(session)
    if told:
        logger.warning("concerns.escalated", extra={"count": told})


@tasks.periodic(cron="* * * * *")
@tasks.task(name="watch_alarms", queue=jobs.CLOCKS, queueing_lock="watch_alarms", pass_context=False)
def watch_alarms(timestamp: int) -> None:
    """No open concern without an alarm that is still to come, or it is made loud."""
    with unit_of_work() as session:
        watch(session)


@tasks.periodic(cron="* * * * * */5")
@tasks.task(name="take_up_stalled", queue=jobs.CLOCKS, queueing_lock="take_up_stalled", pass_context=True)
async def take_up_stalled(context: JobContext, timestamp: int) -> None:
    """Jobs of a worker that died go back on the queue, each at its old place.

    Of a periodic job the next may wait already, and then does the work of both.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=jobs.STALLED_AFTER_SECONDS):
        logger.warning("job.taken_up_again", extra={"job": job.id, "task": job.task_name})
        try:
            await manager.retry_job(job)
        except UniqueViolation:
            await manager.finish_job(job, Status.ABORTED, delete_job=False)
