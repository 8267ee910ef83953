"""Administration: looking through the gateway log, and having the whole of it verified."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from gateway.audit import verification
from gateway.audit.looking import Wanted, look, shown_details
from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import unit_of_work
from gateway.staff.service import names
from web.console.blueprint import console
from web.console.typed import day
from web.row_numbers import LARGEST

FILTERS = ("event", "actor", "reference", "first", "last")
BAD_DAY = "Enter a day such as 2026-03-01"


@console.get("/log")
def log() -> ResponseReturnValue:
    """The newest lines, or those that were asked for."""
    filters = {name: request.args.get(name, "").replace("\x00", "").strip() for name in FILTERS}
    wrong = {name: BAD_DAY for name in ("first", "last") if filters[name] and day(filters[name]) is None}
    wanted = Wanted(
        filters["event"], filters["actor"], filters["reference"], day(filters["first"]), day(filters["last"]),
        before=_position("before"), after=_position("after"),
    )  # fmt: skip
    with unit_of_work() as session:
        page, people = look(session, wanted), names(session)
        last, finished = verification.latest(session), verification.latest_finished(session)
        asked = {name: value for name, value in filters.items() if value}
        record(session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{current_user.id}", list="log", asked=sorted(asked))
    html = render_template(
        "console/log.html", log=page, names=people, asked=asked, wrong=wrong, events=sorted(LogEvent),
        details=shown_details, last=last, finished=finished,
    )  # fmt: skip
    return html, 400 if wrong else 200


@console.post("/log/verify")
def log_verify() -> ResponseReturnValue:
    """Have the log read from its first line to its last, by the worker."""
    with unit_of_work() as session:
        new = verification.ask(session, current_user.id)
    flash("", "verifying" if new else "verifying_before")
    return redirect(url_for("console.log"))


def _position(name: str) -> int | None:
    found = request.args.get(name, type=int)
    return found if found is not None and abs(found) <= LARGEST else None
