"""The lists of concerns that staff look through: what waits, what is closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from gateway.concerns.models import Concern, Status
from gateway.concerns.standing import in_order, overdue_since
from gateway.conversations.models import is_real
from gateway.prisons.models import Prison
from gateway.privacy import vault
from gateway.staff.models import Staff
from gateway.staff.service import seen_by

PAGE_LENGTH = 50
CLOSED_SHOWN = 50


@dataclass(frozen=True)
class Line:
    """One concern on a list."""

    concern: Concern
    prison: str | None
    overdue_since: datetime | None


@dataclass(frozen=True)
class Brief:
    """What may be said of an open concern where anybody may read it."""

    reference: str
    urgency: str
    status: str
    prison: str | None  # none also for a caller's own risk
    next_alarm_at: datetime
    overdue_since: datetime | None


@dataclass(frozen=True)
class Page:
    """Some of a list, and how long all of it is."""

    lines: Sequence[Line]
    total: int
    number: int
    pages: int


def open_concerns(session: Session, staff: Staff, number: int = 1) -> Page:
    """What waits for this person: emergencies first, then the urgent, then the rest. The unread are first of each."""
    return open_page(session, staff, number, how_many(session, staff, is_open()))


def open_page(session: Session, staff: Staff, number: int, total: int, *where: ColumnElement[bool]) -> Page:
    """A page of what waits for this person and fits, of which there are so many in all."""
    pages = max(1, -(-total // PAGE_LENGTH))
    number = min(max(1, number), pages)
    query = _lines(staff).where(is_open(), *where).order_by(*in_order())
    return Page(_read(session, query.limit(PAGE_LENGTH).offset((number - 1) * PAGE_LENGTH)), total, number, pages)


def listed(session: Session, staff: Staff, *where: ColumnElement[bool], order: Any) -> tuple[Sequence[Line], int]:
    """The first of the concerns of this person's for which all of that holds, and how many there are."""
    lines = _read(session, _lines(staff).where(*where).order_by(order, Concern.id).limit(PAGE_LENGTH))
    return lines, how_many(session, staff, *where)


def open_in_brief(session: Session, staff: Staff) -> Sequence[Brief]:
    """All that waits for this person, the most urgent first, without anything that names anybody."""
    state = (Concern.status, Concern.next_alarm_at, Concern.escalated_at)
    query = (
        select(Concern.reference, Concern.urgency, Concern.subject, *state, Prison.name.label("prison"))
        .outerjoin(Prison, Prison.id == Concern.prison_id)
        .where(is_open(), is_shown(staff))
        .order_by(*in_order())
    )
    return [
        Brief(
            row.reference, row.urgency, row.status, None if row.subject == "caller" else row.prison,
            row.next_alarm_at, overdue_since(row),
        )
        for row in session.execute(query)
    ]  # fmt: skip


def how_many(session: Session, staff: Staff, *where: ColumnElement[bool]) -> int:
    """Of how many concerns of this person's all of that holds."""
    return session.scalar(select(func.count(Concern.id)).where(is_shown(staff), *where)) or 0


def closed_concerns(session: Session, staff: Staff) -> Sequence[Line]:
    """What was closed last."""
    query = _lines(staff).where(Concern.status == Status.CLOSED.value).order_by(Concern.closed_at.desc())
    return _read(session, query.limit(CLOSED_SHOWN))


def lines(session: Session, staff: Staff, ids: Sequence[int]) -> Sequence[Line]:
    """These concerns in this order, less those that are not this person's business."""
    found = {line.concern.id: line for line in _read(session, _lines(staff).where(Concern.id.in_(ids)))}
    return [found[id] for id in ids if id in found]


def is_open() -> ColumnElement[bool]:
    """What waits for anybody."""
    return Concern.status != Status.CLOSED.value


def is_shown(staff: Staff) -> ColumnElement[bool]:
    """What is this person's business, and people's at all: the watcher's own concerns stand on no list."""
    return and_(seen_by(staff), is_real(Concern.conversation_id))


def _lines(staff: Staff) -> Select[Concern, str | None]:
    return select(Concern, Prison.name).outerjoin(Prison, Prison.id == Concern.prison_id).where(is_shown(staff))


def _read(session: Session, query: Select[Concern, str | None]) -> Sequence[Line]:
    vault.remember(session, query.with_only_columns(Concern.conversation_id))
    return [Line(concern, prison, overdue_since(concern)) for concern, prison in session.execute(query)]
