"""The worker's real lanes, in a thread of the test."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from gateway import jobs
from gateway.commands.processes import _lane


@contextmanager
def working(*queues: str) -> Iterator[None]:
    """These lanes run while the block does."""
    loop = asyncio.new_event_loop()
    threads = ThreadPoolExecutor(sum(jobs.JOBS_AT_ONCE.values()))
    loop.set_default_executor(threads)
    running = threading.Event()
    lanes: list[asyncio.Task[None]] = []

    async def work() -> None:
        async with jobs.app().open_async() as app:
            lanes.extend(asyncio.create_task(_lane(app, queue, jobs.JOBS_AT_ONCE[queue])) for queue in queues)
            running.set()
            await asyncio.gather(*lanes, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(work(),), daemon=True)
    thread.start()
    running.wait(10)
    try:
        yield
    finally:
        for lane in lanes:
            loop.call_soon_threadsafe(lane.cancel)
        thread.join(20)
        threads.shutdown(wait=False)
