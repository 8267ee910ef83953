"""Waiting for an answer without asking the database all the time: the worker's commit wakes whoever waits."""

import logging
import threading
import time
from collections.abc import Callable

import psycopg
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.db import database_url

CHANNEL = "gateway_answered"
# While the listener has no connection, and lest a wake-up is missed, those who wait look this often themselves.
LOOK_EVERY_SECONDS = 1.0

logger = logging.getLogger(__name__)


def announce(session: Session, message_id: int) -> None:
    """Tell every waiting process that a message is answered, when this transaction commits."""
    session.execute(select(func.pg_notify(CHANNEL, str(message_id))))


class Listener:
    """One connection and one thread for each process; many may wait."""

    def __init__(self) -> None:
        self._waiting: dict[int, threading.Event] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wait(self, message_id: int, patience: float, is_answered: Callable[[], bool]) -> bool:
        """Whether the message is answered within so many seconds; `is_answered` asks the database."""
        end = time.monotonic() + patience
        event = self._expect(message_id)
        try:
            while not is_answered():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                event.wait(min(left, LOOK_EVERY_SECONDS))
                event.clear()
            return True
        finally:
            with self._lock:
                self._waiting.pop(message_id, None)

    def _expect(self, message_id: int) -> threading.Event:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._listen, name="answered", daemon=True)
                self._thread.start()
            return self._waiting.setdefault(message_id, threading.Event())

    def _listen(self) -> None:
        """Ends when the connection is lost; the next to wait starts it again."""
        try:
            with psycopg.connect(database_url(), autocommit=True, connect_timeout=5) as connection:
                connection.execute(f"LISTEN {CHANNEL}")
                for notice in connection.notifies():
                    with self._lock:
                        event = self._waiting.get(int(notice.payload))
                    if event is not None:
                        event.set()
        except psycopg.OperationalError as error:
            logger.warning("answered.listener_lost", extra={"error": type(error).__name__})


listener = Listener()
