"""What follows when something will not reach a person: the next on the route is told, and the operator."""

import logging

from sqlalchemy.orm import Session

from gateway.deliveries.alarms import raise_alarm
from gateway.deliveries.models import Delivery
from gateway.routing.service import escalate_at_once

logger = logging.getLogger(__name__)


def act_on(session: Session, delivery_id: int, *, gave_up: bool) -> None:
    """A delivery has failed for good, or the provider says that it did not arrive.

    `gave_up`: it was tried for hours, so it is the way out that fails and not the one telephone.
    """
    delivery = session.get_one(Delivery, delivery_id)
    if delivery.reason.startswith("alarm:"):
        # An alarm about an alarm would go the same way.
        logger.error("alarm.not_delivered", extra={"delivery": delivery.id})
        return
    if delivery.concern_id is not None:
        escalate_at_once(session, delivery.concern_id, step=delivery.step)
    if gave_up or delivery.concern_id is not None:
        raise_alarm(session, "undelivered", delivery=delivery.id, medium=delivery.medium)
