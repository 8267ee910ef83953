"""Time that is moved back to where a story plays. Everything that asks the gateway for the time gets this one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from gateway import db

TICK = timedelta(milliseconds=2)


class Clock:
    """It never goes back, for the log is one chain in the order of time."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def move_to(self, moment: datetime) -> None:
        """Go on to a moment, if it is later."""
        self.at = max(self.at, moment)

    def __call__(self) -> datetime:
        """Each question is a little later than the one before."""
        self.at += TICK
        return self.at


@contextmanager
def moved_to(moment: datetime) -> Iterator[Clock]:
    """Until the block ends it is that time, and then as late as the clock is moved to."""
    real, clock = db._clock, Clock(moment)
    db._clock = clock
    try:
        yield clock
    finally:
        db._clock = real
