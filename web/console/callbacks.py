"""The calls that families asked for: who waits, what was done, and marking a call as done."""

from dataclasses import dataclass, field

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.callbacks import service
from gateway.callbacks.models import Callback
from gateway.concerns.reference import find_reference
from gateway.db import unit_of_work
from gateway.staff.models import Staff
from gateway.staff.service import names
from web.console.blueprint import console
from web.console.forms import LONGEST_NOTE, TOO_LONG, tidy
from web.console.lists import reader

NO_OUTCOME = "Choose how the call ended"
OWN, ANOTHER = "own", "another"


@dataclass(frozen=True)
class Refused:
    """A form that did nothing: what is wrong in which of its fields, or that somebody had finished the call."""

    reference: str
    outcome: str
    note: str
    wrong: dict[str, str] = field(default_factory=dict)
    is_done: bool = False

    def errors(self) -> list[dict[str, str]]:
        """As the summary at the top of the page has them."""
        return [{"text": why, "href": f"#{name}-{self.reference}"} for name, why in self.wrong.items()]


@console.get("/callbacks")
def callbacks() -> ResponseReturnValue:
    """Who waits for a call, the longest first; or the calls that are done."""
    return _page()


@console.post("/callbacks/<reference>/done")
def callback_done(reference: str) -> ResponseReturnValue:
    """Mark a call as done, with how it ended."""
    outcome, note = request.form.get("outcome", ""), tidy(request.form.get("note"))
    with unit_of_work() as session:
        staff = reader(session)
        callback = _theirs(session, staff, reference)
        reference, wrong = callback.reference, _wrong(outcome, note)
        before = None if wrong else _finish(session, callback, staff, outcome, note)
    if wrong:
        return _page(Refused(reference, outcome, note, wrong)), 400
    if before == ANOTHER:
        return _page(Refused(reference, outcome, note, is_done=True)), 409
    flash(reference, "call_done_before" if before else "call_done")
    return redirect(url_for("console.callbacks"))


@console.post("/callbacks/<reference>/undo")
def callback_undo(reference: str) -> ResponseReturnValue:
    """Have a call wait again that was marked as done."""
    with unit_of_work() as session:
        staff = reader(session)
        callback = _theirs(session, staff, reference)
        new = service.undo(session, callback, staff.id)
        flash(callback.reference, "call_undone" if new else "done_before")
    return redirect(url_for("console.callbacks"))


def _theirs(session: Session, staff: Staff, reference: str) -> Callback:
    callback = service.by_reference(session, find_reference(reference) or "")
    if callback is None or not service.may_see(session, staff, callback):
        abort(404)
    return callback


def _wrong(outcome: str, note: str) -> dict[str, str]:
    wrong = {} if outcome in service.outcomes() else {"outcome": NO_OUTCOME}
    return wrong | ({"note": TOO_LONG} if len(note) > LONGEST_NOTE else {})


def _finish(session: Session, callback: Callback, staff: Staff, outcome: str, note: str) -> str | None:
    """Who had finished it before, if anybody: their own second press is no news to them."""
    try:
        service.finish(session, callback, staff.id, outcome, note)
    except service.AlreadyDone:
        return OWN if callback.done_by == staff.id else ANOTHER
    return None


def _page(refused: Refused | None = None) -> str:
    show = "done" if request.args.get("show") == "done" else "waiting"
    with unit_of_work() as session:
        staff = reader(session)
        read = service.done if show == "done" else service.waiting
        page = read(session, staff, request.args.get("page", 1, type=int))
        shown = [line.callback.id for line in page.lines]
        record(
            session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}",
            list="callbacks", show=show, page=page.number, callbacks=shown,
        )  # fmt: skip
        return render_template(
            "console/callbacks.html", calls=page, show=show, outcomes=service.outcomes(), refused=refused,
            names=names(session), done=service.by_reference(session, refused.reference) if refused else None,
        )  # fmt: skip
