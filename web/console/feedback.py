"""What families thought of the service."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import unit_of_work
from gateway.feedback import service
from web.console.blueprint import console
from web.console.lists import reader


@console.get("/feedback")
def feedback() -> ResponseReturnValue:
    """The newest opinions, and the average of each month."""
    with unit_of_work() as session:
        staff = reader(session)
        page = service.newest(session, staff, request.args.get("page", 1, type=int))
        record(
            session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}",
            list="feedback", page=page.number, feedback=[line.id for line in page.lines],
        )  # fmt: skip
        return render_template("console/feedback.html", opinions=page, months=service.by_month(session, staff))
