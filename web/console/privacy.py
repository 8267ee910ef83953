"""Requests of families to delete what is kept of them, for the duty desk."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import unit_of_work
from gateway.privacy import service
from web.console.blueprint import console
from web.console.lists import reader


@console.get("/erasure-requests")
def erasure_requests() -> ResponseReturnValue:
    """What waits for whoever runs the service, the oldest first."""
    with unit_of_work() as session:
        staff = reader(session)
        if not staff.reads_unrouted:
            abort(404)
        lines = service.waiting(session)
        record(
            session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}",
            list="erasure_requests", requests=[line.request.id for line in lines],
        )  # fmt: skip
        return render_template("console/erasure_requests.html", lines=lines)
