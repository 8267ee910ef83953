"""Administration: who can sign in, what they may do, and which prisons they see."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import unit_of_work
from gateway.digest.service import digest_time
from gateway.staff import people as reading
from gateway.staff import service, tries
from gateway.staff.invitations import invite, last_invitation
from gateway.staff.models import Staff
from gateway.staff.roles import Role
from web.console.blueprint import console
from web.console.person_forms import MayForm, NewPersonForm

NOT_ONESELF = "You cannot take away your own role of administrator. Ask another administrator to do it"


@console.get("/people")
def people() -> ResponseReturnValue:
    """Everybody who has an account."""
    with unit_of_work() as session:
        page = reading.people(session, request.args.get("page", 1, type=int))
        record(session, LogEvent.STAFF_VIEWED_LIST, actor=_actor(), list="people", page=page.number)
        return render_template("console/people.html", people=page)


@console.get("/people/new")
def person_new() -> ResponseReturnValue:
    """Who is to have an account?"""
    return render_template("console/person_new.html", form=NewPersonForm(formdata=None))


@console.post("/people/new")
def person_add() -> ResponseReturnValue:
    """Somebody new, who gets a link to choose a password."""
    form = NewPersonForm()
    if form.validate():
        given = form.given()
        if service.lacks_prisons(**given):
            form.prisons.errors = ["Say which prisons they see, or what else"]
            return render_template("console/person_new.html", form=form), 400
        try:
            with unit_of_work() as session:
                added = reading.add_and_invite(
                    session, str(form.email.data), str(form.name.data), actor=_actor(), **given
                )
            return _back(added, "person_added")
        except service.CannotAdd as error:
            form.form_errors = [str(error)]
    return render_template("console/person_new.html", form=form), 400


@console.get("/people/<int:staff_id>")
def person(staff_id: int) -> ResponseReturnValue:
    """One of them."""
    return _page(staff_id)


@console.post("/people/<int:staff_id>")
def person_change(staff_id: int) -> ResponseReturnValue:
    """Give them other roles or prisons."""
    form = MayForm()
    if not form.validate():
        return _page(staff_id, form)
    given = form.given()
    if staff_id == current_user.id and Role.ADMINISTRATOR not in given["roles"]:
        form.form_errors = [NOT_ONESELF]
        return _page(staff_id, form)
    try:
        with unit_of_work() as session:
            staff = somebody(session, staff_id)
            changed = service.change(session, staff, actor=_actor(), **given)
    except service.CannotAdd as error:
        form.form_errors = [str(error)]
        return _page(staff_id, form)
    return _back(staff, "person_changed" if changed else "person_as_before")


@console.post("/people/<int:staff_id>/invite")
def person_invite(staff_id: int) -> ResponseReturnValue:
    """Mail them a link to choose a new password."""
    with unit_of_work() as session:
        staff = somebody(session, staff_id)
        if not staff.active:
            return _back(staff, "person_is_shut_out")
        new = invite(session, staff, _actor())
    return _back(staff, "person_invited" if new else "person_invited_before")


@console.post("/people/<int:staff_id>/shut-out")
def person_shut_out(staff_id: int) -> ResponseReturnValue:
    """Keep them out, once somebody has said that they are sure."""
    if staff_id == current_user.id:
        return _page(staff_id, why_not="You cannot shut yourself out. Ask another administrator to do it")
    if "sure" not in request.form.getlist("tick"):
        return _page(staff_id, why_not="Tick the box to say that you are sure")
    with unit_of_work() as session:
        staff = somebody(session, staff_id)
        service.set_active(session, staff, False, _actor())
    return _back(staff, "person_shut_out")


@console.post("/people/<int:staff_id>/let-in")
def person_let_in(staff_id: int) -> ResponseReturnValue:
    """Let them in again."""
    with unit_of_work() as session:
        staff = somebody(session, staff_id)
        service.set_active(session, staff, True, _actor())
    return _back(staff, "person_let_in")


@console.post("/people/<int:staff_id>/forgive")
def person_forgive(staff_id: int) -> ResponseReturnValue:
    """Let somebody try to sign in again who has tried too often."""
    with unit_of_work() as session:
        staff = somebody(session, staff_id)
        new = tries.forgive(session, staff, _actor())
    return _back(staff, "person_forgiven" if new else "person_need_not_wait")


def _page(staff_id: int, form: MayForm | None = None, why_not: str = "") -> ResponseReturnValue:
    with unit_of_work() as session:
        staff = somebody(session, staff_id)
        page = render_template(
            "console/person.html",
            person=staff,
            form=form or MayForm.of(staff),
            why_not=why_not,
            invitation=last_invitation(session, staff),
            waits_until=tries.waits_until(session, staff),
            signed_in=reading.last_signed_in(session, staff),
            is_oneself=staff_id == current_user.id,
            digest_time=digest_time,
        )
    return page, 400 if form or why_not else 200


def somebody(session: Session, staff_id: int) -> Staff:
    """One of them, whom nobody else changes until this transaction ends; 404 for a number that nobody has."""
    staff = session.get(Staff, staff_id, with_for_update=True) if staff_id < 2**31 else None
    if staff is None:
        abort(404)
    return staff


def _back(staff: Staff, notice: str) -> ResponseReturnValue:
    flash(staff.name, notice)
    return redirect(url_for("console.person", staff_id=staff.id))


def _actor() -> str:
    return f"staff:{current_user.id}"
