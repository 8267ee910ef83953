"""What `gateway doctor` looks at in the tables: prisons, the people who answer, what waits, what can be found."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from gateway.commands.findings import Finding
from gateway.concerns.models import Concern, ConcernSearch
from gateway.concerns.queue import is_open
from gateway.conversations.models import Message, is_real
from gateway.db import now, unit_of_work
from gateway.prisons.models import Prison
from gateway.staff.models import Staff, staff_prison
from gateway.staff.roles import ANSWERS, Role

# A prison that had none for longer, and has none open, is not looked for people.
LATELY = timedelta(days=365)
MOST_NAMED = 10


def rows() -> Iterator[Finding]:
    """Everything that is seen by counting rows."""
    with unit_of_work() as session:
        yield _prisons(session)
        yield from _people(session)
        yield from _held(session)
        yield _searched(session)


def _prisons(session: Session) -> Finding:
    if prisons := session.scalar(select(func.count()).select_from(Prison)):
        return Finding("ok", f"{prisons} prisons are loaded.")
    return Finding("fail", "No prisons are loaded. Run: gateway prisons load")


def _people(session: Session) -> Iterator[Finding]:
    staff = session.scalar(select(func.count()).select_from(Staff).where(Staff.active))
    if not staff:
        yield Finding("warn", "Nobody can sign in to the console. Run: gateway staff add --help")
    else:
        yield Finding("ok", f"{staff} of staff can sign in.")
    administers = exists().where(Staff.active, Staff.roles.contains([Role.ADMINISTRATOR.value]))
    if not session.scalar(select(administers)):
        yield Finding(
            "warn", "No administrator is active: nobody can look after people on the console. Run: gateway staff roles"
        )
    if lacking := _without_people(session):
        more = f" and {len(lacking) - MOST_NAMED} more" if len(lacking) > MOST_NAMED else ""
        yield Finding(
            "warn",
            f"Nobody is active who answers for the concerns that come about {', '.join(lacking[:MOST_NAMED])}{more}."
            " Give somebody what is missing on the console's page People.",
        )


def _without_people(session: Session) -> Sequence[str]:
    """The prisons whose concerns would be on nobody's list, by name; and the fallback route, if it is so there."""
    comes = and_(or_(is_open(), Concern.opened_at > now() - LATELY), is_real(Concern.conversation_id))
    answers = and_(Staff.active, Staff.roles.overlap([role.value for role in ANSWERS]))
    gets_some = exists().where(Concern.prison_id == Prison.id, Concern.subject != "caller", comes)
    of_this = staff_prison.c.staff_id == Staff.id, staff_prison.c.prison_id == Prison.id
    theirs = exists().where(*of_this, answers)
    names = session.scalars(select(Prison.name).where(gets_some, ~theirs).order_by(Prison.name)).all()
    nobodys = exists().where(or_(Concern.prison_id.is_(None), Concern.subject == "caller"), comes)
    unrouted = session.scalar(select(nobodys & ~exists().where(answers, Staff.reads_unrouted)))
    return [*names, *(["no known prison or a caller's own risk"] if unrouted else [])]


def _held(session: Session) -> Iterator[Finding]:
    held = Message.state == "held", is_real(Message.conversation_id)
    if count := session.scalar(select(func.count()).select_from(Message).where(*held)):
        yield Finding(
            "warn", f"{count} messages from families wait for an answer: see the console's list of those not processed."
        )


def _searched(session: Session) -> Finding:
    """What was erased is found by nothing."""
    found = exists().where(ConcernSearch.concern_id == Concern.id)
    lacking = select(func.count()).select_from(Concern).where(Concern.erased_at.is_(None), ~found)
    if count := session.scalar(lacking):
        return Finding(
            "warn", f"{count} concerns cannot be found by name, number or words. Run: gateway concerns index"
        )
    return Finding("ok", "Every concern can be found.")
