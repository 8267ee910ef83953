"""What the worker would do with deliveries, and the provider after it: at once, and failing where a story says so."""

import uuid

from sqlalchemy import select

from gateway.concerns.models import Concern
from gateway.conversations.models import Message
from gateway.db import unit_of_work
from gateway.deliveries import receipts, service, undelivered
from gateway.deliveries.models import Delivery

MAILBOX_UNKNOWN = "550"
HANDSET_OUT_OF_REACH = "30003"


class Post:
    """Brings everything, but for what families' stories say."""

    def __init__(self) -> None:
        self.fails: dict[uuid.UUID, str] = {}  # a conversation to what fails of it

    def bring(self) -> None:
        """Whatever waits, and what follows from it."""
        while waiting := self._waiting():
            for number in waiting:
                self._bring(number)

    def _waiting(self) -> list[int]:
        with unit_of_work() as session:
            return list(session.scalars(select(Delivery.id).where(Delivery.state == "queued").order_by(Delivery.id)))

    def _bring(self, number: int) -> None:
        with unit_of_work() as session:
            delivery = session.get_one(Delivery, number)
            of = session.get(Message, delivery.message_id or 0) or session.get(Concern, delivery.concern_id or 0)
            fate = self.fails.get(of.conversation_id) if of else None
            service.begin_attempt(session, number)
            if delivery.medium == "email" and fate == "mail":
                self.fails.pop(of.conversation_id)  # type: ignore[union-attr]
                service.not_sent(session, number, MAILBOX_UNKNOWN, final=True)
                undelivered.act_on(session, number, gave_up=False)
                return
            service.sent(session, number, f"demo-{number}")
            if delivery.medium == "sms":
                arrives = fate != "text"
                status = "delivered" if arrives else "undelivered"
                receipts.note(session, f"demo-{number}", status, "" if arrives else HANDSET_OUT_OF_REACH)
