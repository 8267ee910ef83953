"""Finding a concern. No address says what is looked for: a form sends it, and a sealed token stands for it then."""

import base64
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns.find import MOST, Found, Wanted
from gateway.concerns.find import find as find_concerns
from gateway.db import unit_of_work
from gateway.staff.models import Staff
from gateway.wording import say
from web.console.blueprint import console
from web.console.find_form import FindForm
from web.console.lists import reader


@console.get("/find")
def find() -> ResponseReturnValue:
    """The form, and below it what was found."""
    sealed = request.args.get("sealed", "")
    with unit_of_work() as session:
        staff = reader(session)
        form = _form(staff, _unsealed(sealed))
        if not sealed:
            return _page(form)
        if not form.validate():  # a token that is none of ours, or of a prison that is no longer theirs
            form.who.errors = [say("staff.search_gone")]
            return _page(form, status=400)
        return _page(form, _found(session, staff, form.wanted()), sealed)


@console.post("/find")
def find_for() -> ResponseReturnValue:
    """Take what is looked for, and show what is found at an address that does not say it."""
    with unit_of_work() as session:
        form = _form(reader(session), request.form)
    if not form.validate():
        return _page(form, status=400)
    sealed = _seal().encrypt(json.dumps(form.typed()).encode()).decode()
    return redirect(url_for("console.find", sealed=sealed))


def _found(session: Session, staff: Staff, wanted: Wanted) -> Found:
    found = find_concerns(session, staff, wanted, request.args.get("page", 1, type=int))
    record(
        session, LogEvent.STAFF_SEARCHED, actor=f"staff:{staff.id}", kinds=wanted.kinds(), page=found.number,
        concerns=[line.concern.id for line in found.lines],
    )  # fmt: skip
    return found


def _page(form: FindForm, found: Found | None = None, sealed: str = "", status: int = 200) -> ResponseReturnValue:
    return render_template("console/find.html", form=form, found=found, most=MOST, sealed=sealed), status


def _form(staff: Staff, typed: Mapping[str, str] | None) -> FindForm:
    prisons = sorted((prison.name, prison.id) for prison in staff.prisons)
    return FindForm(MultiDict(typed) if typed else None, prisons=[(id, name) for name, id in prisons])


def _unsealed(sealed: str) -> dict[str, str]:
    """What a token stands for; nothing when it is none of ours."""
    try:
        return dict(json.loads(_seal().decrypt(sealed))) if sealed else {}
    except (InvalidToken, ValueError):  # the latter for signs that are in no token
        return {}


def _seal() -> Fernet:
    key = bytes.fromhex(current_app.config["SETTINGS"].derived_key("console find"))
    return Fernet(base64.urlsafe_b64encode(key))
