"""The whole service, started as `make run` starts it, on ports and a database of its own.

The evaluation, the benchmark (scripts/bench.py) and the tests of the whole service (tests/stack) start it so.
"""

import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parents[1]
GATEWAY = ROOT / ".venv" / "bin" / "gateway"
SECRET_KEY = "only for a service of our own, to be measured or tested"
# Without Twilio's token texts are signed with a key made from SECRET_KEY: gateway/config.py.
TWILIO_TOKEN = hmac.new(SECRET_KEY.encode(), b"inbound sms stand-in", hashlib.sha256).hexdigest()
DATA_KEY = "Zm9yIGEgc2VydmljZSBvZiBvdXIgb3duLCAzMiBsb24="
READY_WITHIN_SECONDS = 180


class DidNotStart(Exception):
    """The service ended or did not get ready; the message holds the end of what it said."""


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def settings_for(folder: Path, **changes: str) -> dict[str, str]:
    """The environment of a service that keeps everything under `folder`; `changes` are settings of .env.example."""
    web = free_port()
    return {
        **os.environ,
        "SECRET_KEY": SECRET_KEY,
        "DATA_KEYS": DATA_KEY,
        "DATABASE_URL": "",
        "VAR_DIR": str(folder / "var"),
        "WEB_PORT": str(web),
        "PUBLIC_URL": f"http://127.0.0.1:{web}",
        "RASA_URL": f"http://127.0.0.1:{free_port()}",
        "ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
        "TWILIO_AUTH_TOKEN": "",
        "TWILIO_NUMBER": "",
        "TWILIO_ACCOUNT_SID": "",
        **changes,
    }


@dataclass
class Service:
    """A running service."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    log: Path
    url: str

    @classmethod
    def start(cls, folder: Path, **changes: str) -> Self:
        """Start it and wait until everything answers. Raises DidNotStart."""
        values, log = settings_for(folder, **changes), folder / "run.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [GATEWAY, "run"],
                env=values,
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        service = cls(process, values, log, values["PUBLIC_URL"])
        service._wait_until_ready()
        return service

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_WITHIN_SECONDS
        while "is ready" not in (said := self.log.read_text(errors="replace")):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise DidNotStart(said[-3000:])
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop it as Ctrl-C does; nothing happens when it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    @property
    def outbox(self) -> Path:
        """Where the stand-ins for Twilio and the mail server write."""
        return Path(self.environment["VAR_DIR"]) / "outbox"

    def gateway(self, *arguments: str) -> str:
        """What a `gateway` command prints, run beside the service."""
        return self.run(str(GATEWAY), *arguments)

    def run(self, *command: str) -> str:
        """What a command prints, run with the settings of the service."""
        done = subprocess.run(command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, *arguments: str) -> list[dict[str, Any]]:
        """What an export command prints."""
        return [json.loads(line) for line in self.gateway(*arguments).splitlines()]

    def read(self, conversation: str, after: int = 0) -> list[dict[str, Any]]:
        """What the service has said in a conversation of the chat since a message."""
        parameters: dict[str, str | int] = {"conversation": conversation, "after": after}
        return httpx.get(f"{self.url}/chat/api/messages", params=parameters, timeout=10).json()["messages"]


@contextmanager
def running(**changes: str) -> Iterator[Service]:
    """A service for a while; everything it kept is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the PostgreSQL that comes along runs as another user when we are root
        service = Service.start(folder, **changes)
        try:
            yield service
        finally:
            service.stop()
