"""Asking the database for what must not wait: within a bound, and not at all just after it was found to be away."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from subprocess import SubprocessError
from typing import TypeVar

import psycopg
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

Result = TypeVar("Result")

# Twilio gives a webhook 15 s, but a family that presses Send looks at the page for far less.
PATIENCE_SECONDS = 2.5
REST_SECONDS = 2.0
# More than the threads of one web process, so that one that hangs leaves room for others.
AT_ONCE = 24


class DatabaseAway(Exception):
    """The database cannot be used now: it is down, too slow, full or read-only."""


class Breaker:
    """Remembers that the database is away, and lets one in every REST_SECONDS try whether it is back."""

    def __init__(self, rest: float = REST_SECONDS) -> None:
        self._rest, self._lock = rest, threading.Lock()
        self._try_at: float | None = None

    def lets_through(self) -> bool:
        with self._lock:
            if self._try_at is None:
                return True
            if time.monotonic() < self._try_at:
                return False
            self._try_at = time.monotonic() + self._rest
            return True

    def trip(self) -> None:
        with self._lock:
            self._try_at = time.monotonic() + self._rest

    def reset(self) -> None:
        with self._lock:
            self._try_at = None


breaker = Breaker()


@cache
def _threads() -> ThreadPoolExecutor:
    """Made on the first call, so that no process that is forked shares them with another."""
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="reach")


def ask(work: Callable[[], Result]) -> Result:
    """What `work` gives, which uses the database. Raises DatabaseAway, and what `work` itself raises.

    A database that takes connections and then says nothing is only found out by not waiting for it. What was
    given up on may still be done later, so `work` must be such that doing it twice changes nothing.
    """
    if not breaker.lets_through():
        raise DatabaseAway
    future = _threads().submit(work)
    try:
        result = future.result(PATIENCE_SECONDS)
    except Exception as error:
        gave_up = isinstance(error, TimeoutError) and not future.done()
        if not (gave_up or is_away(error)):
            breaker.reset()
            raise
        future.cancel()
        breaker.trip()
        raise DatabaseAway from error
    breaker.reset()
    return result


def is_away(error: BaseException | None) -> bool:
    """Whether an error means that the database cannot be used now, not that it was asked for something wrong."""
    if isinstance(error, DatabaseAway | NoConnectionFree | SubprocessError):
        return True
    if isinstance(error, ConnectorException):
        return is_away(error.__cause__)
    cause = error.orig if isinstance(error, DBAPIError) else error
    # OperationalError also stands for a full disk, too many connections and a server that shuts down.
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError | psycopg.errors.ReadOnlySqlTransaction)
