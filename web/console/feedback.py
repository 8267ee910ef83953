"""What families thought of the service."""

from datetime import date
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import unit_of_work
from gateway.feedback import service
from gateway.feedback.service import MARKS, NO_MARK, Wanted
from gateway.reporting.feedback_sheet import feedback_csv
from gateway.staff.models import Staff
from web.console import typed
from web.console.blueprint import console
from web.console.lists import reader

ANY = {"value": "", "text": "Any"}


@console.get("/feedback")
def feedback() -> ResponseReturnValue:
    """The newest opinions, and the average of each month."""
    wanted = _wanted()
    with unit_of_work() as session:
        staff = reader(session)
        page = service.newest(session, staff, request.args.get("page", 1, type=int), wanted)
        _seen(session, staff, wanted, "page", page=page.number, feedback=[line.id for line in page.lines])
        return render_template(
            "console/feedback.html", opinions=page, months=service.by_month(session, staff), asked=_asked(wanted),
            marks=_marks(), choose_from=_months(service.months(session, staff)), filtered=wanted != service.ALL,
        )  # fmt: skip


@console.get("/feedback.csv")
def feedback_file() -> ResponseReturnValue:
    """The marks that were asked for, all of them, as a file without words."""
    wanted = _wanted()
    with unit_of_work() as session:
        staff = reader(session)
        marks = service.without_words(session, staff, wanted)
        _seen(session, staff, wanted, "csv", count=len(marks))
    kept_as = "attachment; filename=feedback.csv"
    return Response(
        feedback_csv(marks), content_type="text/csv; charset=utf-8", headers={"Content-Disposition": kept_as}
    )


def _wanted() -> Wanted:
    """What is in the address; nothing is asked for by what is none of the choices."""
    mark, month = request.args.get("mark", ""), typed.day(f"{request.args.get('month', '')}-01")
    return Wanted(mark if mark in (*map(str, MARKS), NO_MARK) else "", month)


def _asked(wanted: Wanted) -> dict[str, str]:
    return {"mark": wanted.mark, "month": f"{wanted.month:%Y-%m}" if wanted.month else ""}


def _marks() -> list[dict[str, str]]:
    named = [{"value": str(mark), "text": f"{mark} of 5"} for mark in MARKS]
    return [ANY, *named, {"value": NO_MARK, "text": "No score"}]


def _months(found: list[date]) -> list[dict[str, str]]:
    """None where there is nothing to choose from."""
    return [ANY, *({"value": f"{month:%Y-%m}", "text": f"{month:%B %Y}"} for month in found)] if found else []


def _seen(session: Session, staff: Staff, wanted: Wanted, shown_as: str, **shown: Any) -> None:
    asked = _asked(wanted)
    record(
        session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}", list="feedback", shown_as=shown_as,
        mark=asked["mark"], month=asked["month"], **shown,
    )  # fmt: skip
