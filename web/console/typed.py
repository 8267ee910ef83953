"""Days and times as somebody types them or a browser sends them. What is none of this millennium is none at all."""

from datetime import date, datetime

from gateway.spoken import UK

YEARS = range(2000, 3000)


def day(typed: str) -> date | None:
    """A day such as 2026-03-01; None for what is none."""
    found = moment(typed)
    return found.date() if found and len(typed) == len("2026-03-01") else None


def moment(typed: str) -> datetime | None:
    """A time on a UK wall such as 2026-03-01T09:00; None for what is none."""
    try:
        found = datetime.fromisoformat(typed)
    except ValueError:
        return None
    return found.replace(tzinfo=UK) if found.year in YEARS else None
