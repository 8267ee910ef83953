"""The other lists: what is closed, what may be a worry, what the bot could not answer."""

from typing import Any

from flask import abort, render_template
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


@console.get("/possible")
def possible() -> ResponseReturnValue:
    """Messages that may be a worry and opened no concern."""
    with unit_of_work() as session:
        unsorted = reading.possible_concerns(session, reader(session))
        seen(session, "possible", messages=[one.message.id for one in unsorted])
        return render_template("console/possible.html", unsorted=unsorted, days=reading.POSSIBLE_FOR.days)


@console.get("/not-processed")
def not_processed() -> ResponseReturnValue:
    """Messages that still wait for an answer of the bot."""
    with unit_of_work() as session:
        if not reader(session).reads_unrouted:
            abort(404)
        unsorted = reading.held_messages(session)
        seen(session, "not_processed", messages=[one.message.id for one in unsorted])
        return render_template("console/not_processed.html", unsorted=unsorted)


def seen(session: Session, name: str, **shown: Any) -> None:
    """Log that whoever is signed in was shown this much of a list."""
    record(session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{current_user.id}", list=name, **shown)
