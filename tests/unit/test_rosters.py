"""Who is on duty: hours, bank holidays, absences and the days on which the clocks change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.routing.check import holes
from gateway.routing.clocks import Clock, NextWorkingDay, due
from gateway.routing.roster import DAYS, Absence, Contact, Step, Window, is_bank_holiday, on_duty, who
from gateway.spoken import UK

HOUR, DAY, QUARTER = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
WEEKDAYS = frozenset(DAYS[:5])
DUTY_DAYS = Window("days", WEEKDAYS, time(8), time(17), "no")
NIGHTS = Window("nights", frozenset(DAYS), time(17), time(8))
HOLIDAYS = Window("bank holidays", frozenset(DAYS), time(8), time(17), "only")
ALWAYS = Contact("email", "desk@x.invalid")


def _uk(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=UK, fold=fold)  # type: ignore[misc]


def _on(window: Window, *when: int, fold: int = 0) -> bool:
    return Contact("sms", "+447700900123", (window,)).on_duty(_uk(*when, fold=fold).astimezone(UTC)) == window.name


# ----- hours -----


@pytest.mark.parametrize(
    "when, expected",
    [
        ((2026, 11, 20, 8, 0), True),
        ((2026, 11, 20, 7, 59), False),
        ((2026, 11, 20, 16, 59), True),
        ((2026, 11, 20, 17, 0), False),
        ((2026, 11, 21, 12, 0), False),  # a Saturday
        ((2026, 12, 25, 12, 0), False),  # Christmas Day, a Friday
        ((2026, 12, 28, 12, 0), False),  # a Monday, in place of Boxing Day
    ],
)
def test_hours_hold_from_their_first_minute_to_before_their_last_on_their_days(
    when: tuple[int, ...], expected: bool
) -> None:
    assert _on(DUTY_DAYS, *when) is expected


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = Window("friday night", frozenset({"fri"}), time(22), time(6))

    assert _on(friday_night, 2026, 11, 20, 23, 0) and _on(friday_night, 2026, 11, 21, 5, 59)
    assert not _on(friday_night, 2026, 11, 20, 5, 0) and not _on(friday_night, 2026, 11, 21, 6, 0)
    assert not _on(friday_night, 2026, 11, 21, 22, 0)


def test_a_night_that_begins_on_a_bank_holiday_is_a_bank_holidays_to_its_end() -> None:
    night = Window("holiday nights", frozenset(DAYS), time(20), time(8), "only")

    assert _on(night, 2026, 12, 25, 21, 0) and _on(night, 2026, 12, 27, 7, 0)  # the 26th is one as well
    assert not _on(night, 2026, 12, 25, 7, 0) and not _on(night, 2026, 12, 27, 21, 0)


def test_equal_ends_mean_the_whole_day() -> None:
    sundays = Window("sundays", frozenset({"sun"}))

    assert _on(sundays, 2026, 11, 22, 0, 0) and _on(sundays, 2026, 11, 22, 23, 59)
    assert not _on(sundays, 2026, 11, 23, 0, 0) and not _on(sundays, 2026, 11, 21, 23, 59)


def test_hours_are_those_of_a_clock_on_a_uk_wall_in_summer_and_winter() -> None:
    contact = Contact("sms", "+447700900123", (DUTY_DAYS,))

    assert contact.on_duty(datetime(2026, 7, 1, 7, 0, tzinfo=UTC)) == "days"
    assert contact.on_duty(datetime(2026, 12, 1, 7, 0, tzinfo=UTC)) is None


def test_the_hour_that_comes_twice_in_autumn_is_worked_twice_and_the_one_left_out_in_spring_not() -> None:
    small_hours = Window("small hours", frozenset(DAYS), time(0, 30), time(2, 30))
    autumn = [datetime(2026, 10, 25, 0, 0, tzinfo=UTC) + number * QUARTER for number in range(16)]
    spring = [datetime(2026, 3, 29, 0, 0, tzinfo=UTC) + number * QUARTER for number in range(16)]
    worked = [
        sum(Contact("sms", "+447700900123", (small_hours,)).on_duty(at) is not None for at in moments) * QUARTER
        for moments in (autumn, spring)
    ]

    assert worked == [2.5 * HOUR, 1 * HOUR]  # autumn counts from midnight UTC, which is one o'clock by the wall


@pytest.mark.parametrize("day, expected", [((2026, 8, 31), True), ((2027, 12, 27), True), ((2026, 8, 30), False)])
def test_the_bank_holidays_are_those_of_england_and_wales(day: tuple[int, int, int], expected: bool) -> None:
    assert is_bank_holiday(date(*day)) is expected


def test_the_bank_holidays_of_scotland_and_northern_ireland_are_not_ours() -> None:
    assert not any(is_bank_holiday(day) for day in (date(2026, 1, 2), date(2026, 3, 17), date(2026, 11, 30)))


# ----- absences and steps -----


def test_somebody_is_away_from_the_first_midnight_to_the_last() -> None:
    contact = Contact("sms", "+447700900123", away=(Absence(date(2026, 7, 1), date(2026, 7, 3)),))
    seen = [contact.on_duty(_uk(2026, *when)) for when in ((6, 30, 23, 59), (7, 1, 0, 0), (7, 3, 23, 59), (7, 4, 0, 0))]

    assert seen == ["always", None, None, "always"]


def test_all_of_a_step_who_are_on_duty_are_told_and_no_other() -> None:
    by_day, by_night = Contact("sms", "+447700900123", (DUTY_DAYS,)), Contact("call", "+447700900124", (NIGHTS,))
    step = Step("safer custody", (by_day, by_night, ALWAYS))

    assert who(step, _uk(2026, 11, 20, 12, 0)) == (by_day, ALWAYS)
    assert who(step, _uk(2026, 11, 20, 3, 0)) == (by_night, ALWAYS)


def test_while_nobody_is_on_duty_those_who_are_always_there_are_told() -> None:
    step = Step("safer custody", (Contact("sms", "+447700900123", (DUTY_DAYS,)),), otherwise=(ALWAYS,))

    assert on_duty(step, _uk(2026, 11, 21, 12, 0)) == ()
    assert who(step, _uk(2026, 11, 21, 12, 0)) == (ALWAYS,)


# ----- clocks -----


@pytest.mark.parametrize(
    "start, expected",
    [
        ((2026, 11, 19, 16, 0), (2026, 11, 20, 9, 0)),
        ((2026, 11, 20, 0, 1), (2026, 11, 23, 9, 0)),  # a Friday: its own morning is too soon
        ((2026, 12, 24, 18, 0), (2026, 12, 29, 9, 0)),  # over Christmas, a weekend and a day in lieu
        ((2026, 4, 2, 12, 0), (2026, 4, 7, 9, 0)),  # over Easter
        ((2026, 3, 27, 12, 0), (2026, 3, 30, 9, 0)),  # over the weekend on which summer time begins
    ],
)
def test_the_next_working_day_is_after_today_and_no_weekend_or_bank_holiday(
    start: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    assert due(NextWorkingDay(time(9)), _uk(*start)) == _uk(*expected)


def test_a_clock_of_minutes_runs_as_long_when_the_clocks_change() -> None:
    before = _uk(2026, 10, 25, 1, 58)

    assert due(timedelta(minutes=5), before.astimezone(UTC)) - before.astimezone(UTC) == timedelta(minutes=5)


# ----- a year -----

CLOCKS: dict[str, Clock] = {
    "emergency": timedelta(minutes=5),
    "urgent": timedelta(minutes=60),
    "routine": NextWorkingDay(time(9)),
}
# Before Christmas and the weekend there are five days without work at most, and then the hours to nine o'clock.
LONGEST = {"emergency": timedelta(minutes=5), "urgent": timedelta(minutes=60), "routine": 5 * DAY + 10 * HOUR}
YEAR = [datetime(2026, 1, 1, tzinfo=UTC) + number * QUARTER for number in range(365 * 96)]

_times = st.times().map(lambda at: at.replace(second=0, microsecond=0))
_windows = st.builds(
    Window,
    name=st.just("hours"),
    days=st.frozensets(st.sampled_from(DAYS), min_size=1),
    begins=_times,
    ends=_times,
    bank_holidays=st.sampled_from(["yes", "no", "only"]),
)
_dates = st.dates(date(2026, 1, 1), date(2026, 12, 31))
_absences = st.tuples(_dates, _dates).map(lambda days: Absence(min(days), max(days)))
_contacts = st.builds(
    Contact,
    medium=st.just("sms"),
    address=st.sampled_from(["+447700900123", "+447700900124"]),
    windows=st.lists(_windows, min_size=1, max_size=2).map(tuple),
    away=st.lists(_absences, max_size=1).map(tuple),
)
_steps = st.builds(
    Step,
    name=st.just("step"),
    tell=st.lists(_contacts, min_size=1, max_size=2).map(tuple),
    otherwise=st.just((ALWAYS,)),
)


@settings(max_examples=12, deadline=None)
@given(step=_steps)
def test_in_every_quarter_of_an_hour_of_a_year_somebody_is_told_whatever_the_roster(step: Step) -> None:
    assert [at for at in YEAR if not who(step, at)] == []


@settings(max_examples=8, deadline=None)
@given(step=_steps)
def test_the_holes_that_are_found_are_the_hours_without_anybody(step: Step) -> None:
    found = holes(step, YEAR[0], YEAR[-1] + QUARTER - YEAR[0])
    empty = {at for at in YEAR if not on_duty(step, at)}
    inside = {at for hole in found for at in YEAR[_place(hole.begins) : _place(hole.ends)] if at >= hole.begins}

    assert inside == empty


def test_a_hole_ends_where_the_clocks_go_back_into_hours_of_duty() -> None:
    window = Window("small hours", frozenset(DAYS), time(0, 30), time(1, 30))
    step = Step("step", (Contact("sms", "+447700900123", (window,)),))
    night = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)

    found = [(hole.begins - night, hole.ends - night) for hole in holes(step, night, 3 * HOUR)]
    assert found == [(1 * HOUR, 1.5 * HOUR), (2 * HOUR, 3 * HOUR)]


def _place(moment: datetime) -> int:
    """The first quarter of an hour that is not before a moment."""
    return -(-(moment - YEAR[0]) // QUARTER)


@pytest.mark.parametrize("urgency", CLOCKS)
def test_from_every_quarter_of_an_hour_of_a_year_the_next_alarm_is_ahead_and_no_further_than_the_clock(
    urgency: str,
) -> None:
    waits = {due(CLOCKS[urgency], at) - at for at in YEAR}

    assert timedelta(0) < min(waits) and max(waits) <= LONGEST[urgency]


@settings(max_examples=50, deadline=None)
@given(
    opened=st.sampled_from(YEAR), ladder=st.lists(_steps, min_size=1, max_size=3), urgency=st.sampled_from([*CLOCKS])
)
def test_a_concern_that_nobody_acknowledges_is_told_at_the_pace_of_its_clock_for_ever(
    opened: datetime, ladder: list[Step], urgency: str
) -> None:
    at = opened
    for number in range(300):
        assert who(ladder[min(number, len(ladder) - 1)], at)
        following = due(CLOCKS[urgency], at)
        assert timedelta(0) < following - at <= LONGEST[urgency]
        at = following
