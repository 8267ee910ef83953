"""A quicker database, for tests that need none of their own."""

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from gateway import db
from gateway.privacy import vault
from tests.conftest import _run, _use


@pytest.fixture(scope="session")
def kept(postgres: str) -> Iterator[Engine]:
    """One database for all these tests, with its connections kept open."""
    name = f"kept_{os.getpid()}"
    _run(postgres, f"CREATE DATABASE {name} TEMPLATE template_gateway STRATEGY FILE_COPY")
    _use(postgres.replace("/postgres?", f"/{name}?"))
    engine = db.engine()
    yield engine
    engine.dispose()
    _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def undone(kept: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[sessionmaker[Session]]:
    """Every unit of work happens inside one transaction, which is undone when the test ends."""
    with kept.connect() as connection, connection.begin() as everything:
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        monkeypatch.setattr(db, "_sessions", lambda: sessions)
        # Keys are read beside the transaction; a test before this one may have left the process at another database.
        monkeypatch.setattr(vault, "key_engine", lambda: kept)
        yield sessions
        everything.rollback()


@pytest.fixture
def work(undone: sessionmaker[Session]) -> Iterator[Session]:
    """An open unit of work. Commit before anything else opens one of its own."""
    with undone() as session:
        yield session
