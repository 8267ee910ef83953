"""The queue: what waits for whoever is signed in, filtered as they like, and its part that renews itself."""

import hashlib

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from gateway.concerns import filtering
from gateway.db import unit_of_work
from web.console.blueprint import console
from web.console.lists import reader, seen
from web.console.waiting import Waiting, known_filter, waiting


@console.get("/")
def queue() -> ResponseReturnValue:
    """What waits for this person, the most urgent first."""
    with unit_of_work() as session:
        shown = waiting(session, reader(session), request.args)
        _seen(session, shown)
        return _page("queue", shown, _live(shown))


@console.get("/renewed")
def queue_renewed() -> ResponseReturnValue:
    """The live part of the queue, or 204 when the page that asks shows it as it is: then nothing new was seen."""
    if "HX-Request" not in request.headers:
        return redirect(url_for("console.queue"))
    with unit_of_work() as session:
        shown = waiting(session, reader(session), request.args)
        live = _live(shown)
        if request.args.get("shown") == _mark(live):
            return "", 204
        _seen(session, shown)
        return _page("queue_renewed", shown, live)


@console.post("/filter")
def queue_filter() -> ResponseReturnValue:
    """Use this filter each time, or none when the form names none."""
    with unit_of_work() as session:
        staff = reader(session)
        chosen = known_filter(session, staff, request.form)
        filtering.keep(session, staff, chosen)
    flash("", "filter_kept" if chosen else "filter_forgotten")
    return redirect(url_for("console.queue"))


def _page(name: str, shown: Waiting, live: Markup) -> str:
    return render_template(f"console/{name}.html", waiting=shown, live=live, mark=_mark(live))


def _live(shown: Waiting) -> Markup:
    return Markup(render_template("console/queue_live.html", waiting=shown))


def _mark(live: Markup) -> str:
    """The same for the same content, so nothing in it may change by itself: no token, no minutes that run."""
    return hashlib.blake2b(live.encode(), digest_size=8).hexdigest()


def _seen(session: Session, shown: Waiting) -> None:
    concerns = [line.concern.id for line in shown.page.lines]
    seen(session, "open", page=shown.page.number, concerns=concerns, filter=filtering.codes(shown.chosen))
