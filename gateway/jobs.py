"""The job queue: Procrastinate on the same PostgreSQL, so that a row and its job commit together or not at all."""

from functools import cache
from typing import Any

import procrastinate
from sqlalchemy.orm import Session

from gateway.db import database_url

# A worker that has not been heard of for this long is dead, and what it was doing is taken up again.
HEARTBEAT_SECONDS = 1.0
STALLED_AFTER_SECONDS = 5.0

# Each queue has its own lane in the worker: a slow mail server holds up no conversation, and nothing the clocks.
CONVERSATIONS, DELIVERIES, CLOCKS = "conversations", "deliveries", "clocks"
_QUEUE_OF = {"conversations:converse": CONVERSATIONS, "deliveries:deliver": DELIVERIES}


@cache
def app() -> procrastinate.App:
    """The task engine of this process, with every task known to it."""
    from gateway.conversations import jobs as conversation_jobs
    from gateway.deliveries import jobs as delivery_jobs
    from gateway.privacy import jobs as privacy_jobs
    from gateway.routing import jobs as routing_jobs

    connector = procrastinate.PsycopgConnector(conninfo=database_url(), min_size=2, max_size=10)
    made = procrastinate.App(connector=connector)
    for namespace, module in (
        ("conversations", conversation_jobs),
        ("deliveries", delivery_jobs),
        ("routing", routing_jobs),
        ("privacy", privacy_jobs),
    ):
        made.add_tasks_from(module.tasks, namespace=namespace)
    return made


@cache
def _deferrer() -> procrastinate.App:
    """Only defers, always on the caller's connection, so it opens none of its own."""
    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def defer(session: Session, task: str, *, lock: str | None = None, **arguments: Any) -> None:
    """Put a job on its queue in the caller's transaction.

    `task` is `namespace:name`; `lock`: jobs that share it run one at a time, in order.
    """
    session.flush()
    _deferrer().configure_task(
        task,
        queue=_QUEUE_OF[task],
        lock=lock,
        connection=session.connection().connection.driver_connection,
    ).defer(**arguments)
