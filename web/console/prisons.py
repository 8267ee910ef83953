"""Administration: the prisons, who is told about their concerns, and trying whether they can be reached."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.db import now, unit_of_work
from gateway.paging import paged
from gateway.prisons.models import Prison
from gateway.routing import places, trials
from gateway.routing.routes import routing
from gateway.routing.service import clock_in_words
from gateway.wording import say
from web.console.blueprint import console
from web.console.typed import moment

# In place of a prison's id: concerns whose prison is not known, and callers' own risk.
NONE = "none"
BAD_MOMENT = "Enter a day and a time such as 2026-12-25T03:00"


@console.get("/prisons")
def prisons() -> ResponseReturnValue:
    """Every prison."""
    with unit_of_work() as session:
        page = paged(session, select(Prison).order_by(Prison.name), request.args.get("page", 1, type=int))
        own = {name.removeprefix("prison:") for name in routing().ladders if name.startswith("prison:")}
        return render_template("console/prisons.html", prisons=page, own=own)


@console.get("/prisons/<prison_id>")
def prison(prison_id: str) -> ResponseReturnValue:
    """Who is told, step by step, who of them is on duty now, and when each was last tried."""
    typed = request.args.get("at", "")
    at = moment(typed) if typed else now()
    with unit_of_work() as session:
        place = _place(session, prison_id)
        ladders = places.ways(place.id if place else None)
        told = [contact for way in ladders for step in way.steps for contact in step.tell]
        page = render_template(
            "console/prison.html",
            prison=place,
            prison_id=place.id if place else NONE,
            ways=ladders,
            trials=trials.last_trials(session, told),
            key_of=places.key_of,
            clocks={urgency: clock_in_words(clock) for urgency, clock in routing().clocks.items()},
            at=at or now(),
            typed=typed,
            wrong=BAD_MOMENT if at is None else "",
        )
    return page, 400 if at is None else 200


@console.post("/prisons/<prison_id>/test")
def prison_test(prison_id: str) -> ResponseReturnValue:
    """Send a test to one of those who would be told."""
    wanted = request.form.get("contact", "")
    with unit_of_work() as session:
        place = _place(session, prison_id)
        told = places.contacts(place.id if place else None)
        contact = next((one for one in told if places.key_of(one) == wanted), None)
        if contact is None:
            abort(400)
        name = place.name if place else say("staff.prison_unknown")
        new = trials.try_out(session, contact, place=name, actor=f"staff:{current_user.id}")
    flash(contact.address, "test_sent" if new else "test_sent_before")
    return redirect(url_for("console.prison", prison_id=prison_id))


def _place(session: Session, prison_id: str) -> Prison | None:
    """The prison; None for what has none. 404 for an id that no prison has."""
    if prison_id == NONE:
        return None
    found = session.get(Prison, prison_id.upper().replace("\x00", ""))
    if found is None:
        abort(404)
    return found
