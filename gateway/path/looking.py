"""Looking at everything at once: a check that hangs delays no other, and counts as wrong."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import TypeVar

from gateway.path.checks import Check
from gateway.wording import say

# Longer than any one time-out of a check.
DEADLINE_SECONDS = 15.0

Result = TypeVar("Result")


def in_thread(work: Callable[[], Result]) -> "Future[Result]":
    """Do it in a thread of its own that does not keep the process alive."""
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


class Looking:
    """Keeps what each check saw last, and which looks have not come back."""

    def __init__(self, checks: Sequence[Check], deadline: float = DEADLINE_SECONDS) -> None:
        self.checks, self._deadline = checks, deadline
        self._away: dict[str, Future[str | None]] = {}
        self._seen: dict[str, str | None] = {}
        self._looked_at: dict[str, float] = {}

    def look(self) -> dict[str, str | None]:
        """What is wrong, by check; None where all is well. What cannot be seen without the database is left out."""
        for check in self.checks:
            if check.name not in self._away and self._is_its_turn(check):
                self._away[check.name] = in_thread(check.look)
                self._looked_at[check.name] = time.monotonic()
        wait(self._away.values(), timeout=self._deadline)
        for check in self.checks:
            if check.name in self._away:
                self._seen[check.name] = self._result(check)
        blind = self._seen.get("database") is not None
        return {check.name: self._seen[check.name] for check in self.checks if not (blind and check.needs_database)}

    def _is_its_turn(self, check: Check) -> bool:
        last = self._looked_at.get(check.name)
        return last is None or time.monotonic() - last >= check.every

    def _result(self, check: Check) -> str | None:
        title = say(f"alarms.{check.name}.title")
        if not self._away[check.name].done():
            return say("alarm.no_answer", title=title, seconds=f"{self._deadline:.0f}")
        future = self._away.pop(check.name)
        error = future.exception()
        return say("alarm.broken", title=title, reason=type(error).__name__) if error else future.result()
