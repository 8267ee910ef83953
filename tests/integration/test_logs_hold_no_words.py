"""A text goes the whole way, from the webhook of a real server to the family and to staff; then every log is read."""

import io
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from gateway import logs
from gateway.adapters.rasa import Rasa
from gateway.concerns.models import Concern
from gateway.config import settings
from gateway.conversations.jobs import converse
from gateway.conversations.models import Message
from gateway.db import database_url, unit_of_work
from gateway.deliveries.jobs import deliver
from gateway.deliveries.models import Delivery

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "+447700900817"
WORDS = "Zebulon Quackenthorpe A9137ZQ swallowed the marmalade spoons"
REPLY = "Flugelhorn: ring the switchboard"
PLANTED = ["zebulon", "quackenthorpe", "a9137zq", "marmalade", "flugelhorn", "7700900817", "7700 900817", "900817"]
SAID = {"text": REPLY, "buttons": [], "sources": []}
RISK = {
    "level": "likely", "urgency": "emergency", "category": "self_harm_suicide", "subject": "prisoner",
    "scores": {}, "model_version": "m-1",
}  # fmt: skip


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log of this process as the worker has it, with ours down to DEBUG."""
    root, lines = logging.getLogger(), io.StringIO()
    before = root.handlers[:], root.level
    logs.set_up()
    for name in logs.OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    (handler,) = (handler for handler in root.handlers if isinstance(handler.formatter, logs.JsonLines))
    handler.setStream(lines)  # type: ignore[attr-defined]
    yield lines
    root.handlers, root.level = before[0], before[1]
    for name in logs.OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.fixture
def rasa(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            understand = self.path.endswith("understand")
            answer = {"risk": RISK, "intent": "greet"} if understand else {"replies": [SAID], "repeated": False}
            sent = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *given: Any) -> None:
            """The stand-in is not under test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    client = Rasa(f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(Rasa, "shared", staticmethod(lambda: client))
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def web_process(database: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`gateway web` as it is started, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    values = os.environ | {"WEB_PORT": str(port), "DATABASE_URL": database_url(), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "web"], cwd=ROOT, env=values, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    yield f"http://127.0.0.1:{port}", process
    process.kill()
    process.wait()


def _text(address: str, body: str, sid: str) -> int:
    form = {"MessageSid": sid, "From": NUMBER, "To": "+447700900000", "Body": body}
    signer = RequestValidator(settings().sms_signing_key)
    signed = signer.compute_signature(f"{settings().public_url}/sms/twilio", MultiDict(form))
    return httpx.post(f"{address}/sms/twilio", data=form, headers={"X-Twilio-Signature": signed}).status_code


def _work() -> None:
    """What the worker does: answer what came, then bring the reply and the alerts."""
    with unit_of_work() as session:
        came = session.scalars(select(Message.id).where(Message.state == "accepted")).all()
    for message_id in came:
        converse(message_id=message_id)
    with unit_of_work() as session:
        queued = session.scalars(select(Delivery.id).where(Delivery.state == "queued")).all()
    for delivery_id in queued:
        deliver(SimpleNamespace(job=SimpleNamespace(attempts=0)), delivery_id=delivery_id)


def _wait_for(address: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{address}/health")
            return
        except httpx.TransportError:
            threading.Event().wait(0.1)
    raise AssertionError("the web process does not start")


def test_no_log_holds_words_a_name_or_a_number(web_process, rasa, written):
    address, process = web_process
    _wait_for(address)
    assert _text(address, WORDS, "SM1") == 200
    httpx.post(f"{address}/sms/twilio", data={"MessageSid": "SM2", "From": NUMBER, "Body": WORDS})
    token = httpx.post(f"{address}/chat/api/messages", json={"text": WORDS}, timeout=20).json()["conversation"]
    httpx.get(f"{address}/chat/api/messages", params={"conversation": token, "own": "1", "after": WORDS})
    _work()
    _fail_with_the_words()
    process.terminate()
    everything = (written.getvalue() + process.communicate(timeout=30)[0]).lower()

    with unit_of_work() as session:
        assert len(session.scalars(select(Concern)).all()) == 2
        assert {row.state for row in session.scalars(select(Delivery))} == {"sent"}
    for event in ("sms.forged_webhook", "delivery.sent", "test.failed"):
        assert event in everything
    assert [planted for planted in [*PLANTED, token.lower()] if planted in everything] == []


def _fail_with_the_words() -> None:
    """The database refuses a row, and its error quotes it."""
    try:
        with unit_of_work() as session:
            session.add(Message(sender="nobody", text=WORDS, state="out", conversation_id=None))
    except Exception:
        logging.getLogger("gateway.test").exception("test.failed", extra={"message_id": 1})
