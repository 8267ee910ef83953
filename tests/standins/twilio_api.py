"""A stand-in for Twilio's REST API: a real HTTP server that keeps what it takes and fails as it is told.

    with TwilioApi() as twilio:
        twilio.fail(SERVER_ERROR, RESET_AFTER_ACCEPT)  # the next two requests; all others are answered well
        ...  # TWILIO_API_URL = twilio.url
        assert twilio.messages[0]["body"] == "..."

By itself: `python -m tests.standins.twilio_api --port 8099`. Other processes then steer it by HTTP:
POST /stand-in/faults with a list of faults as JSON, GET /stand-in/accepted, PUT /stand-in/media?path=/2010-04-01/...
"""

import argparse
import json
import re
import socket
import struct
import threading
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

PAGE = 50  # Twilio's own page size
LONGEST_HANG_SECONDS = 60.0


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one request. `accept`: it is taken all the same, as when only the answer is lost."""

    status: int = 0  # answer with this status and, if given, Twilio's code
    code: int | None = None
    accept: bool = False
    reset: bool = False  # cut the connection in place of an answer
    seconds: float = 0.0  # wait so long before anything else of the answer
    on: str = ""  # only a request whose method and path hold this, such as "POST"; others pass by


SERVER_ERROR = Fault(status=500, code=20500)
TOO_MANY = Fault(status=429, code=20429)
RESET = Fault(reset=True)
RESET_AFTER_ACCEPT = Fault(accept=True, reset=True)
HANG = Fault(seconds=LONGEST_HANG_SECONDS, reset=True)
HANG_AFTER_ACCEPT = Fault(accept=True, seconds=LONGEST_HANG_SECONDS, reset=True)


def refusal(code: int) -> Fault:
    """The request can never be granted, for Twilio's reason `code`, such as 21610."""
    return Fault(status=400, code=code)


def slow(seconds: float) -> Fault:
    """Everything goes well, but late."""
    return Fault(accept=True, seconds=seconds)


class TwilioApi:
    """The server: `messages` and `calls` are what it took, oldest first; `media` what it hands out by path."""

    def __init__(self, port: int = 0, account: str = "AC" + "0" * 32, token: str = "") -> None:
        """With a `token`, whoever does not sign in with it and the account is turned away."""
        self.account, self.token = account, token
        self.messages: list[dict[str, Any]] = []
        self.calls: list[dict[str, Any]] = []
        self.media: dict[str, tuple[bytes, str]] = {}
        self.moved: dict[str, str] = {}  # by path, where it has gone: Twilio redirects those who ask for media
        self.requests: list[str] = []  # method and path of each
        self.choose: Callable[[str, dict[str, str]], Fault | None] | None = None  # asked first, by method+path and form
        self._faults: deque[Fault] = deque()
        self._lock, self.closing = threading.Lock(), threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "TwilioApi":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def serve_forever(self) -> None:
        """Serve in this thread, until the process ends."""
        self._server.serve_forever()

    def fail(self, *faults: Fault) -> None:
        """The next requests go wrong, one after the other."""
        with self._lock:
            self._faults.extend(faults)

    def fault_for(self, request: str, form: dict[str, str]) -> Fault:
        """What goes wrong with this request; an empty fault when nothing does."""
        with self._lock:
            self.requests.append(request)
        if self.choose and (chosen := self.choose(request, form)):
            return chosen
        with self._lock:
            found = next((fault for fault in self._faults if fault.on in request), None)
            if found is not None:
                self._faults.remove(found)
        return found or Fault(accept=True)

    def take(self, kind: str, form: dict[str, str]) -> dict[str, Any]:
        """Keep a message or a call, and give it as Twilio shows it."""
        at = format_datetime(datetime.now(UTC), usegmt=False)
        made = {
            "sid": ("SM" if kind == "Messages" else "CA") + uuid4().hex,
            "account_sid": self.account, "status": "queued", "to": form.get("To"), "from": form.get("From"),
            "body": form.get("Body"), "date_created": at, "date_sent": at, "date_updated": at,
            "direction": "outbound-api", "error_code": None, "error_message": None, "form": form,
        }  # fmt: skip
        with self._lock:
            (self.messages if kind == "Messages" else self.calls).append(made)
        return made

    def listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        """The messages that a list asks for, the newest first, as Twilio sorts them."""
        since = datetime.fromisoformat(query.get("DateSent>", "1970-01-01T00:00:00Z"))
        with self._lock:
            found = [m for m in self.messages if query.get("To") in (None, m["to"])]
        wanted = [m for m in found if parsedate_to_datetime(m["date_sent"] or m["date_created"]) >= since]
        return wanted[::-1][: int(query.get("PageSize", PAGE))]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], api: TwilioApi) -> None:
        super().__init__(address, _Handler)
        self.api = api

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that have gone are what this server is for."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: tests read what it kept."""

    def _serve(self) -> None:
        api, path = self.server.api, urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path.path.startswith("/stand-in/"):
            return self._steer(path.path, _flat(path.query), body)
        form = _flat(body.decode()) if self.command == "POST" else _flat(path.query)
        fault = api.fault_for(f"{self.command} {path.path}", form)
        taken = self._answer(path.path, form) if fault.accept else None
        if fault.seconds:
            api.closing.wait(fault.seconds)
        if fault.reset:
            return self._reset()
        status, answer = taken or (fault.status, {"code": fault.code, "message": "as told", "status": fault.status})
        self._say(status, answer)

    def _answer(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        api = self.server.api
        if not self._signed_in():
            return 401, {"code": 20003, "message": "Authenticate", "status": 401}
        if path in api.moved:
            return 307, (b"", api.moved[path])
        if path in api.media:
            return 200, api.media[path]
        if one := re.fullmatch(r"/2010-04-01/Accounts/\w+/Messages/(\w+)\.json", path):
            return self._one(one[1])
        if not re.fullmatch(r"/2010-04-01/Accounts/\w+/(Messages|Calls)\.json", path):
            return 404, {"code": 20404, "message": f"nothing at {path}", "status": 404}
        if self.command == "POST":
            return 201, api.take("Calls" if path.endswith("Calls.json") else "Messages", form)
        return 200, {"messages": api.listed(form), "next_page_uri": None, "page": 0, "page_size": PAGE}

    def _one(self, sid: str) -> tuple[int, Any]:
        found = next((message for message in self.server.api.messages if message["sid"] == sid), None)
        return (200, found) if found else (404, {"code": 20404, "message": f"no {sid}", "status": 404})

    def _signed_in(self) -> bool:
        api = self.server.api
        basic = b64encode(f"{api.account}:{api.token}".encode()).decode()
        return not api.token or self.headers.get("Authorization") == f"Basic {basic}"

    def _steer(self, path: str, query: dict[str, str], body: bytes) -> None:
        api = self.server.api
        if path == "/stand-in/faults":
            api.fail(*(Fault(**fault) for fault in json.loads(body)))
        elif path == "/stand-in/media":
            api.media[query["path"]] = body, self.headers.get("Content-Type", "application/octet-stream")
        self._say(200, {"messages": api.messages, "calls": api.calls})

    def _say(self, status: int, answer: Any) -> None:
        body, kind = answer if isinstance(answer, tuple) else (json.dumps(answer).encode(), "application/json")
        self.send_response(status)
        self.send_header("Location" if status == 307 else "Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        """Closing with nothing to linger for sends a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


def _flat(encoded: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(encoded, keep_blank_values=True).items()}


def main(given: Iterable[str] | None = None) -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="A stand-in for Twilio's REST API.")
    parser.add_argument("--port", type=int, default=8099)
    arguments = parser.parse_args(list(given) if given is not None else None)
    api = TwilioApi(port=arguments.port)
    print(f"TWILIO_API_URL={api.url}", flush=True)
    api.serve_forever()


if __name__ == "__main__":
    main()
