"""Which settings and files a process runs with, and a line in the log when they are others than before."""

import hashlib
import hmac
import logging
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.service import record
from gateway.config import Settings, settings
from gateway.db import unit_of_work

logger = logging.getLogger(__name__)

# What decides who is told, what is said and what is kept.
FILES = ("routing.yml", "wording.yml", "limits.yml", "retention.yml", "prisons.csv")
HISTORY_AT_ONCE = 50
CHANGES = (LogEvent.SETTINGS_CHANGED.value, LogEvent.STAFF_DIGEST_CHANGED.value)


def note_start(process: str) -> None:
    """Put it in the log when this process runs with other settings or files than it did last. Never stops it."""
    try:
        with unit_of_work() as session:
            note(session, process, now_running_with())
    except SQLAlchemyError as error:
        logger.warning("settings.not_noted", extra={"process": process, "error": type(error).__name__})


def note(session: Session, process: str, marks: dict[str, str]) -> bool:
    """Keep the marks of what a process runs with, if any is another than before, and say which."""
    before = _last(session, process)
    changed = sorted(name for name in marks.keys() | before.keys() if marks.get(name) != before.get(name))
    if changed:
        record(session, LogEvent.SETTINGS_CHANGED, process=process, changed=changed, marks=marks)
    return bool(changed)


def now_running_with() -> dict[str, str]:
    """A mark for each setting and file: it changes with them, and nobody can tell from it what they are."""
    held = settings()
    # The key that makes the marks has none itself: when it changes, all of them do.
    marks = {field.name: _mark(str(getattr(held, field.name))) for field in fields(held) if field.name != "secret_key"}
    return marks | {name: file_mark(name) for name in FILES}


def file_mark(name: str) -> str:
    """The first signs of a file's SHA-256, as `sha256sum` prints it."""
    try:
        return hashlib.sha256((settings().data_dir / name).read_bytes()).hexdigest()[:16]
    except OSError:
        return "none"


def shown(held: Settings) -> dict[str, str]:
    """Every setting by the name of its variable. Of a secret only whether it is set."""
    return {field.name.upper(): _shown(field.repr, getattr(held, field.name)) for field in fields(held)}


def history(session: Session) -> Sequence[LogEntry]:
    """The changes, the newest first: of what processes run with, and of what is set on the console."""
    query = select(LogEntry).where(LogEntry.event.in_(CHANGES))
    return session.scalars(query.order_by(LogEntry.id.desc()).limit(HISTORY_AT_ONCE)).all()


def _last(session: Session, process: str) -> dict[str, Any]:
    query = select(LogEntry).where(
        LogEntry.event == LogEvent.SETTINGS_CHANGED.value, LogEntry.details["process"].astext == process
    )
    found = session.scalar(query.order_by(LogEntry.id.desc()).limit(1))
    return dict(found.details["marks"]) if found else {}


def _mark(value: str) -> str:
    key = settings().derived_key("marks of settings").encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:16]


def _shown(is_open: bool, value: object) -> str:
    if not is_open:
        return "set, and not shown" if value else "not set"
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "not set"
    return str(value) if value != "" else "not set"
