"""The register of duty phones: whose each is, and for which prisons it may acknowledge."""

from collections.abc import Sequence

import phonenumbers
from sqlalchemy import ColumnElement, and_, false, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.privacy.blind import address_index
from gateway.privacy.sealed import private
from gateway.privacy.vault import NOBODY
from gateway.staff.duty_models import DutyPhone
from gateway.staff.models import Staff
from gateway.staff.service import CannotAdd, answers, may_see, prison_ids, seen_by, staff_by_email


def duty_phone(session: Session, number: str) -> DutyPhone | None:
    """The registered telephone with this number, if its owner is still staff."""
    return session.scalar(_registered(number).join(Staff).where(Staff.active))


def may_acknowledge(phone: DutyPhone, concern: Concern) -> bool:
    """Whether its owner may answer for the concern, and it is for that prison. `in_reach` asks the database."""
    theirs = answers(phone.staff) and may_see(phone.staff, concern)
    return theirs and phone.prison_id in (None, concern.prison_id)


def in_reach(phone: DutyPhone) -> ColumnElement[bool]:
    """`may_acknowledge` as a condition on the concern table."""
    theirs = seen_by(phone.staff) if answers(phone.staff) else false()
    return theirs if phone.prison_id is None else and_(theirs, Concern.prison_id == phone.prison_id)


def add_phone(session: Session, email: str, number: str, prison: str | None) -> DutyPhone:
    """Register a telephone to one person, for one of their prisons or for all. Raises CannotAdd."""
    staff, tidy = _staff(session, email), _e164(number)
    prison = prison.strip().upper() if prison else None
    if prison is not None and prison not in prison_ids(staff):
        raise CannotAdd(f"{staff.email} is not assigned to a prison with the id {prison}.")
    if session.scalar(_registered(tidy)):
        raise CannotAdd("This number is registered already. Remove it first to give it to somebody else.")
    number_index = address_index(tidy)
    phone = DutyPhone(number=private(session, NOBODY, tidy), number_index=number_index, staff=staff, prison_id=prison)
    session.add(phone)
    session.flush()
    record(session, LogEvent.STAFF_PHONE_ADDED, phone=phone.id, staff=staff.id, prison=prison)
    return phone


def remove_phone(session: Session, number: str) -> None:
    """From now on this telephone acknowledges nothing. Raises CannotAdd for one that is not registered."""
    phone = session.scalar(_registered(_e164(number)))
    if phone is None:
        raise CannotAdd("This number is not registered.")
    phone.active = False
    record(session, LogEvent.STAFF_PHONE_REMOVED, phone=phone.id, staff=phone.staff_id)


def phones(session: Session) -> Sequence[DutyPhone]:
    """Every registered telephone, in the order they were added."""
    return session.scalars(_active().order_by(DutyPhone.id)).all()


def _active():  # type: ignore[no-untyped-def]  # a Select[tuple[DutyPhone]], which SQLAlchemy infers
    return select(DutyPhone).where(DutyPhone.active)


def _registered(number: str):  # type: ignore[no-untyped-def]  # as above
    return _active().where(DutyPhone.number_index == address_index(number))


def _staff(session: Session, email: str) -> Staff:
    staff = staff_by_email(session, email)
    if staff is None or not staff.active:
        raise CannotAdd(f"There is no member of staff with the address {email.strip().lower()}. Run: gateway staff add")
    return staff


def _e164(number: str) -> str:
    try:
        read = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        read = None
    if read is None or not phonenumbers.is_possible_number(read):
        raise CannotAdd(f"{number!r} is not a telephone number such as +447700900123.")
    return phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)
