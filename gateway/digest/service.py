"""The daily mail: how many concerns are open at somebody's prisons, their references, and when each is due.

It holds no name and none of a family's words: mail lies about.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.models import Concern
from gateway.concerns.queue import Brief, how_many, open_in_brief
from gateway.config import settings
from gateway.db import now
from gateway.deliveries.service import queue_digest
from gateway.handover.shifts import shifts
from gateway.spoken import UK, spoken_time
from gateway.staff.models import Staff
from gateway.staff.service import CannotAdd, staff_by_email
from gateway.wording import choices, say

LINES_SHOWN = 50


def want(session: Session, email: str, *, wanted: bool, actor: str = "system") -> None:
    """Whether somebody gets the daily mail. The first comes the next morning. Raises CannotAdd for nobody of ours."""
    staff = staff_by_email(session, email)
    if staff is None:
        raise CannotAdd(f"There is no member of staff with the address {email.strip()}.")
    if staff.wants_digest == wanted:
        return
    staff.wants_digest = wanted
    if _is_time(now()):
        staff.digest_sent_for = now().astimezone(UK).date()
    record(session, LogEvent.STAFF_DIGEST_CHANGED, actor=actor, staff=staff.id, wanted=wanted)


def queue_due(session: Session) -> int:
    """Queue today's mail for everybody who wants one and has none yet. Gives how many.

    Today is the day on UK clocks. After a night in which nothing ran it comes late rather than never, and once.
    """
    if not _is_time(now()):
        return 0
    today = now().astimezone(UK).date()
    waits = or_(Staff.digest_sent_for.is_(None), Staff.digest_sent_for < today)
    query = select(Staff).where(Staff.wants_digest, Staff.active, waits).order_by(Staff.id)
    found = session.scalars(query.with_for_update(of=Staff, skip_locked=True)).all()
    for staff in found:
        staff.digest_sent_for = today
        _queue(session, staff)
    return len(found)


def _is_time(at: datetime) -> bool:
    return at.astimezone(UK).time() >= shifts().digest_at


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
