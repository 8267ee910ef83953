"""Linking reports about one person, so that staff see the whole of it; nothing is ever merged away."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern, ConcernLink
from gateway.concerns.same_person import same_person
from gateway.routing.routes import routing

# A change of any of these may make another person of it, or show that it is one whom others told of.
TELLS_WHO = frozenset({"prison_id", "prisoner_name", "prisoner_number", "prisoner_dob"})


@dataclass(frozen=True)
class Linked:
    """Another concern about the same person, and why we think so: `number` or `name`."""

    concern: Concern
    reason: str


def link(session: Session, concern: Concern) -> None:
    """Make the links of a concern what its facts say now. Each change is a line in the log."""
    found = {other.id: reason for other, reason in same_person(session, concern)}
    known = {one.concern.id: one.reason for one in linked(session, concern)}
    if found == known:
        return
    session.execute(delete(ConcernLink).where(_of(concern)))
    session.add_all(
        ConcernLink(concern_id=max(concern.id, other), other_id=min(concern.id, other), reason=reason)
        for other, reason in found.items()
    )
    session.flush()
    record(session, LogEvent.CONCERN_LINKED, concern=concern.id, others=sorted(found))


def linked(session: Session, concern: Concern) -> Sequence[Linked]:
    """The concerns that are linked to one, oldest first. Not every reader may see all of them."""
    links = session.scalars(select(ConcernLink).where(_of(concern)).order_by(ConcernLink.concern_id)).all()
    others = {link.concern_id + link.other_id - concern.id: link.reason for link in links}
    found = session.scalars(select(Concern).where(Concern.id.in_(others)).order_by(Concern.id))
    return [Linked(other, others[other.id]) for other in found]


def earlier_reports(session: Session, concern: Concern) -> int:
    """How many linked concerns an alert may count: earlier ones, less those that go past this concern's people."""
    return sum(
        one.concern.id < concern.id
        and (one.concern.category == concern.category or not routing().has_own_route(one.concern.category))
        for one in linked(session, concern)
    )


def _of(concern: Concern) -> ColumnElement[bool]:
    return or_(ConcernLink.concern_id == concern.id, ConcernLink.other_id == concern.id)
