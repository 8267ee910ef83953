"""Which months figures are about."""

from datetime import UTC, date, datetime

import pytest

from gateway import db
from gateway.figures.period import BadPeriod, month_after, offered, period


@pytest.fixture(autouse=True)
def in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half past midnight on 1 November in London."""
    monkeypatch.setattr(db, "_clock", lambda: datetime(2026, 11, 1, 0, 30, tzinfo=UTC))


def test_the_last_three_whole_months_are_meant_unless_others_are_chosen() -> None:
    usual = period()

    assert (usual.first, usual.last) == (date(2026, 8, 1), date(2026, 10, 1))
    assert [f"{month:%Y-%m}" for month in usual.months] == ["2026-08", "2026-09", "2026-10"]


def test_a_month_begins_and_ends_at_midnight_on_a_uk_clock() -> None:
    chosen = period("2026-03", "2026-10")

    assert chosen.begins.astimezone(UTC) == datetime(2026, 3, 1, 0, tzinfo=UTC)
    assert chosen.ends.astimezone(UTC) == datetime(2026, 11, 1, 0, tzinfo=UTC)
    assert period("2026-04", "2026-04").begins.astimezone(UTC) == datetime(2026, 3, 31, 23, tzinfo=UTC)


def test_two_years_are_offered_and_never_the_month_that_goes_on() -> None:
    assert (offered()[0], offered()[-1], len(offered())) == (date(2026, 10, 1), date(2024, 11, 1), 24)


@pytest.mark.parametrize("months", [("2026-11", ""), ("2020-01", ""), ("x", ""), ("", "2026-10-05"), ("2026-1", "")])
def test_a_month_that_is_not_offered_is_refused(months: tuple[str, str]) -> None:
    with pytest.raises(BadPeriod, match="no_such_month"):
        period(*months)


def test_the_end_may_not_come_before_the_beginning() -> None:
    with pytest.raises(BadPeriod, match="wrong_order"):
        period("2026-10", "2026-09")
    assert period("2026-10").last == date(2026, 10, 1)


def test_december_is_followed_by_january() -> None:
    assert month_after(date(2026, 12, 1)) == date(2027, 1, 1)
