"""How long the certificate of PUBLIC_URL is still good."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from gateway.config import settings
from gateway.db import now
from gateway.wording import say

TIMEOUT_SECONDS = 5.0
RENEWED_BEFORE = timedelta(days=7)


def look(context: ssl.SSLContext | None = None) -> str | None:
    """What is wrong with it. That the address cannot be reached from here is no fault of the certificate."""
    address = urlsplit(settings().public_url)
    if address.scheme != "https" or not address.hostname:
        return None
    try:
        ends = _ends(address.hostname, address.port or 443, context or ssl.create_default_context())
    except ssl.SSLCertVerificationError as error:
        return say("alarms.certificate.refused", reason=error.verify_message)
    except OSError:
        return None
    days = (ends - now()) / timedelta(days=1)
    return say("alarms.certificate.down", days=f"{days:.0f}") if ends - now() < RENEWED_BEFORE else None


def _ends(host: str, port: int, context: ssl.SSLContext) -> datetime:
    with (
        socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secure,
    ):
        found = secure.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
