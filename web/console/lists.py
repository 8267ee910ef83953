"""The lists of concerns: what waits, what is closed."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns import queue as reading
from gateway.concerns.moving import moved_away
from gateway.db import unit_of_work
from gateway.staff.models import Staff
from web.console.blueprint import console


def reader(session: Session) -> Staff:
    """Who is looking, with their prisons."""
    return session.get_one(Staff, current_user.id)


@console.get("/")
def queue() -> ResponseReturnValue:
    """What waits for this person, the most urgent first."""
    with unit_of_work() as session:
        page = reading.open_concerns(session, reader(session), request.args.get("page", 1, type=int))
        _seen(session, "open", page=page.number, concerns=[line.concern.id for line in page.lines])
        return render_template("console/queue.html", page=page)


@console.get("/closed")
def closed() -> ResponseReturnValue:
    """What was closed last."""
    with unit_of_work() as session:
        lines = reading.closed_concerns(session, reader(session))
        moved = moved_away(session, reader(session))
        _seen(session, "closed", concerns=[line.concern.id for line in lines])
        return render_template("console/closed.html", lines=lines, moved=moved)


def _seen(session: Session, name: str, **shown: Any) -> None:
    record(session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{current_user.id}", list=name, **shown)
