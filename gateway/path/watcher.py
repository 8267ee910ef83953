"""The watcher: sends the synthetic messages, looks at everything every few seconds and raises the alarm."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from gateway.config import settings
from gateway.db import now
from gateway.path.alarm import Alarm, raise_alarm
from gateway.path.checks import Check
from gateway.path.looking import Looking, in_thread
from gateway.path.probe import Outcome, probe
from gateway.path.standing import Standing, Wrong
from gateway.spoken import spoken_time
from gateway.wording import say

logger = logging.getLogger(__name__)

ROUND_SECONDS = 10
DEADMAN_TIMEOUT_SECONDS = 5.0
# A probe has a good part of its interval to come through, and the next one begins in time all the same.
PROBE_PATIENCE = 0.75
AFTER_A_FAILURE_SECONDS = 10.0
# A probe that has not come back after so many intervals hangs for good; a new process makes new connections.
STUCK_INTERVALS = 5


class Stuck(Exception):
    """The probe hangs: this process must be started anew."""


class Watcher:
    """One round after another, for as long as it lives. What is wrong, and who was told, is kept in `file`."""

    def __init__(self, checks: Sequence[Check], file: Path, clock: Callable[[], datetime] = now) -> None:
        self._clock, self._looking = clock, Looking(checks)
        self._checks = {check.name: check for check in checks}
        self.standing = Standing(file, clock())

    def round(self) -> None:
        """Look at everything, tell of what is due, keep it."""
        faults, moment = self._looking.look(), self._clock()
        due = self.standing.advance(self._checks.values(), faults, moment)
        if due.wrong:
            somebody = raise_alarm(_wrong(due.wrong, faults, self.standing.wrong))
            self.standing.told(due.wrong, moment, somebody=somebody)
        if due.well:
            raise_alarm(_well(due.well))
        self.standing.save(moment)


def _wrong(names: list[str], faults: dict[str, str | None], wrong: dict[str, Wrong]) -> Alarm:
    lines = [
        say("alarm.wrong.line", sentence=faults[name], time=spoken_time(wrong[name].since.replace(microsecond=0)))
        for name in names
    ]
    return Alarm(
        "wrong",
        names,
        say("alarm.wrong.subject", titles=_titles(names)),
        "\n".join([*lines, "", say("alarm.see")]),
        say("alarm.wrong.sms", titles=_titles(names), host=_host()),
    )


def _well(names: list[str]) -> Alarm:
    return Alarm(
        "well",
        names,
        say("alarm.well.subject", titles=_titles(names)),
        "\n".join(say(f"alarms.{name}.well") for name in names),
        say("alarm.well.sms", titles=_titles(names), host=_host()),
    )


def _titles(names: list[str]) -> str:
    return ", ".join(say(f"alarms.{name}.title") for name in names)


def _host() -> str:
    return urlsplit(settings().public_url).hostname or settings().public_url


class Probing:
    """A synthetic message each interval, one at a time; the dead-man's address hears how each ended."""

    def __init__(self, every: float, send: Callable[[float], Outcome] = probe) -> None:
        self._every, self._send = every, send
        self._under_way: Future[Outcome] | None = None
        self._begun_at: float | None = None

    def tend(self) -> None:
        """Begin one if it is time; to be called each second. Raises Stuck."""
        if self._under_way is not None and not self._under_way.done():
            if self._begun_at is not None and time.monotonic() - self._begun_at > STUCK_INTERVALS * self._every:
                raise Stuck
            return
        if self._begun_at is None or time.monotonic() - self._begun_at >= self._pause():
            self._begun_at, self._under_way = time.monotonic(), in_thread(self._once)

    def _pause(self) -> float:
        """After one that failed the next comes sooner, so that the path counts as well as soon as it is."""
        failed = self._under_way is not None and (self._under_way.exception() or not self._under_way.result().ok)
        return min(self._every, AFTER_A_FAILURE_SECONDS) if failed else self._every

    def _once(self) -> Outcome:
        outcome = self._send(self._every * PROBE_PATIENCE)
        if not outcome.ok:
            logger.warning("path.not_through", extra={"fault": outcome.fault})
        tell_deadman(outcome.ok)
        return outcome


def tell_deadman(well: bool) -> None:
    """Ping DEADMAN_URL, as healthchecks.io and the like expect it. That it is away is noticed there."""
    if not settings().deadman_url:
        return
    try:
        httpx.get(settings().deadman_url + ("" if well else "/fail"), timeout=DEADMAN_TIMEOUT_SECONDS)
    except httpx.HTTPError as error:
        logger.warning("deadman.not_reached", extra={"error": type(error).__name__})
