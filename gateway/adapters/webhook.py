"""Alerts as signed JSON, for a prison's own duty system."""

import hashlib
import hmac
from collections.abc import Sequence

import httpx

from gateway.adapters.errors import Refused, Unreachable
from gateway.db import now
from gateway.deliveries.models import Delivery

TIMEOUT_SECONDS = 10
# The receiver asks for patience: https://www.rfc-editor.org/rfc/rfc9110#name-client-error-4xx and RFC 6585 for 429.
TRY_AGAIN = {408, 425, 429}


def signature(secret: str, timestamp: str, body: str) -> str:
    """HMAC-SHA256 of the timestamp, a full stop and the body, as hexadecimal digits."""
    return hmac.new(secret.encode(), f"{timestamp}.{body}".encode(), hashlib.sha256).hexdigest()


class Webhook:
    """Posts a delivery's body; only a 2xx means that it was taken."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def send(self, delivery: Delivery) -> str:
        if not self._secret:
            raise Refused("no-webhook-secret")
        try:
            response = httpx.post(
                delivery.address,
                content=delivery.body.encode(),
                headers=self._headers(delivery),
                timeout=TIMEOUT_SECONDS,
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Refused(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from error
        if not response.is_success:
            permanent = response.status_code < 500 and response.status_code not in TRY_AGAIN
            raise (Refused if permanent else Unreachable)(f"http-{response.status_code}")
        return f"webhook-{delivery.id}"

    def find(self, delivery: Delivery) -> Sequence[str]:
        """A receiver cannot be asked. One that gets an alert twice knows it by its `Gateway-Delivery`."""
        return []

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        timestamp = str(int(now().timestamp()))
        return {
            "Content-Type": "application/json",
            "Gateway-Delivery": str(delivery.id),
            "Gateway-Timestamp": timestamp,
            "Gateway-Signature": f"sha256={signature(self._secret, timestamp, delivery.body)}",
        }
