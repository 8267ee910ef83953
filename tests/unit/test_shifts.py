"""The shifts of data/shifts.yml, on a UK clock."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.handover.service import BadTimes, span
from gateway.handover.shifts import BadShifts, load, shifts

AT = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def test_the_file_of_this_installation_can_be_read() -> None:
    assert [shift.name for shift in shifts().shifts] == ["Days", "Nights"]


def test_the_last_shifts_are_offered_the_newest_first_and_a_night_ends_on_the_next_day() -> None:
    lately = shifts().lately(AT)

    assert [(one.name, f"{one.begins:%a %H:%M}", f"{one.ends:%a %H:%M}") for one in lately] == [
        ("Nights", "Sat 17:00", "Sun 08:00"),
        ("Days", "Sat 08:00", "Sat 17:00"),
        ("Nights", "Fri 17:00", "Sat 08:00"),
        ("Days", "Fri 08:00", "Fri 17:00"),
    ]


def test_the_night_in_which_the_clocks_go_back_is_an_hour_longer() -> None:
    night = next(one for one in shifts().lately(datetime(2026, 10, 25, 9, tzinfo=UTC)) if one.name == "Nights")

    assert night.ends.astimezone(UTC) - night.begins.astimezone(UTC) == timedelta(hours=16)


@pytest.mark.parametrize("text", ["shifts: {}", "shifts: {A: {from: x, to: '08:00'}}\ndigest_at: '07:00'", "- 1", ":"])
def test_a_file_that_cannot_be_used_is_refused_with_its_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "shifts.yml"
    file.write_text(text)

    with pytest.raises(BadShifts, match=r"shifts\.yml"):
        load(file)


def test_times_are_read_as_a_uk_clock_shows_them() -> None:
    summer = span("2026-07-01T07:30", "2026-07-01T19:30")

    assert summer.begins.astimezone(UTC) == datetime(2026, 7, 1, 6, 30, tzinfo=UTC)


def test_the_hour_that_comes_twice_lies_whole_in_a_shift_that_names_it() -> None:
    twice = span("2026-10-25T01:15", "2026-10-25T01:45")

    assert twice.ends.astimezone(UTC) - twice.begins.astimezone(UTC) == timedelta(minutes=90)


@pytest.mark.parametrize(
    ("begins", "ends", "problem"),
    [
        ("2026-07-02T07:30", "2026-07-01T07:30", "wrong_order"),
        ("2026-07-01T07:30", "2026-07-01T07:30", "wrong_order"),
        ("2026-07-01T07:30", "2026-07-09T07:30", "too_long"),
        ("yesterday", "", "no_such_time"),
        ("", "2026-13-01T00:00", "no_such_time"),
    ],
)
def test_times_that_cannot_be_meant_are_refused(begins: str, ends: str, problem: str) -> None:
    with pytest.raises(BadTimes, match=problem):
        span(begins, ends)
