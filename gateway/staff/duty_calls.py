"""A telephone call about a concern: what it may say, who answers by pressing a key, and how it ended."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.concerns import acts
from gateway.concerns.models import Concern, Status
from gateway.deliveries.models import Delivery
from gateway.prisons.models import Prison
from gateway.staff.duty_models import DutyPhone
from gateway.staff.duty_phones import duty_phone, may_acknowledge
from gateway.wording import choices, say

# Twilio's words for a call that nobody took. https://www.twilio.com/docs/voice/api/call-resource#call-status-values
NOT_TAKEN = {"busy", "no-answer", "failed", "canceled"}
ENDED = NOT_TAKEN | {"completed"}
# What answered, of `AnsweredBy`: a machine has several names, each beginning so.
MACHINES = ("machine", "fax")


@dataclass(frozen=True)
class Call:
    """A call that we asked for. `phone` is the registered telephone that rings, if it may acknowledge."""

    delivery: Delivery
    concern: Concern
    phone: DutyPhone | None


def find_call(session: Session, delivery_id: int) -> Call | None:
    """The call that a delivery is, with whoever may answer for the concern on it."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or delivery.medium != "call" or delivery.concern_id is None:
        return None
    concern, phone = session.get_one(Concern, delivery.concern_id), duty_phone(session, delivery.address)
    return Call(delivery, concern, phone if phone and may_acknowledge(phone, concern) else None)


def spoken_concern(session: Session, concern: Concern) -> str:
    """Reference, prison and urgency, and nothing of anybody's name or words: who answers is not known."""
    prison = session.get(Prison, concern.prison_id) if concern.prison_id else None
    return say(
        "call.concern",
        urgency=choices("urgencies")[concern.urgency],
        prison=prison.name.replace("/", " ") if prison else say("staff.prison_unknown"),
        reference=_letter_by_letter(concern.reference),
    )


def is_waiting(concern: Concern) -> bool:
    """Whether somebody must still acknowledge it."""
    return concern.status == Status.OPEN.value


def acknowledge(session: Session, call: Call) -> str:
    """The key was pressed: the telephone's owner answers for the concern. Gives what is said then."""
    if call.phone is None:
        return say("call.not_registered")
    first = acts.acknowledge(session, call.concern, call.phone.staff_id, means="call")
    again = call.concern.acknowledged_by == call.phone.staff_id  # Twilio asked twice
    name = "acknowledged" if first or again else "acknowledged_before"
    return say(f"call.{name}", reference=_letter_by_letter(call.concern.reference))


def is_machine(answered_by: str) -> bool:
    """Whether Twilio heard an answering machine or a fax."""
    return answered_by.strip().lower().startswith(MACHINES)


def find_test(session: Session, delivery_id: int) -> Delivery | None:
    """A call that somebody asked for to try a route: it is about no concern."""
    delivery = session.get(Delivery, delivery_id)
    return delivery if delivery and delivery.medium == "call" and delivery.reason == "test" else None


def ended(session: Session, call: Delivery, status: str, answered_by: str) -> None:
    """Note how a call ended, once. One that no person took did not reach anybody, and its delivery says so."""
    if status not in ENDED or _is_noted(session, call.id, status):
        return
    machine = is_machine(answered_by)
    reached = status == "completed" and not machine
    record(
        session, LogEvent.DELIVERY_RECEIPT, concern=call.concern_id, delivery=call.id,
        status=status, meaning="arrived" if reached else "did not arrive", machine=machine,
    )  # fmt: skip
    if not reached:
        delivery = session.get_one(Delivery, call.id, with_for_update=True)
        delivery.state, delivery.last_error = "failed", "call-machine" if machine else f"call-{status}"
        record(session, LogEvent.DELIVERY_FAILED, concern=call.concern_id, delivery=call.id, error=delivery.last_error)


def _is_noted(session: Session, delivery_id: int, status: str) -> bool:
    query = select(LogEntry.id).where(
        LogEntry.delivery_id == delivery_id,
        LogEntry.event == LogEvent.DELIVERY_RECEIPT.value,
        LogEntry.details["status"].astext == status,
    )
    return session.scalar(query.limit(1)) is not None


def _letter_by_letter(reference: str) -> str:
    """`A, B, C, 4, K, Q, 7`."""
    return ", ".join(reference.replace("-", ""))
