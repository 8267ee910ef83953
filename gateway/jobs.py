"""The job queue: Procrastinate on the same PostgreSQL, so that a row and its job commit together or not at all."""

from datetime import timedelta
from functools import cache
from typing import Any

import procrastinate
import yaml
from sqlalchemy.orm import Session

from gateway.config import settings
from gateway.db import database_url

# A worker that has not been heard of for this long is dead, and what it was doing is taken up again.
HEARTBEAT_SECONDS = 1.0
STALLED_AFTER_SECONDS = 5.0

# Each queue has its own lane in the worker: a slow mail server holds up no conversation, no text and nothing the clocks
# do, and what can wait holds up no alarm.
CONVERSATIONS, TRIAGE, MEDIA, CLOCKS, LONG = "conversations", "triage", "media", "clocks", "long"
MEDIUMS = ("sms", "email", "call", "webhook")
JOBS_AT_ONCE = {
    CONVERSATIONS: 8,
    TRIAGE: 1,
    **{f"deliver-{medium}": 8 for medium in MEDIUMS},
    **{f"urgent-{medium}": 4 for medium in MEDIUMS},
    MEDIA: 2,
    CLOCKS: 2,
    LONG: 1,
}
_QUEUE_OF = {
    "conversations:converse": CONVERSATIONS,
    "media:fetch": MEDIA,
    "receipts:note_late": CLOCKS,
    "audit:read_log": LONG,
}


def delivery_queue(medium: str, *, urgent: bool) -> str:
    """The lane of a delivery: each medium has one, and one more for what must not stand in line.

    What synthetic messages cause goes where most alerts go, so that the watcher sees when that lane is stuck.
    """
    medium = "email" if medium == "path" else medium
    return f"{'urgent' if urgent else 'deliver'}-{medium}"


def connector() -> procrastinate.PsycopgConnector:
    """The connections of a worker: each lane holds one to hear of new jobs."""
    return procrastinate.PsycopgConnector(conninfo=database_url(), min_size=2, max_size=len(JOBS_AT_ONCE) + 8)


@cache
def app() -> procrastinate.App:
    """The task engine of this process, with every task known to it."""
    from gateway import sweeper
    from gateway.audit import jobs as audit_jobs
    from gateway.conversations import jobs as conversation_jobs
    from gateway.conversations import triage
    from gateway.deliveries import jobs as delivery_jobs
    from gateway.deliveries import missing_receipts, receipts
    from gateway.digest import jobs as digest_jobs
    from gateway.media import jobs as media_jobs
    from gateway.path import jobs as path_jobs
    from gateway.privacy import jobs as privacy_jobs
    from gateway.routing import jobs as routing_jobs

    made = procrastinate.App(connector=connector())
    for namespace, module in (
        ("conversations", conversation_jobs),
        ("triage", triage),
        ("deliveries", delivery_jobs),
        ("media", media_jobs),
        ("receipts", receipts),
        ("missing_receipts", missing_receipts),
        ("sweeper", sweeper),
        ("routing", routing_jobs),
        ("audit", audit_jobs),
        ("path", path_jobs),
        ("privacy", privacy_jobs),
        ("digest", digest_jobs),
    ):
        made.add_tasks_from(module.tasks, namespace=namespace)
    return made


@cache
def _deferrer() -> procrastinate.App:
    """Only defers, always on the caller's connection, so it opens none of its own."""
    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


@cache
def slow_time() -> timedelta:
    """How long a sender who sends far too much waits, from data/limits.yml."""
    limits = yaml.safe_load((settings().data_dir / "limits.yml").read_text(encoding="utf-8"))
    return timedelta(seconds=limits["slow_seconds"])


def defer(
    session: Session,
    task: str,
    *,
    queue: str | None = None,
    lock: str | None = None,
    schedule_in: timedelta | None = None,
    slowly: bool = False,
    **arguments: Any,
) -> None:
    """Put a job on its queue in the caller's transaction.

    `task` is `namespace:name`; `lock`: jobs that share it run one at a time, in order; `schedule_in`: not before;
    `slowly`: a little later, and after all that is not.
    """
    session.flush()
    later = slow_time() if slowly else schedule_in
    _deferrer().configure_task(
        task,
        queue=queue or _QUEUE_OF[task],
        lock=lock,
        schedule_in={"seconds": later.total_seconds()} if later else None,
        priority=-1 if slowly else 0,
        connection=session.connection().connection.driver_connection,
    ).defer(**arguments)
