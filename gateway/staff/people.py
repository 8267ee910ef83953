"""Everybody who can sign in, for whoever gives out accounts."""

import secrets
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.paging import Page, paged
from gateway.staff.invitations import invite
from gateway.staff.models import Staff
from gateway.staff.service import add_staff


def people(session: Session, number: int = 1) -> Page[Staff]:
    """Everybody by name, those who are shut out last."""
    return paged(session, select(Staff).order_by(Staff.active.desc(), func.lower(Staff.name), Staff.id), number)


def add_and_invite(
    session: Session,
    email: str,
    name: str,
    *,
    roles: Sequence[str],
    prisons: Sequence[str] | Literal["all"],
    reads_unrouted: bool,
    actor: str,
) -> Staff:
    """Somebody new, who chooses their password by a link that is mailed to them. Raises CannotAdd."""
    nobodys = secrets.token_urlsafe(32)
    staff = add_staff(session, email, name, nobodys, prisons, reads_unrouted, roles, actor)
    invite(session, staff, actor)
    return staff


def last_signed_in(session: Session, staff: Staff) -> LogEntry | None:
    """The line of the log that says when they last signed in."""
    theirs = LogEntry.actor == f"staff:{staff.id}", LogEntry.event == LogEvent.STAFF_SIGNED_IN.value
    return session.scalar(select(LogEntry).where(*theirs).order_by(LogEntry.id.desc()).limit(1))
