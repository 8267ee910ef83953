"""Sending one synthetic message the whole way, as a family's text comes: from the webhook on."""

import time
import uuid
from dataclasses import dataclass

import httpx
from sqlalchemy.exc import SQLAlchemyError

from gateway.adapters import own_webhook
from gateway.config import settings
from gateway.db import unit_of_work
from gateway.path import service
from gateway.wording import say

LOOK_EVERY_SECONDS = 0.2
POST_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True)
class Outcome:
    """How a probe ended. `fault` is a code that may be logged, empty when it came all the way."""

    fault: str = ""

    @property
    def ok(self) -> bool:
        return not self.fault


def probe(patience: float) -> Outcome:
    """Send one and follow it for so many seconds."""
    sid = f"SM{uuid.uuid4().hex}"
    try:
        with unit_of_work() as session:
            service.begin(session, sid)
        answer = own_webhook.post(
            own_webhook.form(settings().probe_number, say("path.message"), sid), timeout=POST_TIMEOUT_SECONDS
        )
        if answer.is_error:
            return Outcome(f"webhook-{answer.status_code}")
        return Outcome() if _came_through(sid, patience) else Outcome("late")
    except (httpx.HTTPError, SQLAlchemyError, service.NumberInUse) as error:
        return Outcome(type(error).__name__)


def _came_through(sid: str, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        with unit_of_work() as session:
            if service.follow(session, sid):
                return True
        if time.monotonic() >= end:
            return False
        time.sleep(LOOK_EVERY_SECONDS)
