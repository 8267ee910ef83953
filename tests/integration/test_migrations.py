"""The schema: up, down and up again, equal to the models, and a log that only gains rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from factories import a_concern
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gateway import db
from gateway.audit.models import LogEvent
from gateway.audit.reading import rows
from gateway.audit.service import record
from gateway.audit.verify import verify
from gateway.config import ROOT, settings
from tests.conftest import _run, _use

CONFIG = Config(ROOT / "alembic.ini")
EVERYTHING = """
    SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT 'constraint ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION SELECT 'function ' || oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT 'type ' || typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'e'
    UNION SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = 'rasa'
"""


@pytest.fixture
def empty(postgres: str) -> Iterator[None]:
    """A database in which nothing is yet."""
    _run(postgres, "DROP DATABASE IF EXISTS empty_one", "CREATE DATABASE empty_one")
    _use(postgres.replace("/postgres?", "/empty_one?"))
    yield
    db.engine().dispose()
    _run(postgres, "DROP DATABASE empty_one WITH (FORCE)")


def _all() -> set[str]:
    with db.engine().connect() as connection:
        return set(connection.scalars(text(EVERYTHING)))


def test_every_migration_goes_up_down_and_up_again_one_by_one(empty: None) -> None:
    revisions = [script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions()][::-1]
    as_made = {"base": _all()}
    for revision in revisions:
        command.upgrade(CONFIG, revision)
        as_made[revision] = _all()

    for revision in ["base", *revisions[:-1]][::-1]:
        command.downgrade(CONFIG, revision)
        assert _but_alembics(_all()) == _but_alembics(as_made[revision]), f"what stood at {revision}"
    command.upgrade(CONFIG, "head")
    assert _all() == as_made[revisions[-1]] and len(_all()) > 150


def _but_alembics(things: set[str]) -> set[str]:
    return {thing for thing in things if "alembic_version" not in thing}


def test_the_migrations_make_what_the_models_say(empty: None) -> None:
    command.upgrade(CONFIG, "head")

    command.check(CONFIG)  # raises when autogenerate would add anything


def test_the_migrations_are_numbered_in_one_line() -> None:
    revisions = [script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions()]
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))

    assert revisions[::-1] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert [Path(name).stem[:5] for name in names] == [f"{revision}_" for revision in revisions[::-1]]


def test_a_delivery_receipt_finds_its_delivery_by_an_index(work: Session) -> None:
    work.execute(text("SET LOCAL enable_seqscan = off"))
    plan = work.scalars(text("EXPLAIN SELECT id FROM delivery WHERE provider_reference = 'SM1'")).all()

    assert any("ix_delivery_provider_reference" in line for line in plan)


def test_rows_from_before_the_chain_are_numbered_without_gaps_and_verify(empty: None) -> None:
    command.upgrade(CONFIG, "0006")
    with db.engine().begin() as connection:
        for number in (3, 4, 9):  # a transaction that was undone left a gap
            connection.execute(
                text(
                    "INSERT INTO log_entry (id, happened_at, event, actor, details) VALUES "
                    "(:id, '2026-01-01 09:00:00.5+00', 'message:held', 'system', '{\"ü\": [1, 2.50, null]}')"
                ),
                {"id": number},
            )
    command.upgrade(CONFIG, "head")

    with db.unit_of_work() as session:
        record(session, LogEvent.MESSAGE_HELD)
    with db.unit_of_work() as session:
        report = verify(rows(session), [], settings().chain_key)
    assert (report.count, report.last, report.faults) == (4, 4, [])


# ----- the log only gains rows -----


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET event = 'nothing:happened'",
        "UPDATE log_entry SET actor = 'system' WHERE false",
        "DELETE FROM log_entry",
        "DELETE FROM log_entry WHERE id = (SELECT max(id) FROM log_entry)",
        "TRUNCATE log_entry",
        "INSERT INTO log_entry (id, happened_at, event, actor, details, previous_hash, hash, hmac) "
        "SELECT id, now(), event, actor, details, '', '', '' FROM log_entry "
        "ON CONFLICT (id) DO UPDATE SET actor = 'nobody'",
    ],
)
def test_the_log_refuses_to_change_or_lose_a_row(work: Session, statement: str) -> None:
    a_concern(work)
    work.commit()  # the log is written when the transaction commits
    before = work.execute(text("SELECT * FROM log_entry ORDER BY id")).all()

    with pytest.raises(DBAPIError, match="only gains rows"), work.begin_nested():
        work.execute(text(statement))
    assert before and work.execute(text("SELECT * FROM log_entry ORDER BY id")).all() == before


@pytest.mark.parametrize("table", ["concern", "message"])
def test_a_concern_and_the_message_that_opened_it_cannot_be_taken_away(work: Session, table: str) -> None:
    a_concern(work)

    with pytest.raises(DBAPIError, match="violates foreign key"), work.begin_nested():
        work.execute(text(f"DELETE FROM {table}"))
