"""Adding staff, finding them, and the one rule of what each may see."""

import re
import uuid
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.conversations.models import Assessment, Conversation
from gateway.db import one_of
from gateway.prisons.models import Prison
from gateway.staff.models import Staff
from gateway.staff.passwords import SHORTEST, hashed
from gateway.staff.roles import ANSWERS, NEEDS_PRISONS, READS_CONCERNS, Role, known_roles

# One address and nothing else: no sign that would make two of it, or a line of its own in a mail.
_SIGNS = r"""[^\x00-\x20\x7f-\xa0@,;:<>()\[\]\\"]+"""
_ADDRESS = re.compile(f"{_SIGNS}@{_SIGNS}")


class CannotAdd(Exception):
    """This member of staff cannot be added; the message says why, for the person at the keyboard."""


def may_see(staff: Staff, concern: Concern) -> bool:
    """Whether a concern is this person's business: `seen_by` says the same to the database.

    Their work must be with concerns, and the concern's prison must be one of theirs. What has no prison, and the
    caller's own risk wherever it came from, is only for those who read the unrouted.
    """
    if not reads_concerns(staff):
        return False
    if concern.subject == "caller" or concern.prison_id is None:
        return staff.reads_unrouted
    return concern.prison_id in prison_ids(staff)


def seen_by(staff: Staff) -> ColumnElement[bool]:
    """`may_see` as a condition on the concern table."""
    return within(staff) if reads_concerns(staff) else false()


def within(staff: Staff) -> ColumnElement[bool]:
    """The concerns of a person's prisons, as a condition on the concern table: also for who may only count them."""
    theirs = and_(one_of(Concern.prison_id, prison_ids(staff)), Concern.subject != "caller")
    unrouted = or_(Concern.prison_id.is_(None), Concern.subject == "caller")
    return or_(theirs, unrouted) if staff.reads_unrouted else theirs


def may_read_unsorted(staff: Staff) -> ColumnElement[bool]:
    """Whose business a message is that opened no concern, as a condition on a conversation and its assessment.

    Those who read the unrouted read all of them, since the prison is at best the one last named, and alone what tells
    of the caller's own risk and what nobody has checked for it.
    """
    if not answers(staff):
        return false()
    if staff.reads_unrouted:
        return true()
    theirs = one_of(Conversation.prison_id, prison_ids(staff))
    return and_(theirs, Assessment.level == "possible", func.coalesce(Assessment.subject, "") != "caller")


def reads_concerns(staff: Staff) -> bool:
    """Whether somebody's work is with single concerns."""
    return not READS_CONCERNS.isdisjoint(staff.roles)


def answers(staff: Staff) -> bool:
    """Whether somebody may answer for a concern: acknowledge it, and close it."""
    return not ANSWERS.isdisjoint(staff.roles)


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
    roles: Sequence[str] = (Role.OFFICER,),
    actor: str = "system",
) -> Staff:
    """A person who can sign in to the console at once. Raises CannotAdd."""
    if not _ADDRESS.fullmatch(email.strip()):
        raise CannotAdd(f"{email!r} is not an e-mail address.")
    if not name.strip():
        raise CannotAdd("A member of staff needs a name: colleagues see it beside what was done.")
    if len(password) < SHORTEST:
        raise CannotAdd(f"The password has {len(password)} characters. It needs {SHORTEST} or more.")
    if staff_by_email(session, email) is not None:
        raise CannotAdd(f"There is a member of staff with the address {_tidy(email)} already.")
    staff = Staff(
        email=_tidy(email), name=name.strip(), password=hashed(password), fs_uniquifier=uuid.uuid4().hex,
        reads_unrouted=reads_unrouted, prisons=_prisons(session, prisons), roles=_roles(roles),
    )  # fmt: skip
    session.add(staff)
    session.flush()
    record(session, LogEvent.STAFF_ADDED, actor=actor, staff=staff.id, **_may(staff))
    return staff


def change(
    session: Session,
    staff: Staff,
    *,
    roles: Sequence[str],
    prisons: Sequence[str] | Literal["all"],
    reads_unrouted: bool,
    actor: str = "system",
) -> bool:
    """Set what somebody may do and see, from their next click on. False when it was so before. Raises CannotAdd."""
    before = _may(staff)
    staff.roles, staff.prisons, staff.reads_unrouted = _roles(roles), _prisons(session, prisons), reads_unrouted
    if _may(staff) == before:
        return False
    record(session, LogEvent.STAFF_CHANGED, actor=actor, staff=staff.id, before=before, **_may(staff))
    return True


def set_active(session: Session, staff: Staff, active: bool, actor: str = "system") -> bool:
    """Let somebody in or keep them out, which ends their sessions at once. False when it was so before."""
    if staff.active == active:
        return False
    staff.active, staff.fs_uniquifier = active, uuid.uuid4().hex
    event = LogEvent.STAFF_ACTIVATED if active else LogEvent.STAFF_DEACTIVATED
    record(session, event, actor=actor, staff=staff.id)
    return True


def set_password(session: Session, staff: Staff, password: str) -> None:
    """Give somebody a password, and end every session that they have. Raises CannotAdd."""
    if len(password) < SHORTEST:
        raise CannotAdd(f"The password has {len(password)} characters. It needs {SHORTEST} or more.")
    staff.password, staff.fs_uniquifier = hashed(password), uuid.uuid4().hex
    record(session, LogEvent.STAFF_PASSWORD_SET, actor=f"staff:{staff.id}", staff=staff.id)


def lacks_prisons(roles: Sequence[str], prisons: Sequence[str], reads_unrouted: bool) -> bool:
    """Whether somebody with these roles would see nothing at all."""
    return not (prisons or reads_unrouted) and not NEEDS_PRISONS.isdisjoint(roles)


def _may(staff: Staff) -> dict[str, Any]:
    return {"roles": list(staff.roles), "prisons": sorted(prison_ids(staff)), "reads_unrouted": staff.reads_unrouted}


def _roles(given: Sequence[str]) -> list[str]:
    try:
        found = [role.value for role in known_roles(given)]
    except ValueError as error:
        raise CannotAdd(str(error)) from error
    if not found:
        raise CannotAdd(f"A member of staff needs a role: {', '.join(Role)}.")
    return found


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
