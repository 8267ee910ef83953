"""What a worker left undone when it died goes back on the queue, whatever else stands there."""

import asyncio
from types import SimpleNamespace

from sqlalchemy import text
from sqlalchemy.orm import Session

from gateway import jobs
from gateway.routing.jobs import take_up_stalled

LEFT_BEHIND = """
INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status) VALUES
  ('clocks', 'conversations:hold_late', 'hold_late', '{"timestamp": 1}', 'doing'),
  ('clocks', 'conversations:hold_late', 'hold_late', '{"timestamp": 2}', 'todo'),
  ('deliver-sms', 'deliveries:deliver', NULL, '{"delivery_id": 1}', 'doing')
"""


async def _take_up() -> None:
    async with jobs.app().open_async() as app:
        await take_up_stalled(SimpleNamespace(app=app), timestamp=3)


def test_a_periodic_job_whose_next_waits_already_holds_up_no_other(session: Session) -> None:
    session.execute(text(LEFT_BEHIND))
    session.commit()

    asyncio.run(_take_up())

    found = session.execute(text("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id")).all()
    assert [tuple(row) for row in found] == [
        ("conversations:hold_late", "aborted"), ("conversations:hold_late", "todo"), ("deliveries:deliver", "todo"),
    ]  # fmt: skip
