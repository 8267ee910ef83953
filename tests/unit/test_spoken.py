"""Times as families hear them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from gateway.db import now
from gateway.spoken import spoken_time

WINTER = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment, at, said",
    [
        (datetime(2026, 11, 21, 21, 7, tzinfo=UTC), WINTER, "21:07"),
        (datetime(2026, 11, 21, 0, 0, tzinfo=UTC), WINTER, "00:00"),
        (datetime(2026, 11, 22, 9, 5, tzinfo=UTC), WINTER, "09:05 tomorrow"),
        (datetime(2026, 11, 20, 23, 59, tzinfo=UTC), WINTER, "23:59 yesterday"),
        (datetime(2026, 11, 23, 9, 5, tzinfo=UTC), WINTER, "09:05 on Monday 23 November"),
        (datetime(2026, 3, 3, 21, 7, tzinfo=UTC), WINTER, "21:07 on Tuesday 3 March"),
        (datetime(2026, 7, 1, 20, 7, tzinfo=UTC), SUMMER, "21:07"),
        (datetime(2026, 7, 1, 23, 30, tzinfo=UTC), SUMMER, "00:30 tomorrow"),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), SUMMER, "00:30"),
        (datetime(2026, 11, 21, 12, 0, tzinfo=timezone(timedelta(hours=5))), WINTER, "07:00"),
    ],
)
def test_a_time_is_said_by_the_uks_clock_with_the_day_in_words(moment: datetime, at: datetime, said: str) -> None:
    assert spoken_time(moment, at) == said


def test_a_day_is_counted_by_the_calendar_and_not_by_hours() -> None:
    late = datetime(2026, 11, 21, 23, 50, tzinfo=UTC)

    assert spoken_time(late + timedelta(minutes=20), late) == "00:10 tomorrow"


def test_without_another_moment_it_is_seen_from_now() -> None:
    assert spoken_time(now() - timedelta(days=400)).count(" on ") == 1
