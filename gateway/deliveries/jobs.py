"""The worker's attempts to deliver."""

import logging

import procrastinate
from procrastinate import JobContext, RetryStrategy

from gateway.adapters import Refused, Unreachable, email_provider, path_provider, sms_provider
from gateway.db import unit_of_work
from gateway.deliveries import service
from gateway.deliveries.models import Delivery

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()

# With 2, 4, 8 … seconds between attempts the last of twelve comes after about 70 minutes.
MOST_RETRIES = 11


# After any fault at all, such as a database that restarts, the delivery is tried again.
@tasks.task(name="deliver", pass_context=True, retry=RetryStrategy(max_attempts=MOST_RETRIES, exponential_wait=2))
def deliver(context: JobContext, delivery_id: int) -> None:
    """One attempt. No transaction is open while the provider is called."""
    with unit_of_work() as session:
        claimed = service.begin_attempt(session, delivery_id)
    if claimed is None:
        return
    delivery, unclear = claimed
    try:
        reference = _send(delivery, unclear)
    except Refused as error:
        _failed(delivery, error.code, final=True)
    except Unreachable as error:
        _failed(delivery, error.code, final=context.job.attempts >= MOST_RETRIES)
        raise
    else:
        with unit_of_work() as session:
            service.sent(session, delivery.id, reference)
        logger.info("delivery.sent", extra={"delivery": delivery.id, "medium": delivery.medium})


def _send(delivery: Delivery, unclear: bool) -> str:
    """Hand the delivery to its provider, after asking whether it got through before where that is unclear."""
    provider = {"sms": sms_provider, "email": email_provider, "path": path_provider}[delivery.medium]()
    if unclear and (earlier := provider.find(delivery)):
        return earlier
    return provider.send(delivery)


def _failed(delivery: Delivery, code: str, *, final: bool) -> None:
    with unit_of_work() as session:
        service.not_sent(session, delivery.id, code, final=final)
    logger.warning(
        "delivery.not_sent", extra={"delivery": delivery.id, "medium": delivery.medium, "code": code, "final": final}
    )
