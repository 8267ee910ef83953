"""The calls that families asked for: who waits, and marking a call as done."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.callbacks import service
from gateway.callbacks.models import Callback
from gateway.concerns.reference import find_reference
from gateway.db import unit_of_work
from web.console.blueprint import console
from web.console.lists import reader


@console.get("/callbacks")
def callbacks() -> ResponseReturnValue:
    """Who waits for a call, the longest first."""
    return _page()


@console.post("/callbacks/<reference>/done")
def callback_done(reference: str) -> ResponseReturnValue:
    """Mark a call as done, with how it ended."""
    reference = find_reference(reference) or ""
    outcome = request.form.get("outcome", "")
    with unit_of_work() as session:
        staff = reader(session)
        callback = service.by_reference(session, reference)
        if callback is None or not service.may_see(session, staff, callback):
            abort(404)
        if outcome in service.outcomes():
            return _finished(session, callback, staff.id, outcome)
    return _page(refused=reference), 400


def _finished(session: Session, callback: Callback, staff_id: int, outcome: str) -> ResponseReturnValue:
    try:
        service.finish(session, callback, staff_id, outcome)
    except service.AlreadyDone:
        flash(callback.reference, "call_done_before")
    else:
        flash(callback.reference, "call_done")
    return redirect(url_for("console.callbacks"))


def _page(refused: str | None = None) -> str:
    with unit_of_work() as session:
        staff = reader(session)
        page = service.waiting(session, staff, request.args.get("page", 1, type=int))
        shown = [line.callback.id for line in page.lines]
        record(
            session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}",
            list="callbacks", page=page.number, callbacks=shown,
        )  # fmt: skip
        return render_template("console/callbacks.html", calls=page, outcomes=service.outcomes(), refused=refused)
