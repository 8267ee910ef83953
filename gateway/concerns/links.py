"""Linking reports about one person, so that staff see the whole of it; nothing is ever merged away."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern, ConcernLink
from gateway.concerns.same_person import same_person
from gateway.db import now
from gateway.routing.routes import routing

# A change of any of these may make another person of it, or show that it is one whom others told of.
TELLS_WHO = frozenset({"prison_id", "prisoner_name", "prisoner_number", "prisoner_dob"})

LINKED, APART = BY_STAFF = ("staff", "apart")


@dataclass(frozen=True)
class Linked:
    """Another concern about the same person, and why we think so: `number`, `name` or `staff`, who say so."""

    concern: Concern
    reason: str


def link(session: Session, concern: Concern) -> None:
    """Make the links of a concern what its facts say now, but for what staff decided. A change is a line in the log."""
    links = _links(session, concern)
    decided = {other for other, reason in links.items() if reason in BY_STAFF}
    found = {other.id: reason for other, reason in same_person(session, concern) if other.id not in decided}
    if found == {other: reason for other, reason in links.items() if other not in decided}:
        return
    session.execute(delete(ConcernLink).where(_of(concern), ConcernLink.reason.not_in(BY_STAFF)))
    session.add_all(
        ConcernLink(concern_id=max(concern.id, other), other_id=min(concern.id, other), reason=reason)
        for other, reason in found.items()
    )
    session.flush()
    record(session, LogEvent.CONCERN_LINKED, concern=concern.id, others=sorted(found))


def linked(session: Session, concern: Concern) -> Sequence[Linked]:
    """The concerns that are linked to one, oldest first. Not every reader may see all of them."""
    others = {other: reason for other, reason in _links(session, concern).items() if reason != APART}
    found = session.scalars(select(Concern).where(Concern.id.in_(others)).order_by(Concern.id))
    return [Linked(other, others[other.id]) for other in found]


def earlier_reports(session: Session, concern: Concern) -> int:
    """How many linked concerns an alert may count: earlier ones, less those that go past this concern's people."""
    return sum(
        one.concern.id < concern.id
        and (one.concern.category == concern.category or not routing().has_own_route(one.concern.category))
        for one in linked(session, concern)
    )


def link_by_hand(session: Session, concern: Concern, staff_id: int, other: Concern) -> bool:
    """Staff say that two concerns are about one person. False when they are linked already."""
    return _decide(session, concern, staff_id, other, LINKED, LogEvent.CONCERN_LINKED_BY_STAFF)


def unlink(session: Session, concern: Concern, staff_id: int, other: Concern) -> bool:
    """Staff say that two concerns are about two people: we link them no more. False when they are not linked."""
    return _decide(session, concern, staff_id, other, APART, LogEvent.CONCERN_UNLINKED_BY_STAFF)


def _decide(session: Session, concern: Concern, staff_id: int, other: Concern, reason: str, event: LogEvent) -> bool:
    ids = max(concern.id, other.id), min(concern.id, other.id)
    known = session.get(ConcernLink, ids)
    is_linked = known is not None and known.reason != APART
    if concern.id == other.id or is_linked == (reason == LINKED):
        return False
    if known is None:
        session.add(ConcernLink(concern_id=ids[0], other_id=ids[1], reason=reason))
    else:
        known.reason, known.at = reason, now()
    for one, another in ((concern, other), (other, concern)):
        record(session, event, actor=f"staff:{staff_id}", concern=one.id, other=another.id)
    return True


def _links(session: Session, concern: Concern) -> dict[int, str]:
    """Of each concern that was ever compared with one and decided on: its id, and what links it or keeps it apart."""
    links = session.scalars(select(ConcernLink).where(_of(concern)).order_by(ConcernLink.concern_id)).all()
    return {link.concern_id + link.other_id - concern.id: link.reason for link in links}


def _of(concern: Concern) -> ColumnElement[bool]:
    return or_(ConcernLink.concern_id == concern.id, ConcernLink.other_id == concern.id)
