"""A stand-in for Rasa: the gateway channel's two addresses, quick, and wrong when told to be."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from faults.mishaps import Mishaps

# Longer than the worker waits for an answer (gateway/adapters/rasa.py).
HANG_SECONDS = 11.0
SLOW_SECONDS = 0.5


class RasaStandIn(ThreadingHTTPServer):
    """Any text with «worry» in it is a likely concern; every message gets one reply that names its id."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.mishaps = Mishaps(seed)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """What RASA_URL must be."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that was killed is no error here."""


class _Handler(BaseHTTPRequestHandler):
    server: RasaStandIn
    protocol_version = "HTTP/1.1"

    def log_message(self, *given: Any) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mishap = self.server.mishaps.draw()
        if mishap == "reset":
            self.close_connection = True
            return
        if mishap in ("hang", "slow"):
            time.sleep(HANG_SECONDS if mishap == "hang" else SLOW_SECONDS)
        if mishap in ("500", "503"):
            self._answer(int(mishap), {})
            return
        self._answer(200, _understood(body) if self.path.endswith("/understand") else _replies(body))

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        sent = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)


def _understood(body: dict[str, Any]) -> dict[str, Any]:
    worry = "worry" in body["text"]
    risk = {
        "level": "likely" if worry else "none",
        "urgency": "emergency" if worry else None,
        "category": "self_harm_suicide" if worry else None,
        "subject": "prisoner" if worry else None,
        "scores": {},
        "model_version": "stand-in",
    }
    return {"risk": risk, "intent": "none"}


def _replies(body: dict[str, Any]) -> dict[str, Any]:
    text = f"Reply to {body['id']}."
    return {"replies": [{"text": text, "buttons": [], "sources": [], "answer": None}]}
