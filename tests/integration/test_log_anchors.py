"""The state of the log is kept outside the database, in as many places as are set, whichever of them fails."""

import email
import json
import logging
from collections.abc import Iterator
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from gateway import config
from gateway.adapters import email_provider
from gateway.audit import anchors, jobs
from gateway.audit.chain import GENESIS
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import settings
from gateway.db import unit_of_work
from gateway.jobs import CLOCKS, app


@pytest.fixture(autouse=True)
def places(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A file of the test's own, and a fresh look at the settings."""
    setting(monkeypatch, ANCHOR_FILE=str(tmp_path / "elsewhere" / "anchors.jsonl"), VAR_DIR=str(tmp_path))
    yield
    setting(monkeypatch)


def setting(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    config.settings.cache_clear()
    email_provider.cache_clear()


def write(count: int = 1) -> None:
    for _ in range(count):
        with unit_of_work() as session:
            record(session, LogEvent.MESSAGE_HELD)


def kept() -> list[anchors.Anchor | anchors.BadAnchor]:
    return list(anchors.read(settings().anchor_file))


def test_an_anchor_tells_how_the_log_ends(database: str) -> None:
    assert jobs.anchor_now() == []
    write(3)
    assert jobs.anchor_now() == []

    empty, full = kept()
    assert isinstance(empty, anchors.Anchor) and isinstance(full, anchors.Anchor)
    assert (empty.count, empty.position, empty.hash) == (0, 0, GENESIS)
    assert (full.count, full.position) == (3, 3) and len(full.hash) == 64
    assert full.is_sealed_with(settings().chain_key) and not full.is_sealed_with(b"another")


def test_a_line_that_was_cut_short_spoils_no_other() -> None:
    jobs.anchor_now()
    with settings().anchor_file.open("a") as file:
        file.write('\n{"count": 1, "posi')  # the disk was full
    jobs.anchor_now()

    assert [type(line) for line in kept()] == [anchors.Anchor, anchors.BadAnchor, anchors.Anchor]


def test_the_worker_takes_one_every_five_minutes_among_the_clocks() -> None:
    periodic = app().periodic_registry.periodic_tasks.values()
    (task,) = [one for one in periodic if one.task.name == "audit:anchor"]

    assert task.cron == "*/5 * * * *" and task.task.queue == CLOCKS


def test_an_anchor_is_mailed_where_a_mailbox_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    setting(monkeypatch, ANCHOR_EMAIL="records@example.org")
    write()

    assert jobs.anchor_now() == []
    (file,) = (tmp_path / "outbox").glob("*.eml")
    mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
    body = mail.get_body()
    assert body and mail["To"] == "records@example.org"
    (line,) = [line for line in body.get_content().splitlines() if line.startswith("{")]
    assert anchors.Anchor(**json.loads(line)) == kept()[0]


class Records(BaseHTTPRequestHandler):
    """Somebody else's server, which keeps what it is sent."""

    status, got = 200, list[bytes]()

    def do_POST(self) -> None:
        self.got.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Records]]:
    server = HTTPServer(("127.0.0.1", 0), Records)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    Records.got, Records.status = [], 200
    setting(monkeypatch, ANCHOR_URL=f"http://127.0.0.1:{server.server_port}/anchors")
    yield Records
    server.shutdown()
    server.server_close()


def test_an_anchor_is_posted_where_an_address_is_set(records: type[Records]) -> None:
    write()

    assert jobs.anchor_now() == []
    assert [anchors.Anchor(**json.loads(body)) for body in records.got] == kept()


def test_a_place_that_fails_is_said_loudly_and_hinders_no_other(
    records: type[Records], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    setting(monkeypatch, ANCHOR_FILE=str(tmp_path / "file" / "anchors.jsonl"))
    with caplog.at_level(logging.ERROR):
        assert jobs.anchor_now() == ["file"]
    assert len(records.got) == 1

    records.status = 500
    setting(monkeypatch, ANCHOR_FILE=str(tmp_path / "anchors.jsonl"))
    with caplog.at_level(logging.ERROR):
        assert jobs.anchor_now() == ["url"]

    assert len(kept()) == 1
    assert [(line.message, line.place) for line in caplog.records] == [
        ("audit.anchor_failed", "file"),
        ("audit.anchor_failed", "url"),
    ]
