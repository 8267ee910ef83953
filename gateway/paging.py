"""Lists a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

AT_ONCE = 50
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some of a list, and how long all of it is."""

    rows: Sequence[Row]
    total: int
    number: int
    pages: int


def paged(session: Session, query: Select[Row], number: int) -> Page[Row]:
    """A page of what a query finds; a number that is none means the nearest."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(1, -(-total // AT_ONCE))
    number = min(max(number, 1), pages)
    return Page(session.scalars(query.limit(AT_ONCE).offset((number - 1) * AT_ONCE)).all(), total, number, pages)
