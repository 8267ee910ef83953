"""Times as a family hears them: UK clock time, with the day in words."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.db import now
from gateway.wording import say

UK = ZoneInfo("Europe/London")


def spoken_time(moment: datetime, at: datetime | None = None) -> str:
    """`21:07`, `21:07 tomorrow`, `21:07 yesterday` or `21:07 on Tuesday 3 March`, seen from `at` (now)."""
    local = moment.astimezone(UK)
    days = (local.date() - (at or now()).astimezone(UK).date()) // timedelta(days=1)
    name = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(days, "another_day")
    return say(f"time.{name}", clock=f"{local:%H:%M}", day=spoken_day(local))


def spoken_day(day: date) -> str:
    """`Tuesday 3 March`."""
    return f"{day:%A} {day.day} {day:%B}"
