"""Staff of two prisons and of the duty desk, and a way to sign in as one of them."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

import phone
import pytest
from factories import a_concern
from flask.testing import FlaskClient
from person import PASSWORD, Person
from sqlalchemy import select
from world import World, world

from gateway import db
from gateway.audit.models import LogEntry
from gateway.concerns.models import Concern
from gateway.db import unit_of_work
from gateway.staff.service import add_staff
from tests.policy import Watched
from web import create_app


@pytest.fixture
def sign_in(web: FlaskClient) -> Callable[..., Person]:
    """Sign in as new staff with these prisons: `sign_in("LEI")`, `sign_in("LEI", roles=["analyst"])`."""

    def somebody(
        *prisons: str, reads_unrouted: bool = False, name: str = "Ann Example", roles: Iterable[str] = ("officer",)
    ) -> Person:
        email = f"{name.split()[0].lower()}@prison.invalid"
        with unit_of_work() as session:
            staff = add_staff(session, email, name, PASSWORD, list(prisons), reads_unrouted, list(roles))
            phone.give(session, email)
        person = Person(web.application.test_client(), email, staff.id)
        person.sign_in(email)
        return person

    return somebody


@pytest.fixture
def concern(database: str) -> Callable[..., Concern]:
    """Open a concern: `concern(prison="LEI", urgency="emergency")`."""

    def opened(text: str = "my son says he cant go on", **given) -> Concern:
        with unit_of_work() as session:
            return a_concern(session, text, **given)

    return opened


@pytest.fixture
def log(database: str) -> Callable[..., list[LogEntry]]:
    """The rows of the log for one event."""

    def rows(event: str) -> list[LogEntry]:
        with unit_of_work() as session:
            return list(session.scalars(select(LogEntry).where(LogEntry.event == event).order_by(LogEntry.id)))

    return rows


@pytest.fixture(scope="session")
def first_world(copy_database: Callable[..., AbstractContextManager[str]]) -> Iterator[tuple[World, str]]:
    """Made once, in a database from which each module has its copy."""
    name = f"world_{os.getpid()}"
    with copy_database(name):
        made = world(Watched(create_app()))
        db.engine().dispose()
        db.key_engine().dispose()
        yield made, name


@pytest.fixture(scope="module")
def whole(first_world: tuple[World, str], copy_database: Callable[..., AbstractContextManager[str]]) -> Iterator[World]:
    """The console with something in every state, for tests that leave it as it is."""
    made, name = first_world
    with copy_database(f"{name}_copy", of=name):
        yield made.as_at_first()
    assert made.watched.broken == []


@pytest.fixture
def fresh(first_world: tuple[World, str], copy_database: Callable[..., AbstractContextManager[str]]) -> Iterator[World]:
    """The same, for one test that changes it."""
    made, name = first_world
    with copy_database(f"{name}_fresh", of=name):
        yield made.as_at_first()
    assert made.watched.broken == []
