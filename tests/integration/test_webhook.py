"""Alerts as signed JSON, told to a real server."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from factories import a_concern
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.adapters import Refused, Unreachable
from gateway.adapters.webhook import Webhook
from gateway.deliveries import jobs
from gateway.deliveries.models import Delivery
from gateway.routing import service as routing_service
from gateway.routing.routes import Contact, Routing, Step, routing
from gateway.routing.service import alert

SECRET = "a secret of the test"


class Receiver(ThreadingHTTPServer):
    """Keeps what comes, and answers as it is told."""

    answers = 204

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.came: list[tuple[dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/alert"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(self.server.answers)  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the test looks at what came."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _delivery(address: str) -> Delivery:
    return Delivery(id=7, medium="webhook", address=address, body='{"reference": "ABC-4KQ7"}', reason="alert")


def test_what_comes_is_signed_with_its_time_so_that_the_receiver_can_trust_it(receiver: Receiver) -> None:
    assert Webhook(SECRET).send(_delivery(receiver.address)) == "webhook-7"

    ((headers, body),) = receiver.came
    signed = hmac.new(SECRET.encode(), headers["Gateway-Timestamp"].encode() + b"." + body, hashlib.sha256)
    assert headers["Gateway-Signature"] == f"sha256={signed.hexdigest()}"
    assert headers["Gateway-Delivery"] == "7" and headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"reference": "ABC-4KQ7"}


@pytest.mark.parametrize(
    "status, error", [(400, Refused), (404, Refused), (302, Refused), (429, Unreachable), (500, Unreachable)]
)
def test_only_a_success_counts_and_what_may_pass_is_tried_again(
    receiver: Receiver, status: int, error: type[Exception]
) -> None:
    receiver.answers = status

    with pytest.raises(error, match=f"http-{status}"):
        Webhook(SECRET).send(_delivery(receiver.address))


def test_a_receiver_that_is_away_is_tried_again() -> None:
    with pytest.raises(Unreachable, match="ConnectError"):
        Webhook(SECRET).send(_delivery("http://127.0.0.1:9/alert"))


def test_without_a_secret_nothing_is_sent(receiver: Receiver) -> None:
    with pytest.raises(Refused, match="no-webhook-secret"):
        Webhook("").send(_delivery(receiver.address))
    assert receiver.came == []


def test_a_medium_that_nothing_brings_is_refused_and_not_tried_for_ever() -> None:
    with pytest.raises(Refused, match="no-provider-for-pigeon"):
        jobs._provider("pigeon")


def test_a_webhook_and_a_call_are_told_no_name_and_no_words(work: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    told = (Contact("webhook", "https://duty.example/alert"), Contact("call", "+447700900124"))
    by_both = Routing(routing().clocks, routing().acknowledged_clocks, {"default": (Step("all", told, told),)})
    monkeypatch.setattr(routing_service, "steps_of", lambda concern: by_both.ladders["default"])
    concern = a_concern(work, "my son Kyle will do it tonight", details={"prisoner_name": "Kyle Thompson"})
    alert(work, concern, reason="alert")

    found = list(work.scalars(select(Delivery).where(Delivery.concern_id == concern.id).order_by(Delivery.id)))[-2:]
    assert [(one.medium, one.address) for one in found] == [(one.medium, one.address) for one in told]
    assert not any("Kyle" in one.body or "tonight" in one.body for one in found)
    facts = json.loads(found[0].body)
    assert facts["reference"] == concern.reference and facts["urgency"] == "urgent" and facts["prison_id"] == "LEI"
    assert facts["next_alarm_at"] == concern.next_alarm_at.isoformat()
