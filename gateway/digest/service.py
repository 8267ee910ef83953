"""The daily mail: how many concerns are open at somebody's prisons, their references, and when each is due.

It holds no name and none of a family's words: mail lies about.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.concerns.queue import Brief, how_many, open_in_brief
from gateway.config import settings
from gateway.db import now
from gateway.deliveries.service import queue_digest
from gateway.handover.shifts import shifts
from gateway.paging import Page, paged
from gateway.prisons.models import Prison
from gateway.spoken import UK, spoken_time
from gateway.staff.models import Staff
from gateway.staff.roles import READS_CONCERNS
from gateway.staff.service import CannotAdd, staff_by_email
from gateway.wording import choices, say

LINES_SHOWN = 50


def want(session: Session, email: str, *, wanted: bool, actor: str = "system") -> Staff:
    """Whether somebody gets the daily mail, at the hour that they had. Raises CannotAdd for nobody of ours."""
    staff = staff_by_email(session, email)
    if staff is None:
        raise CannotAdd(f"There is no member of staff with the address {email.strip()}.")
    set_digest(session, staff, wanted=wanted, at=staff.digest_at, actor=actor)
    return staff


def set_digest(session: Session, staff: Staff, *, wanted: bool, at: time | None, actor: str) -> bool:
    """Whether somebody gets the daily mail, and from when. The first comes at the next such hour. False when it was so.

    `at` is on a UK clock; none is the hour of data/shifts.yml.
    """
    if (staff.wants_digest, staff.digest_at) == (wanted, at):
        return False
    begins = wanted and not staff.wants_digest
    staff.wants_digest, staff.digest_at = wanted, at
    local = now().astimezone(UK)
    if begins and local.time() >= digest_time(staff):
        staff.digest_sent_for = local.date()
    own = f"{at:%H:%M}" if at else None
    record(session, LogEvent.STAFF_DIGEST_CHANGED, actor=actor, staff=staff.id, wanted=wanted, at=own)
    return True


def digest_time(staff: Staff) -> time:
    """From when on a UK clock their daily mail is sent."""
    return staff.digest_at or shifts().digest_at


def who_may_get_it(session: Session, prison_id: str | None = None, number: int = 1) -> Page[Staff]:
    """Everybody whose work is with concerns, or with those of one prison, and whoever gets it: those first, by name."""
    reads = Staff.roles.overlap([role.value for role in READS_CONCERNS])
    query = select(Staff).where(Staff.active, or_(reads, Staff.wants_digest))
    if prison_id:
        query = query.where(Staff.prisons.any(Prison.id == prison_id))
    return paged(session, query.order_by(Staff.wants_digest.desc(), func.lower(Staff.name), Staff.id), number)


def queue_due(session: Session) -> int:
    """Queue today's mail for everybody who wants one and has none yet. Gives how many.

    Today is the day on UK clocks. After a night in which nothing ran it comes late rather than never, and once.
    """
    local = now().astimezone(UK)
    today = local.date()
    waits = or_(Staff.digest_sent_for.is_(None), Staff.digest_sent_for < today)
    is_time = func.coalesce(Staff.digest_at, shifts().digest_at) <= local.time()
    query = select(Staff).where(Staff.wants_digest, Staff.active, waits, is_time).order_by(Staff.id)
    found = session.scalars(query.with_for_update(of=Staff, skip_locked=True)).all()
    for staff in found:
        staff.digest_sent_for = today
        _queue(session, staff)
    return len(found)


def _queue(session: Session, staff: Staff) -> None:
    briefs = open_in_brief(session, staff)
    overdue = sum(brief.overdue_since is not None for brief in briefs)
    delivery = queue_digest(
        session, address=staff.email, body=_body(session, staff, briefs),
        subject=say("digest.subject", open=len(briefs), overdue=overdue, time=spoken_time(now())),
    )  # fmt: skip
    record(session, LogEvent.DIGEST_QUEUED, delivery=delivery.id, staff=staff.id, open=len(briefs), overdue=overdue)


def _body(session: Session, staff: Staff, briefs: Sequence[Brief]) -> str:
    since = _a_day_ago(now())
    columns = {"opened": Concern.opened_at, "acknowledged": Concern.acknowledged_at, "closed": Concern.closed_at}
    counts = {name: how_many(session, staff, column >= since) for name, column in columns.items()}
    return say(
        "digest.email", time=spoken_time(now()), since=spoken_time(since), **counts,
        prisons="\n".join(_prisons(briefs)) or say("digest.nothing"), link=f"{settings().public_url}/console/",
    )  # fmt: skip


def _a_day_ago(at: datetime) -> datetime:
    """The same time on the clock yesterday, also when the clocks were changed in between."""
    return at.astimezone(UK) - timedelta(days=1)


def _prisons(briefs: Sequence[Brief]) -> Iterator[str]:
    by_prison = sorted(briefs, key=lambda brief: (brief.prison is None, brief.prison or ""))
    for prison, group in groupby(by_prison, key=lambda brief: brief.prison):
        theirs = list(group)
        overdue = sum(brief.overdue_since is not None for brief in theirs)
        yield say("digest.prison", prison=prison or say("figures.unrouted"), open=len(theirs), overdue=overdue)
        yield from map(_line, theirs[:LINES_SHOWN])
        if len(theirs) > LINES_SHOWN:
            yield "  " + say("digest.more", count=len(theirs) - LINES_SHOWN)
        yield ""


def _line(brief: Brief) -> str:
    late = brief.overdue_since
    due = (
        say("digest.overdue", time=spoken_time(late))
        if late
        else say("digest.due", time=spoken_time(brief.next_alarm_at))
    )
    return "  " + say(
        "digest.line", urgency=choices("urgencies")[brief.urgency], reference=brief.reference,
        status=choices("statuses")[brief.status].lower(), due=due,
    )  # fmt: skip
