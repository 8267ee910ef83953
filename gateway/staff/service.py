"""Adding staff, finding them, and the one rule of what each may see."""

import uuid
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.prisons.models import Prison
from gateway.staff.models import Staff
from gateway.staff.passwords import SHORTEST, hashed


class CannotAdd(Exception):
    """This member of staff cannot be added; the message says why, for the person at the keyboard."""


def may_see(staff: Staff, concern: Concern) -> bool:
    """Whether a concern is this person's business: `seen_by` says the same to the database.

    The concern's prison must be one of theirs. What has no prison, and the caller's own risk wherever it came
    from, is only for those who read the unrouted.
    """
    if concern.subject == "caller" or concern.prison_id is None:
        return staff.reads_unrouted
    return concern.prison_id in prison_ids(staff)


def seen_by(staff: Staff) -> ColumnElement[bool]:
    """`may_see` as a condition on the concern table."""
    theirs = and_(Concern.prison_id.in_(prison_ids(staff)), Concern.subject != "caller")
    unrouted = or_(Concern.prison_id.is_(None), Concern.subject == "caller")
    return or_(theirs, unrouted) if staff.reads_unrouted else theirs


def prison_ids(staff: Staff) -> list[str]:
    """The prisons that a person is assigned."""
    return [prison.id for prison in staff.prisons]


def staff_by_email(session: Session, email: str) -> Staff | None:
    """The person with this address, whatever its capitals."""
    return session.scalar(select(Staff).where(func.lower(Staff.email) == _tidy(email)))


def names(session: Session) -> dict[int, str]:
    """What everybody is called, as the log and the notes name people by number."""
    return dict(session.execute(select(Staff.id, Staff.name)).all())


def add_staff(
    session: Session,
    email: str,
    name: str,
    password: str,
    prisons: Sequence[str] | Literal["all"],
    reads_unrouted: bool,
) -> Staff:
    """A person who can sign in to the console at once. Raises CannotAdd."""
    if "@" not in email.strip().strip("@"):
        raise CannotAdd(f"{email!r} is not an e-mail address.")
    if not name.strip():
        raise CannotAdd("A member of staff needs a name: colleagues see it beside what was done.")
    if len(password) < SHORTEST:
        raise CannotAdd(f"The password has {len(password)} characters. It needs {SHORTEST} or more.")
    if staff_by_email(session, email) is not None:
        raise CannotAdd(f"There is a member of staff with the address {_tidy(email)} already.")
    staff = Staff(
        email=_tidy(email), name=name.strip(), password=hashed(password), fs_uniquifier=uuid.uuid4().hex,
        reads_unrouted=reads_unrouted, prisons=_prisons(session, prisons),
    )  # fmt: skip
    session.add(staff)
    session.flush()
    record(session, LogEvent.STAFF_ADDED, staff=staff.id, prisons=prison_ids(staff), reads_unrouted=reads_unrouted)
    return staff


def _tidy(email: str) -> str:
    return email.strip().lower()


def _prisons(session: Session, wanted: Sequence[str] | Literal["all"]) -> list[Prison]:
    known = {prison.id: prison for prison in session.scalars(select(Prison).order_by(Prison.id))}
    if wanted == "all":
        return list(known.values())
    asked = list(dict.fromkeys(prison_id.strip().upper() for prison_id in wanted))
    if unknown := [prison_id for prison_id in asked if prison_id not in known]:
        raise CannotAdd(f"No prison has the id {', '.join(unknown)}. The ids stand in data/prisons.csv, such as LEI.")
    return [known[prison_id] for prison_id in asked]
