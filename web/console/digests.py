"""Administration: who gets the daily mail of what is open, and from when."""

from datetime import time

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import unit_of_work
from gateway.digest.service import digest_time, set_digest, who_may_get_it
from gateway.handover.shifts import shifts
from gateway.prisons.models import Prison
from gateway.staff.models import Staff
from web.console.blueprint import console
from web.console.people import somebody

BAD_TIME = "Enter a time of day such as 07:30, or leave it empty"


@console.get("/daily-mail")
def digests() -> ResponseReturnValue:
    """Everybody whom it could go to, or those of one prison."""
    with unit_of_work() as session:
        prison = _prison(session, request.args.get("prison", ""))
        page = who_may_get_it(session, prison.id if prison else None, request.args.get("page", 1, type=int))
        about = prison.id if prison else None
        record(session, LogEvent.STAFF_VIEWED_LIST, actor=_actor(), list="daily_mail", prison=about, page=page.number)
        return render_template(
            "console/digests.html", people=page, prison=prison, digest_time=digest_time, usual=shifts().digest_at
        )


@console.get("/people/<int:staff_id>/daily-mail")
def digest(staff_id: int) -> ResponseReturnValue:
    """Whether one of them gets it, and from when."""
    with unit_of_work() as session:
        staff = somebody(session, staff_id)
        return _form(staff, staff.wants_digest, f"{staff.digest_at:%H:%M}" if staff.digest_at else "")


@console.post("/people/<int:staff_id>/daily-mail")
def digest_change(staff_id: int) -> ResponseReturnValue:
    """Have them get it or not, at another hour or the usual one."""
    wanted, typed = "wanted" in request.form.getlist("digest"), request.form.get("at", "").strip()
    with unit_of_work() as session:
        staff = somebody(session, staff_id)
        try:
            at = _time(typed)
        except ValueError:
            return _form(staff, wanted, typed, BAD_TIME), 400
        changed = set_digest(session, staff, wanted=wanted, at=at, actor=_actor())
    flash(staff.name, "digest_changed" if changed else "digest_as_before")
    return redirect(url_for("console.digests"))


def _actor() -> str:
    return f"staff:{current_user.id}"


def _form(staff: Staff, wanted: bool, at: str, wrong: str = "") -> str:
    usual = shifts().digest_at
    return render_template("console/digest.html", person=staff, wanted=wanted, at=at, usual=usual, wrong=wrong)


def _time(typed: str) -> time | None:
    """None for nothing. Raises ValueError for what is no hour and minute."""
    found = time.fromisoformat(typed) if typed else None
    if found is not None and f"{found:%H:%M}" != typed:
        raise ValueError(typed)
    return found


def _prison(session: Session, prison_id: str) -> Prison | None:
    """None when none was named; 404 for an id that no prison has."""
    if not prison_id:
        return None
    return session.get(Prison, prison_id.upper().replace("\x00", "")) or abort(404)
