"""Placing a call: what Twilio is asked for on the wire, how it can fail, and the stand-in's file."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from gateway.adapters import Refused, Unreachable, voice_provider
from gateway.adapters.console_voice import ConsoleVoice
from gateway.adapters.twilio_voice import TwilioVoice
from gateway.deliveries.call_token import read
from gateway.deliveries.models import Delivery

SID = "CA" + "1" * 32


class Calls(BaseHTTPRequestHandler):
    """Twilio's Calls resource: keeps what it is asked and answers what the test wants."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append((self.path, {name: value[0] for name, value in parse_qs(body).items()}))
        status, answer = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None:
        pass


class Elsewhere(TwilioHttpClient):
    """Sends what is meant for Twilio to another address."""

    def __init__(self, port: int) -> None:
        super().__init__(timeout=1)
        self._port = port

    def request(self, method, url, *args, **more):  # type: ignore[no-untyped-def]
        return super().request(
            method, url.replace("https://api.twilio.com", f"http://127.0.0.1:{self._port}"), *args, **more
        )


@pytest.fixture
def twilio() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Calls)
    server.asked, server.answer = [], (201, {"sid": SID})
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def voice(port: int) -> TwilioVoice:
    client = Client("AC" + "0" * 32, "token", http_client=Elsewhere(port))
    return TwilioVoice(client, "+447700900000", "https://gateway.example")


def a_call(id: int = 7) -> Delivery:
    return Delivery(id=id, medium="call", address="+447700900111", body="", reason="alert")


def test_a_call_is_placed_with_our_webhooks_and_ends_by_itself(twilio: HTTPServer) -> None:
    assert voice(twilio.server_port).send(a_call()) == SID

    ((path, asked),) = twilio.asked
    assert path.endswith("/Calls.json")
    assert (asked["To"], asked["From"]) == ("+447700900111", "+447700900000")
    where, token = asked["Url"].rsplit("/", 1)
    assert where == "https://gateway.example/voice/twilio/concern" and read(token) == 7
    assert asked["StatusCallback"] == f"https://gateway.example/voice/twilio/status/{token}"
    assert asked["MachineDetection"] == "Enable"
    assert 0 < int(asked["Timeout"]) <= 60 and 0 < int(asked["TimeLimit"]) <= 300


@pytest.mark.parametrize(
    "status, code, kind",
    [(400, 21211, Refused), (400, 21215, Refused), (429, 20429, Unreachable), (500, 20500, Unreachable)],
)
def test_twilios_no_is_final_only_where_trying_again_cannot_help(
    twilio: HTTPServer, status: int, code: int, kind: type[Exception]
) -> None:
    twilio.answer = (status, {"code": code, "message": "no", "status": status})

    with pytest.raises(kind, match=f"twilio-{code}"):
        voice(twilio.server_port).send(a_call())


def test_a_twilio_that_is_away_is_unreachable(twilio: HTTPServer) -> None:
    port = twilio.server_port
    twilio.shutdown()
    twilio.server_close()

    with pytest.raises(Unreachable):
        voice(port).send(a_call())


def test_without_twilio_a_call_becomes_a_line_of_a_file_and_is_found_again(tmp_path: Path) -> None:
    provider = ConsoleVoice(tmp_path, "http://localhost:8080")
    assert provider.find(a_call()) == []

    assert [provider.send(a_call())] == provider.find(a_call()) == ["console-7"]
    assert provider.find(a_call(id=8)) == []
    (line,) = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
    assert line["to"] == "+447700900111" and read(line["url"].rsplit("/", 1)[1]) == 7


def test_the_configuration_chooses_the_stand_in() -> None:
    voice_provider.cache_clear()

    assert isinstance(voice_provider(), ConsoleVoice)
