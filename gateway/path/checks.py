"""What the watcher looks at. Each look gives the sentence of what is wrong, or None when all is well."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import psycopg

from gateway.adapters.errors import Unreachable
from gateway.adapters.rasa import Rasa
from gateway.adapters.smtp_email import SmtpEmail
from gateway.config import settings
from gateway.db import database_url, now, unit_of_work
from gateway.path import certificate, service
from gateway.wording import say

TIMEOUT_SECONDS = 5.0
# With a look every ten seconds and the time-outs, an alarm is out well within two minutes, and a restart is none.
PATIENCE = timedelta(seconds=45)
WORKER_SILENT_AFTER = timedelta(seconds=15)
OVERDUE_AFTER = timedelta(seconds=30)
CLOCKS_LATE_AFTER = timedelta(seconds=30)
# The clocks of escalation and of the holding reply run every few seconds.
CLOCKS = ("routing:escalate", "conversations:hold_late")
# The path is late at one and a half times its interval: a message that needs some seconds more is no stop.
LATE_INTERVALS = 1.5
JUMP = timedelta(seconds=10)
# After a jump the new time counts as right: it has been told by then.
JUMP_SHOWN_FOR = timedelta(minutes=5)

OVERDUE = """
    SELECT job.queue_name, extract(epoch FROM now() - min(coalesce(job.scheduled_at, deferred.at)))::float
    FROM procrastinate_jobs job
    JOIN procrastinate_events deferred ON deferred.job_id = job.id AND deferred.type = 'deferred'
    WHERE job.status = 'todo' AND coalesce(job.scheduled_at, deferred.at) < now() - %s
    AND NOT EXISTS (  -- what waits behind another of its conversation waits by design
        SELECT FROM procrastinate_jobs earlier
        WHERE earlier.lock = job.lock AND earlier.id < job.id AND earlier.status IN ('todo', 'doing')
    )
    GROUP BY 1 ORDER BY 2 DESC LIMIT 1
"""
SIGN = """
    INSERT INTO watcher_sign (name, seen_at) VALUES (%s, now()) ON CONFLICT (name) DO UPDATE SET seen_at = now()
"""


@dataclass(frozen=True)
class Check:
    """One thing to look at; `alarms.<name>` in data/wording.yml has its sentences."""

    name: str
    look: Callable[[], str | None]
    patience: timedelta = PATIENCE  # how long it may be wrong before anybody is woken
    every: float = 0.0  # seconds between looks; 0 is each round
    needs_database: bool = False  # cannot be seen without it, and is then no alarm of its own


def all_checks(sign: str = "watcher") -> list[Check]:
    """Every check, the first causes first. `sign`: under which name the database is told that somebody watches."""
    return [
        Check("database", lambda: database(sign)),
        Check("disk", disk),
        Check("clock", Clock().look, patience=timedelta(0)),
        Check("worker", worker, needs_database=True),
        Check("clocks", clocks, needs_database=True),
        Check("queue", queue, needs_database=True),
        Check("rasa", rasa),
        Check("actions", actions),
        Check("mail", mail, every=30),
        Check("certificate", certificate.look, every=600),
        # It knows its own patience.
        Check("path", path, patience=timedelta(0), needs_database=True),
    ]


@contextmanager
def _database() -> Iterator[psycopg.Connection]:
    """A connection of the check's own, so that none is taken for alive that was opened in better times."""
    milliseconds = int(TIMEOUT_SECONDS * 1000)
    with psycopg.connect(
        database_url(), autocommit=True, connect_timeout=int(TIMEOUT_SECONDS), tcp_user_timeout=milliseconds
    ) as connection:
        connection.execute(f"SET statement_timeout = {milliseconds}")
        yield connection


def database(sign: str) -> str | None:
    """Reachable, and writes what it is told: a full disk on its machine shows here."""
    try:
        with _database() as connection:
            connection.execute(SIGN, (sign,))
    except psycopg.Error as error:
        return say("alarms.database.down", reason=type(error).__name__)
    return None


def free_space(folder: Path) -> tuple[int, int]:
    """Bytes in all and bytes free where a folder is."""
    found = shutil.disk_usage(folder)
    return found.total, found.free


def disk() -> str | None:
    """Room where VAR_DIR is (the embedded database too), and a file that is really written."""
    folder = settings().var_dir
    folder.mkdir(parents=True, exist_ok=True)
    total, free = free_space(folder)
    if free < settings().disk_least_mb * 1e6 or free < total * settings().disk_least_percent / 100:
        return say("alarms.disk.down", free=f"{free / 1e6:.0f}", percent=f"{100 * free / max(total, 1):.1f}")
    try:
        _write(folder / "watcher.trial")
    except OSError as error:
        return say("alarms.disk.refused", reason=error.strerror or type(error).__name__)
    return None


def _write(file: Path) -> None:
    with file.open("w", encoding="utf-8") as opened:
        opened.write(now().isoformat())
        opened.flush()
        os.fsync(opened.fileno())


class Clock:
    """Whether the machine's clock goes on as time does. A step, also one by a machine that slept, shows for a while."""

    def __init__(self, wall: Callable[[], datetime] = now, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._right, self._seen_at = self._offset(), 0.0

    def _offset(self) -> timedelta:
        return timedelta(seconds=self._wall().timestamp() - self._monotonic())

    def look(self) -> str | None:
        """The step in seconds, if there was one."""
        step = self._offset() - self._right
        if abs(step) < JUMP:
            self._seen_at = 0.0
            return None
        self._seen_at = self._seen_at or self._monotonic()
        if self._monotonic() - self._seen_at >= JUMP_SHOWN_FOR.total_seconds():
            self._right, self._seen_at = self._offset(), 0.0
            return None
        return say("alarms.clock.down", seconds=f"{step.total_seconds():+.0f}")


def worker() -> str | None:
    """A worker writes a sign of life every second."""
    with _database() as connection:
        (silent,) = connection.execute("SELECT now() - max(last_heartbeat) FROM procrastinate_workers").fetchone() or (
            None,
        )
    if silent is not None and silent < WORKER_SILENT_AFTER:
        return None
    return say("alarms.worker.down")


def clocks() -> str | None:
    """The periodic tasks, without which no alarm of any concern goes off."""
    query = "SELECT max(defer_timestamp) FROM procrastinate_periodic_defers WHERE task_name = %s"
    with _database() as connection:
        for name in CLOCKS:
            (last,) = connection.execute(query, (name,)).fetchone() or (None,)
            if last is None or now().timestamp() - last > CLOCKS_LATE_AFTER.total_seconds():
                return say("alarms.clocks.down", task=name)
    return None


def queue() -> str | None:
    """The job that has waited longest past its time."""
    with _database() as connection:
        overdue = connection.execute(OVERDUE, (OVERDUE_AFTER,)).fetchone()
    return say("alarms.queue.down", queue=overdue[0], seconds=f"{overdue[1]:.0f}") if overdue else None


def rasa() -> str | None:
    """A real reading of a text: a process that hangs still accepts connections."""
    try:
        Rasa(settings().rasa_url, timeout=TIMEOUT_SECONDS).understand(say("path.message"), [], [])
    except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
        return say("alarms.rasa.down", reason=type(error).__name__)
    return None


def actions() -> str | None:
    """The action server is one process: what hangs in it keeps it from answering this as well."""
    try:
        httpx.get(f"{settings().actions_url.rstrip('/')}/health", timeout=TIMEOUT_SECONDS).raise_for_status()
    except httpx.HTTPError as error:
        return say("alarms.actions.down", reason=type(error).__name__)
    return None


def mail() -> str | None:
    """The mail server lets us in; nothing is sent. Without SMTP_URL mail becomes files and there is none to ask."""
    if not settings().smtp_url:
        return None
    try:
        SmtpEmail(settings().smtp_url, settings().mail_from).greet()
    except Unreachable as error:
        return say("alarms.mail.down", reason=error.code)
    return None


def path() -> str | None:
    """The age of the last synthetic message that came all the way."""
    with unit_of_work() as session:
        found = service.health(session, timedelta(seconds=settings().probe_every * LATE_INTERVALS))
    if found.ok:
        return None
    return (
        say("alarms.path.never") if found.last is None else say("alarms.path.down", seconds=f"{found.age_seconds:.0f}")
    )
