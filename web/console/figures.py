"""Figures for the family strategy group: on a page, for a spreadsheet, on one sheet of paper."""

from collections.abc import Callable

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import unit_of_work
from gateway.figures.period import BadPeriod, Period, offered, period
from gateway.figures.scope import UNROUTED, scope
from gateway.figures.tables import Figures
from gateway.figures.tables import figures as count
from gateway.reporting.figures_pdf import figures_pdf
from gateway.reporting.figures_sheet import figures_csv, figures_ods
from gateway.staff.models import Staff
from gateway.wording import say
from web.console.blueprint import console
from web.console.lists import reader

FILES: dict[str, tuple[str, Callable[[Figures], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", figures_csv),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet", figures_ods),
    "pdf": ("application/pdf", figures_pdf),
}
FIELDS = ("from", "to", "prison")


class NoSuchPrison(Exception):
    """The prison that was asked for is not the reader's."""


@console.get("/figures")
def figures() -> ResponseReturnValue:
    """How many there were of what, how long it took, and what families thought."""
    with unit_of_work() as session:
        staff = reader(session)
        try:
            counted, wrong = _counted(session, staff, "page"), None
        except (BadPeriod, NoSuchPrison) as error:
            counted, wrong = None, error
        page = render_template(
            "console/figures.html", figures=counted, wrong=_sentence(wrong), field=_field(wrong), months=offered(),
            chosen=_chosen(counted), prisons=_choices(staff), asked=_asked(),
        )  # fmt: skip
    return page, 400 if wrong else 200


@console.get("/figures.<kind>")
def figures_file(kind: str) -> ResponseReturnValue:
    """The same figures as a file."""
    if kind not in FILES:
        abort(404)
    with unit_of_work() as session:
        try:
            counted = _counted(session, reader(session), kind)
        except (BadPeriod, NoSuchPrison):
            abort(404)
    mimetype, made = FILES[kind]
    months = f"{counted.period.first:%Y-%m}-to-{counted.period.last:%Y-%m}"
    kept_as = f"attachment; filename=figures-{months}.{kind}"
    return Response(made(counted), content_type=mimetype, headers={"Content-Disposition": kept_as})


def _counted(session: Session, staff: Staff, shown_as: str) -> Figures:
    months: Period = period(request.args.get("from", ""), request.args.get("to", ""))
    prison = request.args.get("prison", "")
    counted = scope(staff, prison)
    if counted is None:
        raise NoSuchPrison
    record(
        session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}", list="figures", shown_as=shown_as,
        first=f"{months.first:%Y-%m}", last=f"{months.last:%Y-%m}", prison=prison,
    )  # fmt: skip
    return count(session, counted, months)


def _sentence(wrong: Exception | None) -> str | None:
    if wrong is None:
        return None
    return say(f"figures.{wrong.problem}" if isinstance(wrong, BadPeriod) else "figures.no_such_prison")


def _field(wrong: Exception | None) -> str:
    return "prison" if isinstance(wrong, NoSuchPrison) else "from"


def _chosen(counted: Figures | None) -> dict[str, str]:
    """What the form shows as chosen."""
    if counted is None:
        return _asked()
    first, last = counted.period.first, counted.period.last
    return _asked() | {"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "") for name in FIELDS}


def _choices(staff: Staff) -> dict[str, str]:
    """What can be chosen where there is a choice."""
    theirs = {prison.id: prison.name for prison in sorted(staff.prisons, key=lambda one: one.name)}
    found = theirs | ({UNROUTED: say("figures.unrouted")} if staff.reads_unrouted else {})
    return found if len(found) > 1 else {}
