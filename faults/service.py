"""The service while it is broken: its lives, started again as a supervisor would, and the wait until it is done."""

import os
import signal
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg

from faults import lives
from faults.lives import Fate
from faults.world import World

# What is still to come may be tried again at once: the books are looked at when nothing is left to do.
_HURRY = "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND scheduled_at > now()"
_LEFT = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name <> 'clocks'"
# An answer takes one job off the queue and puts another on, so what has ended shows better that it goes on.
_ENDED = (
    "SELECT (SELECT count(*) FROM message WHERE state = 'answered')"
    " + (SELECT count(*) FROM delivery WHERE state = 'sent')"
)
# When nothing has ended for so long, something is stuck.
STUCK_AFTER_SECONDS = 60


class Broken:
    """Two web processes and one worker, each with the fate it was given."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._running: dict[str, BaseProcess] = {}

    def web(self, place: int = 0, fate: Fate = Fate()) -> None:
        """Start the web process at one of the two ports, after its last life."""
        self._start(f"web{place}", lives.serve, fate, self.world.ports[place])
        self._until_it_answers(place)

    def worker(self, fate: Fate = Fate()) -> None:
        """Start the worker, after its last life."""
        self._start("worker", lives.work, fate)

    def is_dead(self, name: str) -> bool:
        """Whether a process has died of its fate."""
        return not self._running[name].is_alive()

    def end(self, name: str) -> None:
        """kill -9."""
        process = self._running.pop(name, None)
        if process is not None:
            process.kill()
            process.join()

    def end_all(self) -> None:
        """kill -9 of all that runs."""
        for name in list(self._running):
            self.end(name)

    def hurry(self) -> None:
        """Let the time pass for which tasks wait before they are tried again."""
        try:
            with self.world.connect() as database:
                database.execute(_HURRY)
        except psycopg.OperationalError:
            pass  # it restarts just now

    def drain(self) -> None:
        """Wait until a worker without a fate has done all there is. Raises TimeoutError when it comes to a stop."""
        self.worker()
        before, since = None, time.monotonic()
        while left := self.left():
            if self.is_dead("worker"):  # `gateway keep` would start it again
                print("a worker ended by itself and was started again", flush=True)
                self.worker()
            if (here := (left, self._ended())) != before:
                before, since = here, time.monotonic()
            if time.monotonic() > since + STUCK_AFTER_SECONDS:
                raise TimeoutError(f"nothing goes on any more: {self._described()}\n{self._where('worker')}")
            self.hurry()
            time.sleep(0.2)
        self.end("worker")

    def left(self) -> int:
        """Messages on disk, and jobs."""
        # os.walk passes over a folder that is taken away meanwhile; rglob raises.
        spool = os.walk(self.world.folder / "var" / "spool")
        spooled = sum(name.endswith(".message") for _, _, names in spool for name in names)
        if spooled:
            return spooled
        return self._count(_LEFT)

    def _ended(self) -> int:
        return self._count(_ENDED)

    def _count(self, query: LiteralString) -> int:
        with self.world.connect() as database:
            row = database.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _described(self) -> str:
        query = (
            "SELECT queue_name, status::text, lock IS NOT NULL, attempts, count(*) FROM procrastinate_jobs "
            "WHERE status IN ('todo', 'doing') GROUP BY 1, 2, 3, 4 ORDER BY 1"
        )
        with self.world.connect() as database:
            return f"{database.execute(query).fetchall()}"

    def _where(self, name: str) -> str:
        """What a process said last, and where each of its threads stands."""
        os.kill(self._running[name].pid or 0, signal.SIGUSR1)
        time.sleep(1)
        return Path(f"{self.world.notes}.log").read_text(errors="replace")[-30_000:]

    def _start(self, name: str, work: Callable[..., None], fate: Fate, *given: Any) -> None:
        self.end(name)
        self._running[name] = lives.start(work, self.world.notes, fate, *given)

    def _until_it_answers(self, place: int) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until and not self.is_dead(f"web{place}"):
            try:
                httpx.get(f"http://127.0.0.1:{self.world.ports[place]}/health", timeout=5)
                return
            except httpx.HTTPError:
                time.sleep(0.01)
