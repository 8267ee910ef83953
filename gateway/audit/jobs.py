"""Every few minutes an anchor of the log goes to each place outside the database that is set."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

import httpx
import procrastinate

from gateway import jobs
from gateway.adapters import email_provider
from gateway.adapters.errors import DeliveryError
from gateway.audit import verification
from gateway.audit.anchors import Anchor, append, take
from gateway.config import settings
from gateway.db import unit_of_work
from gateway.deliveries.models import Delivery
from gateway.wording import say

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()

TIMEOUT_SECONDS = 10.0


@tasks.periodic(cron="*/5 * * * *")
@tasks.task(name="anchor", queue=jobs.CLOCKS, queueing_lock="anchor", pass_context=False)
def anchor(timestamp: int) -> None:
    """What fails is said loudly and tried again with the next anchor, which tells all that this one did."""
    anchor_now()


def anchor_now() -> list[str]:
    """Take an anchor and bring it to each place, whatever becomes of the others. Gives the places that failed."""
    with unit_of_work() as session:
        taken = take(session, settings().chain_key)
    places: dict[str, Callable[[Anchor], None]] = {"file": _to_file}
    if settings().anchor_email:
        places["email"] = _to_mailbox
    if settings().anchor_url:
        places["url"] = _to_url
    return [name for name, bring in places.items() if not _brought(name, bring, taken)]


def _brought(place: str, bring: Callable[[Anchor], None], taken: Anchor) -> bool:
    try:
        bring(taken)
    except (OSError, DeliveryError, httpx.HTTPError, httpx.InvalidURL) as error:
        logger.error("audit.anchor_failed", extra={"place": place, "error": type(error).__name__})
        return False
    return True


def _to_file(taken: Anchor) -> None:
    append(settings().anchor_file, taken)


def _to_mailbox(taken: Anchor) -> None:
    """Past the queue of deliveries: each of those writes rows to the log, and no anchor would ever find it at rest."""
    mail = Delivery(
        # It has no row; a number that no row has keeps its Message-ID its own.
        id=-int(datetime.fromisoformat(taken.at).timestamp()),
        medium="email",
        address=settings().anchor_email,
        subject=say("anchor.subject", position=taken.position),
        body=say("anchor.email", anchor=taken.as_json()),
        reason="anchor",
    )
    email_provider().send(mail)


def _to_url(taken: Anchor) -> None:
    """The anchor's own HMAC is its signature."""
    httpx.post(settings().anchor_url, json=asdict(taken), timeout=TIMEOUT_SECONDS).raise_for_status()


@tasks.task(name="read_log", queue=jobs.LONG)
def read_log(verification_id: int) -> None:
    """Somebody wants to know whether the log stands as it was written."""
    verification.run(verification_id)
