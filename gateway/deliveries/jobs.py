"""The worker's attempts to deliver."""

import logging
import random

import procrastinate
from procrastinate import JobContext, RetryDecision, RetryStrategy
from procrastinate.jobs import Job

from gateway.adapters import (
    Provider,
    Refused,
    Unreachable,
    email_provider,
    path_provider,
    sms_provider,
    voice_provider,
    webhook_provider,
)
from gateway.db import unit_of_work
from gateway.deliveries import service, undelivered
from gateway.deliveries.models import Delivery

logger = logging.getLogger(__name__)
tasks = procrastinate.Blueprint()

LONGEST_WAIT_SECONDS = 300
JITTER = 0.25


class BackOff(RetryStrategy):
    """Waits about 2, 4, 8 … seconds, five minutes at most. When it is enough the attempt itself decides.

    A quarter more or less by chance keeps what failed together from coming back together.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        wait = min(2 ** min(job.attempts + 1, 16), LONGEST_WAIT_SECONDS)
        return RetryDecision(retry_in={"seconds": wait * random.uniform(1 - JITTER, 1 + JITTER)})


# After any fault at all, such as a database that restarts, the delivery is tried again.
@tasks.task(name="deliver", pass_context=True, retry=BackOff())
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
        return
    except Exception as error:
        code = error.code if isinstance(error, Unreachable) else type(error).__name__
        gave_up = service.has_gone_on_too_long(delivery)
        _failed(delivery, code, final=gave_up, gave_up=gave_up)
        if gave_up:
            return
        raise
    with unit_of_work() as session:
        service.sent(session, delivery.id, reference)
    logger.info("delivery.sent", extra={"delivery": delivery.id, "medium": delivery.medium})


def _send(delivery: Delivery, unclear: bool) -> str:
    """Hand the delivery to its provider, after asking whether it got through before where that is unclear."""
    provider = _provider(delivery.medium)
    if unclear and (found := provider.find(delivery)):
        with unit_of_work() as session:
            earlier = service.unclaimed(session, found)
        if earlier is not None:
            return earlier
    return provider.send(delivery)


def _provider(medium: str) -> Provider:
    """What brings a delivery of this medium. Raises Refused for one that this installation has nothing for."""
    providers = {
        "sms": sms_provider, "email": email_provider, "call": voice_provider, "webhook": webhook_provider,
        "path": path_provider,
    }  # fmt: skip
    if medium not in providers:
        raise Refused(f"no-provider-for-{medium}")
    return providers[medium]()


def _failed(delivery: Delivery, code: str, *, final: bool, gave_up: bool = False) -> None:
    with unit_of_work() as session:
        service.not_sent(session, delivery.id, code, final=final)
        if final:
            undelivered.act_on(session, delivery.id, gave_up=gave_up)
    logger.warning(
        "delivery.not_sent", extra={"delivery": delivery.id, "medium": delivery.medium, "code": code, "final": final}
    )
