"""Requests of families to delete what is kept of them, for the duty desk."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.reference import find_reference
from gateway.db import unit_of_work
from gateway.privacy import erasure, service
from gateway.wording import say
from web.console.blueprint import console
from web.console.lists import reader


@console.get("/erasure-requests")
def erasure_requests() -> ResponseReturnValue:
    """What waits for whoever runs the service, the oldest first."""
    return _page()


@console.post("/erasure-requests/<reference>/erase")
def erase(reference: str) -> ResponseReturnValue:
    """Delete what is kept of the family who asked, once somebody has said that they are sure."""
    reference, ticks = find_reference(reference) or "", request.form.getlist("tick")
    if "sure" not in ticks:
        return _page(reference, say("erasure.not_sure")), 400
    try:
        with unit_of_work() as session:
            staff = reader(session)
            if not staff.reads_unrouted:
                abort(404)
            keep = "keep_concern" in ticks
            done = erasure.erase(session, reference, keep_concern=keep, actor=f"staff:{staff.id}")
    except service.NotWaiting:
        flash(reference, "erased_before")
    except erasure.Refused as error:
        return _page(reference, str(error)), 409
    else:
        flash(reference, "erased_in_part" if done.kept else "erased")
    return redirect(url_for("console.erasure_requests"))


def _page(refused: str = "", why: str = "") -> str:
    with unit_of_work() as session:
        staff = reader(session)
        if not staff.reads_unrouted:
            abort(404)
        lines = service.waiting(session)
        record(
            session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}",
            list="erasure_requests", requests=[line.request.id for line in lines],
        )  # fmt: skip
        return render_template("console/erasure_requests.html", lines=lines, refused=refused, why=why)
