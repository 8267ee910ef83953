"""The places where a process may die: before and after each commit, and each call on the world outside.

A life (faults/lives.py) watches them; at the one that it was given it kills itself as `kill -9` would.
"""

import os
import signal
import smtplib
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import httpx
import procrastinate
import requests
from sqlalchemy.engine.default import DefaultDialect


class Boundaries:
    """Counts the boundaries that this process passes, and kills it at one of them.

    `kill_at`: 0 kills never; `notes`: the file to which the boundary's name is added before death.
    """

    def __init__(self, kill_at: int, notes: Path) -> None:
        self._kill_at, self._notes, self._passed = kill_at, notes, 0

    def reach(self, name: str) -> None:
        """Pass a boundary, or die there."""
        self._passed += 1
        if self._passed == self._kill_at:
            with self._notes.open("a") as file:
                file.write(name + "\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """See every boundary of this process from here on."""
        self._around(DefaultDialect, "do_commit", "before a commit", "after a commit")
        self._around(httpx.Client, "send", "before a request", "after a request")
        self._around(requests.Session, "send", "before Twilio is asked", "after Twilio answered")
        self._around(smtplib.SMTP, "send_message", "before a mail", "after a mail")
        for name in ("execute_query_async", "execute_query_one_async"):
            self._around_async(procrastinate.PsycopgConnector, name, "before the job queue", "after the job queue")

    def _around(self, owner: type, name: str, before: str, after: str) -> None:
        plain: Callable[..., Any] = getattr(owner, name)

        @wraps(plain)
        def watched(*given: Any, **named: Any) -> Any:
            self.reach(before)
            result = plain(*given, **named)
            self.reach(after)
            return result

        setattr(owner, name, watched)

    def _around_async(self, owner: type, name: str, before: str, after: str) -> None:
        plain: Callable[..., Any] = getattr(owner, name)

        @wraps(plain)
        async def watched(*given: Any, **named: Any) -> Any:
            self.reach(before)
            result = await plain(*given, **named)
            self.reach(after)
            return result

        setattr(owner, name, watched)
