"""The watched path on real parts: web, worker and PostgreSQL as processes and threads; only Rasa is a stand-in.

Then each stop in turn: the alarm goes out in time. Only the watcher's patience runs on a clock of the test's own.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from sqlalchemy import func, select, text
from typer.testing import CliRunner
from werkzeug.serving import make_server

from gateway import adapters, db
from gateway.audit.models import LogEntry
from gateway.cli import app
from gateway.concerns.models import Concern
from gateway.config import ROOT, settings
from gateway.conversations.models import Conversation
from gateway.db import now, unit_of_work
from gateway.deliveries.models import Delivery
from gateway.path import checks
from gateway.path.models import WatcherSign
from gateway.path.probe import probe
from gateway.path.standing import REPEATED_EVERY
from gateway.path.watcher import Probing, Watcher
from tests.conftest import _run, _use

RISK = {
    "level": "likely", "urgency": "emergency", "category": "self_harm_suicide", "subject": "prisoner", "scores": {},
    "model_version": "m-7",
}  # fmt: skip


def eventually(question: Callable[[], Any], within: float = 15) -> Any:
    end = time.monotonic() + within
    while not (answer := question()):
        assert time.monotonic() < end, f"still not so after {within} s"
        time.sleep(0.02)
    return answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@dataclass
class Rasa:
    """Answers as our channel and the action server do, and takes what is posted elsewhere; may hang."""

    hangs: threading.Event = field(default_factory=threading.Event)
    goes_on: threading.Event = field(default_factory=threading.Event)
    heard: list[tuple[str, str, bytes]] = field(default_factory=list)

    def answer(self, path: str) -> dict[str, Any]:
        if path.startswith("/webhooks/gateway") and self.hangs.is_set():
            self.goes_on.wait(30)
        if path.endswith("/understand"):
            return {"risk": RISK, "intent": "report_concern"}
        return {"replies": [{"text": "We have it.", "buttons": [], "sources": []}]}

    def server(self) -> ThreadingHTTPServer:
        rasa = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                rasa.heard.append((self.path, self.headers.get("X-Gateway-Signature", ""), body))
                sent = json.dumps(rasa.answer(self.path)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_POST = do_GET

            def log_message(self, *given: Any) -> None:
                """Keep the tests' output quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server


class Mailbox:
    """A mail server that takes everything, or nothing."""

    def __init__(self) -> None:
        self.refuses, self.taken = False, list[str]()

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        session.host_name = hostname
        return ["554 no service"] if self.refuses else responses

    async def handle_NOOP(self, server: SMTP, session: Any, envelope: Any, arg: str) -> str:
        return "421 no service" if self.refuses else "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "554 no service"
        self.taken.append(envelope.content.decode())
        return "250 OK"


class Running:
    """The service and what stands around it."""

    def __init__(self, folder: Path, rasa: Rasa, mailbox: Mailbox, url: str) -> None:
        self.folder, self.rasa, self.mailbox, self.url = folder, rasa, mailbox, url
        self.worker = self.start_worker()

    def start_worker(self) -> "subprocess.Popen[bytes]":
        worker = subprocess.Popen(
            [sys.executable, "-m", "gateway", "worker"], cwd=ROOT, env=dict(os.environ), stderr=subprocess.DEVNULL
        )
        eventually(lambda: checks.worker() is None and checks.clocks() is None)
        return worker


@pytest.fixture(scope="module")
def running(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    from web import create_app

    folder, rasa, mailbox = tmp_path_factory.mktemp("path"), Rasa(), Mailbox()
    name = f"path_{os.getpid()}"
    _run(postgres, f"CREATE DATABASE {name} TEMPLATE template_gateway STRATEGY FILE_COPY")
    port, mail_port = free_port(), free_port()
    stand_in, mail = rasa.server(), Controller(mailbox, hostname="127.0.0.1", port=mail_port)
    mail.start()
    address = f"http://127.0.0.1:{stand_in.server_port}"
    with pytest.MonkeyPatch.context() as changed:
        for variable, value in {
            "VAR_DIR": str(folder),
            "WEB_PORT": str(port),
            "RASA_URL": address,
            "ACTIONS_URL": address,
            "SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
            "ALARM_EMAIL": "operator@charity.example",
            "ALARM_SMS": "+447700900111",
            "ALARM_URL": f"{address}/alarm",
            "DEADMAN_URL": f"{address}/deadman",
            "DISK_LEAST_MB": "0",
            "DISK_LEAST_PERCENT": "0",
        }.items():
            changed.setenv(variable, value)
        _use(postgres.replace("/postgres?", f"/{name}?"))
        for provider in (adapters.sms_provider, adapters.email_provider):
            provider.cache_clear()
        web = make_server("127.0.0.1", port, create_app(), threaded=True)
        threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        made = Running(folder, rasa, mailbox, f"http://127.0.0.1:{port}")
        yield made
        made.worker.kill()
        made.worker.wait()
        web.shutdown()
        mail.stop()
        stand_in.shutdown()
        db.engine().dispose()
        _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")
    # Not jobs.app: gathering the tasks a second time in one process would rename them.
    for cached in (settings, adapters.sms_provider, adapters.email_provider):
        cached.cache_clear()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the checks wait for in seconds is shorter here."""
    monkeypatch.setattr(checks, "TIMEOUT_SECONDS", 1.0)
    for name in ("WORKER_SILENT_AFTER", "OVERDUE_AFTER"):
        monkeypatch.setattr(checks, name, timedelta(seconds=2))
    monkeypatch.setattr(checks, "CLOCKS_LATE_AFTER", timedelta(seconds=7))


class Watched:
    """A watcher whose patience runs on a clock that the test sets."""

    def __init__(self, running: Running, file: Path, names: set[str]) -> None:
        self.time, self._running, self._file = now(), running, file
        self._checks = [replace(check, every=0) for check in checks.all_checks() if check.name in names]
        self.start()
        self.after(0)
        self.after(100)  # the time in which a start is forgiven

    def start(self) -> None:
        self._watcher = Watcher(self._checks, self._file, lambda: self.time)

    def after(self, seconds: float) -> list[dict[str, Any]]:
        """What is raised in a round so many seconds after the last."""
        before = len(self.alarms())
        self.time += timedelta(seconds=seconds)
        self._watcher.round()
        return self.alarms()[before:]

    def alarms(self) -> list[dict[str, Any]]:
        file = self._running.folder / "alarms.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def is_told_within_two_minutes_of(self, name: str) -> dict[str, Any]:
        """No alarm in the first half minute, one before two are over, not again at once, and again after a while."""
        assert self.after(0) == [] and self.after(29) == []
        (alarm,) = self.after(60)
        assert alarm["state"] == "wrong" and name in alarm["checks"], alarm
        assert self.after(10) == []
        self.start()
        assert self.after(60) == [], "a watcher that was started again does not repeat itself"
        assert self.after(REPEATED_EVERY.total_seconds())[0]["checks"] == alarm["checks"]
        return alarm

    def is_well_again(self, name: str) -> None:
        (alarm,) = self.after(10)
        assert alarm["state"] == "well" and name in alarm["checks"]
        assert self.after(10) == []


@pytest.fixture
def watched(running: Running, quick: None, tmp_path: Path) -> Callable[..., Watched]:
    return lambda *names: Watched(running, tmp_path / "watcher.json", set(names))


def _count(table: Any, *where: Any) -> int:
    with unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


# ----- the synthetic message -----


def test_a_synthetic_message_goes_the_whole_path_and_is_closed(running: Running) -> None:
    began = time.monotonic()
    outcome = probe(10)

    assert outcome.ok, outcome
    assert time.monotonic() - began < 5
    with unit_of_work() as session:
        concern = session.scalars(select(Concern).order_by(Concern.id.desc()).limit(1)).one()
        media = set(session.scalars(select(Delivery.medium)))
        events = set(session.scalars(select(LogEntry.event).where(LogEntry.concern_id == concern.id)))
    assert (concern.status, concern.outcome, concern.next_alarm_at) == ("closed", "synthetic", None)
    assert {"concern:opened", "concern:routed", "concern:closed"} <= events
    assert media == {"path"}, "nothing goes to a real telephone or mailbox"
    assert (running.folder / "path" / "alert.json").exists() and not (running.folder / "outbox").exists()
    assert running.mailbox.taken == []


def test_health_path_tells_the_age_and_the_steps(running: Running) -> None:
    assert probe(10).ok
    answer = httpx.get(f"{running.url}/health/path")

    assert answer.status_code == 200 and answer.json()["ok"] is True
    assert 0 <= answer.json()["age_seconds"] < 5
    assert datetime.fromisoformat(answer.json()["last"]) <= now()
    steps = answer.json()["steps"]
    assert set(steps) == {"received", "understood", "logged", "delivered", "answered"}
    assert all(isinstance(seconds, float) for seconds in steps.values())


def test_each_synthetic_message_opens_a_concern_of_its_own(running: Running) -> None:
    before = _count(Concern)
    assert probe(10).ok and probe(10).ok

    assert _count(Concern) == before + 2
    assert _count(Conversation, Conversation.address.is_not(None)) == 1


def test_the_dead_mans_address_hears_of_each_that_came_through_and_of_each_that_did_not(running: Running) -> None:
    running.rasa.heard.clear()
    probing = Probing(every=20)
    probing.tend()
    eventually(lambda: ("/deadman", "", b"") in running.rasa.heard)

    Probing(every=0.1, send=lambda patience: probe(0)).tend()
    eventually(lambda: ("/deadman/fail", "", b"") in running.rasa.heard)


# ----- what people see -----


def test_a_person_sees_how_everything_stands(running: Running) -> None:
    assert probe(10).ok
    result = CliRunner().invoke(app, ["watcher", "--once"])

    assert result.exit_code == 0, result.output
    assert "ok    path        The synthetic message goes the whole path." in result.output
    assert len(result.output.splitlines()) == len(checks.all_checks())
    with unit_of_work() as session:
        assert session.get(WatcherSign, "watcher") is None, "a person who looks is no watcher"


def test_a_person_sees_what_is_wrong(running: Running, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "free_space", lambda folder: (10**12, -1))
    result = CliRunner().invoke(app, ["watcher", "--once"])

    assert result.exit_code == 1
    assert "FAIL  disk        The disk is nearly full" in result.output


def test_the_doctor_tells_the_age_of_the_path(running: Running) -> None:
    assert probe(10).ok

    assert "ok    The last synthetic message came the whole path " in CliRunner().invoke(app, ["doctor"]).output


# ----- each stop -----


def test_a_hung_rasa_is_told_by_every_channel_and_all_hear_when_it_is_well(
    running: Running, watched: Callable[..., Watched]
) -> None:
    running.rasa.heard.clear()
    running.mailbox.taken.clear()
    watching = watched("rasa")
    running.rasa.hangs.set()
    try:
        alarm = watching.is_told_within_two_minutes_of("rasa")
    finally:
        running.rasa.goes_on.set()
        running.rasa.hangs.clear()

    assert "does not read texts (ReadTimeout)" in alarm["body"] and "docs/runbooks/alarms.md" in alarm["body"]
    assert "ALARM Family Gateway: Rasa" in running.mailbox.taken[0]
    assert "ALARM" in (running.folder / "outbox" / "sms.jsonl").read_text()
    posted = [(signature, body) for path, signature, body in running.rasa.heard if path == "/alarm"]
    assert posted and json.loads(posted[0][1])["checks"] == ["rasa"]
    watching.is_well_again("rasa")


def test_a_mail_server_that_refuses_is_told_by_the_other_channels(
    running: Running, watched: Callable[..., Watched]
) -> None:
    watching = watched("mail")
    running.mailbox.refuses = True
    running.rasa.heard.clear()
    try:
        alarm = watching.is_told_within_two_minutes_of("mail")
    finally:
        running.mailbox.refuses = False

    assert "does not let us in" in alarm["body"]
    assert [path for path, *_ in running.rasa.heard if path == "/alarm"]
    watching.is_well_again("mail")


def test_a_full_disk_is_told(
    running: Running, watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = watched("disk")
    with monkeypatch.context() as full:
        full.setattr(checks, "free_space", lambda folder: (10**12, -1))
        watching.is_told_within_two_minutes_of("disk")
    watching.is_well_again("disk")


def test_a_disk_that_takes_no_file_is_told(running: Running, watched: Callable[..., Watched]) -> None:
    watching = watched("disk")
    trial = running.folder / "watcher.trial"
    trial.unlink()
    trial.mkdir()
    try:
        alarm = watching.is_told_within_two_minutes_of("disk")
    finally:
        trial.rmdir()
    assert "does not take a file" in alarm["body"]
    watching.is_well_again("disk")


def test_a_database_that_is_away_is_one_alarm_and_not_five(
    running: Running, watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = watched("database", "worker", "clocks", "queue", "path")
    monkeypatch.setattr(checks, "database_url", lambda: "postgresql://127.0.0.1:9/away")
    alarm = watching.is_told_within_two_minutes_of("database")

    assert alarm["checks"] == ["database"]


def test_a_stopped_clock_is_told(running: Running, watched: Callable[..., Watched]) -> None:
    watching = watched("clocks")
    with unit_of_work() as session:
        session.execute(text("LOCK TABLE procrastinate_periodic_defers IN SHARE ROW EXCLUSIVE MODE"))
        # Seen from outside, the worker's clock stands still while this transaction holds the table.
        eventually(lambda: checks.clocks() is not None)
        watching.is_told_within_two_minutes_of("clocks")
    eventually(lambda: checks.clocks() is None)
    watching.is_well_again("clocks")


def test_a_worker_that_dies_is_told_and_what_waits_for_it_is_overdue(
    running: Running, watched: Callable[..., Watched]
) -> None:
    watching = watched("worker")
    running.worker.send_signal(signal.SIGKILL)
    running.worker.wait()
    try:
        eventually(lambda: checks.worker() is not None)
        assert not probe(1).ok
        watching.is_told_within_two_minutes_of("worker")
        eventually(lambda: checks.queue() is not None)
        assert "conversations" in str(checks.queue())
    finally:
        running.worker = running.start_worker()
    watching.is_well_again("worker")
