"""The whole service, started as `make run` starts it, on ports and a database of its own."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from twilio.request_validator import RequestValidator

ROOT = Path(__file__).resolve().parents[2]
GATEWAY = ROOT / ".venv" / "bin" / "gateway"
TWILIO_TOKEN = "a token of the tests"
READY_WITHIN = 180
# Short, so that a test need not wait half a minute; the service's own default is 30 s.
HOLDING_AFTER = 6


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def eventually(question: Callable[[], Any], within: float = 30, every: float = 0.1) -> Any:
    """Ask until the answer is true, and give it. Fails when time runs out."""
    end = time.monotonic() + within
    while not (answer := question()):
        assert time.monotonic() < end, f"still not so after {within} s"
        time.sleep(every)
    return answer


@dataclass
class Stack:
    """A running service and what a test does to it."""

    process: subprocess.Popen[str]
    environment: dict[str, str]
    log: Path
    url: str

    @property
    def outbox(self) -> Path:
        return Path(self.environment["VAR_DIR"]) / "outbox"

    def gateway(self, *arguments: str) -> str:
        """Run a `gateway` command beside the service."""
        done = subprocess.run(
            [GATEWAY, *arguments], env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, *arguments: str) -> list[dict]:
        """What an export command prints."""
        return [json.loads(line) for line in self.gateway(*arguments).splitlines()]

    def texts_to(self, number: str) -> list[str]:
        """What the SMS stand-in has sent to a number."""
        file = self.outbox / "sms.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [line["text"] for line in lines if line["to"] == number]

    def alerts_about(self, reference: str) -> list[str]:
        """The mails to staff that name a concern."""
        mails = [path.read_text() for path in sorted(self.outbox.glob("*.eml"))]
        return [mail for mail in mails if reference in mail]

    def text_as(self, number: str, text: str, sid: str, **more: str) -> httpx.Response:
        """Post a text message as Twilio would."""
        parameters = {"MessageSid": sid, "From": number, "To": "+447700900999", "Body": text, "NumMedia": "0", **more}
        address = f"{self.url}/sms/twilio"
        signature = RequestValidator(TWILIO_TOKEN).compute_signature(address, parameters)
        return httpx.post(address, data=parameters, headers={"X-Twilio-Signature": signature}, timeout=10)

    def ask(self, text: str, conversation: str | None = None) -> dict:
        """Post a message as the chat page would."""
        body = {"text": text} | ({"conversation": conversation} if conversation else {})
        answer = httpx.post(f"{self.url}/chat/api/messages", json=body, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, conversation: str) -> list[dict]:
        """All that the service has said in a conversation."""
        parameters: dict[str, str | int] = {"conversation": conversation, "after": 0}
        return httpx.get(f"{self.url}/chat/api/messages", params=parameters, timeout=10).json()["messages"]

    def find(self, name: str) -> list[psutil.Process]:
        """The processes of one kind: rasa, actions, worker or web (its workers with it)."""
        ours = psutil.Process(self.process.pid).children(recursive=True)
        words = {
            "rasa": "rasa run",
            "actions": "-m gateway actions",
            "worker": "-m gateway worker",
            "web": "-m gateway web",
        }
        return [process for process in ours if words[name] in _command(process)]

    def kill(self, name: str) -> None:
        """kill -9, without warning."""
        for process in self.find(name):
            process.send_signal(signal.SIGKILL)

    def is_healthy(self) -> bool:
        """Whether web, Rasa and the action server all answer."""
        urls = (f"{self.url}/health", self.environment["RASA_URL"], f"{self.environment['ACTIONS_URL']}/health")
        try:
            return all(httpx.get(url, timeout=2).status_code == 200 for url in urls)
        except httpx.HTTPError:
            return False


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def settings_for(folder: Path) -> dict[str, str]:
    """The environment of a service of the tests' own."""
    web = free_port()
    return os.environ | {
        "SECRET_KEY": "only for the tests of the whole service",
        "DATABASE_URL": "",
        "VAR_DIR": str(folder / "var"),
        "PUBLIC_URL": f"http://127.0.0.1:{web}",
        "WEB_PORT": str(web),
        "RASA_URL": f"http://127.0.0.1:{free_port()}",
        "ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
        "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_ACCOUNT_SID": "",
        "HOLDING_AFTER": str(HOLDING_AFTER),
        "CHAT_WAIT": "8",
    }


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running service; stopped as Ctrl-C stops it."""
    folder = tmp_path_factory.mktemp("stack")
    values, log = settings_for(folder), folder / "run.log"
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
    running = Stack(process, values, log, values["PUBLIC_URL"])

    def ready() -> bool:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        return "is ready" in log.read_text(errors="replace")

    eventually(ready, within=READY_WITHIN, every=0.5)
    yield running
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
