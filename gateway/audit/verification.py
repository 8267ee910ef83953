"""A reading of the whole log as a job: it takes a second for each hundred thousand rows or less."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway import jobs
from gateway.audit.anchors import Anchor, BadAnchor, read
from gateway.audit.chain import Row
from gateway.audit.models import LogEntry, LogEvent, LogVerification
from gateway.audit.reading import rows
from gateway.audit.service import record
from gateway.audit.verify import Report, verify
from gateway.config import settings
from gateway.db import now, unit_of_work

SAYS_HOW_FAR_EVERY = 20_000
MOST_FAULTS = 50
UNFINISHED = ("queued", "running")


def ask(session: Session, staff_id: int) -> bool:
    """Have the log read. False when that is being done already."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("log verification"))))
    last = latest(session)
    if last is not None and last.state in UNFINISHED:
        return False
    asked = LogVerification(asked_by=staff_id)
    session.add(asked)
    session.flush()
    jobs.defer(session, "audit:read_log", verification_id=asked.id)
    record(session, LogEvent.LOG_VERIFYING, actor=f"staff:{staff_id}", verification=asked.id)
    return True


def latest(session: Session) -> LogVerification | None:
    """The reading that was asked for last."""
    return session.scalar(select(LogVerification).order_by(LogVerification.id.desc()).limit(1))


def latest_finished(session: Session) -> LogVerification | None:
    """The last that came to an end."""
    done = select(LogVerification).where(LogVerification.state == "done")
    return session.scalar(done.order_by(LogVerification.id.desc()).limit(1))


def run(verification_id: int) -> None:
    """Read the log and keep what it came to. One that broke off says so, and nothing waits for it."""
    try:
        _begin(verification_id)
        file = settings().anchor_file
        known = list(read(file)) if file.is_file() else []  # before the rows, or the last could be ahead of them
        with unit_of_work() as session:
            report = verify(_counted(rows(session), verification_id), known, settings().chain_key)
        _finish(verification_id, report, known)
    except Exception:  # whatever it was is raised again: here it only must not look as though it were still going on
        with unit_of_work() as session:
            session.get_one(LogVerification, verification_id).state = "failed"
        raise


def _begin(verification_id: int) -> None:
    with unit_of_work() as session:
        asked = session.get_one(LogVerification, verification_id)
        asked.state, asked.rows_read = "running", 0
        asked.rows_in_all = session.scalar(select(func.coalesce(func.max(LogEntry.id), 0))) or 0


def _counted(read_rows: Iterable[Row], verification_id: int) -> Iterator[Row]:
    """The rows, saying now and then how far it has come."""
    for number, row in enumerate(read_rows, start=1):
        if number % SAYS_HOW_FAR_EVERY == 0:
            with unit_of_work() as session:
                session.get_one(LogVerification, verification_id).rows_read = number
        yield row


def _finish(verification_id: int, report: Report, known: list[Anchor | BadAnchor]) -> None:
    with unit_of_work() as session:
        asked = session.get_one(LogVerification, verification_id)
        asked.state, asked.finished_at, asked.rows_read = "done", now(), report.count
        asked.anchors, asked.last_anchor_at = report.anchors, _last_taken(known)
        asked.faults = [str(fault) for fault in report.faults[:MOST_FAULTS]]
        record(
            session, LogEvent.LOG_VERIFIED, verification=asked.id, rows=report.count, anchors=report.anchors,
            faults=len(report.faults),
        )  # fmt: skip


def _last_taken(known: list[Anchor | BadAnchor]) -> datetime | None:
    taken = [anchor.at for anchor in known if isinstance(anchor, Anchor)]
    try:
        return datetime.fromisoformat(max(taken)) if taken else None
    except ValueError:
        return None  # the reading says that the anchors were changed
