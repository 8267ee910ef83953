"""The handover sheet of a shift, to be read or printed."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import now, unit_of_work
from gateway.handover.service import BadTimes, Sheet, sheet, span
from gateway.handover.shifts import shifts
from gateway.wording import say
from web.console.blueprint import console
from web.console.lists import reader


@console.get("/handover")
def handover() -> ResponseReturnValue:
    """What the next shift must know."""
    wrong = None
    with unit_of_work() as session:
        try:
            made = _made(session)
        except BadTimes as error:
            made, wrong = None, say(f"handover.{error.problem}")
        page = render_template(
            "console/handover.html", sheet=made, wrong=wrong, shifts=shifts().lately(now()),
            marking=say("file.marking"), asked={name: request.args.get(name, "") for name in ("from", "to")},
            at=now(),
        )  # fmt: skip
    return page, 400 if wrong else 200


def _made(session: Session) -> Sheet:
    staff = reader(session)
    times = span(request.args.get("from", ""), request.args.get("to", ""))
    made = sheet(session, staff, times, request.args.get("page", 1, type=int))
    record(
        session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}", list="handover",
        since=times.begins.isoformat(), until=times.ends.isoformat(), concerns=made.shown,
    )  # fmt: skip
    return made
