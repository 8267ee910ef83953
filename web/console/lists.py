"""The list of what is closed, and what all lists share."""

from typing import Any

from flask import render_template
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


@console.get("/closed")
def closed() -> ResponseReturnValue:
    """What was closed last."""
    with unit_of_work() as session:
        lines = reading.closed_concerns(session, reader(session))
        moved = moved_away(session, reader(session))
        seen(session, "closed", concerns=[line.concern.id for line in lines])
        return render_template("console/closed.html", lines=lines, moved=moved)


def seen(session: Session, name: str, **shown: Any) -> None:
    """Log that whoever is signed in was shown this much of a list."""
    record(session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{current_user.id}", list=name, **shown)
