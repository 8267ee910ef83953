"""The whole service, started as `make run` starts it, on ports and a database of its own."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psutil
import pytest
from twilio.request_validator import RequestValidator

from evaluation.service import TWILIO_TOKEN, Service

# Short, so that a test need not wait half a minute; the service's own default is 30 s.
HOLDING_AFTER = 6


def eventually(question: Callable[[], Any], within: float = 30, every: float = 0.1) -> Any:
    """Ask until the answer is true, and give it. Fails when time runs out."""
    end = time.monotonic() + within
    while not (answer := question()):
        assert time.monotonic() < end, f"still not so after {within} s"
        time.sleep(every)
    return answer


class Stack(Service):
    """A running service and what a test does to it."""

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

    def find(self, name: str) -> list[psutil.Process]:
        """The processes of one kind: rasa, actions, worker, watcher or web (its workers with it)."""
        ours = psutil.Process(self.process.pid).children(recursive=True)
        words = {
            "rasa": "rasa run",
            "actions": "-m gateway actions",
            "worker": "-m gateway worker",
            "web": "-m gateway web",
            "watcher": "-m gateway watcher",
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


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running service; stopped as Ctrl-C stops it."""
    running = Stack.start(tmp_path_factory.mktemp("stack"), HOLDING_AFTER=str(HOLDING_AFTER), CHAT_WAIT="8")
    yield running
    running.stop()
