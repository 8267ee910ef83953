"""One's own account: the security keys that may take the place of the code."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from gateway.db import unit_of_work
from gateway.staff import key_challenges
from gateway.staff import second_factor as factors
from gateway.staff import security_keys as service
from gateway.staff.models import Staff
from web.console.blueprint import console
from web.console.second_factor import take
from web.console.sign_in_forms import KEY_REFUSED, NewKeyForm

NOT_SURE = "Tick the box to say that you are sure"


@console.get("/account/keys")
def security_keys() -> ResponseReturnValue:
    """Which they have, and the first half of adding one."""
    return _page(NewKeyForm(formdata=None))


@console.post("/account/keys")
def security_key_begin() -> ResponseReturnValue:
    """With the phone in their hand they name a new key. One code is good for one key."""
    form = NewKeyForm()
    if not form.validate_on_submit() or not take(form, current_user, factors.check):
        return _page(form), 400
    with unit_of_work() as work:
        challenge = key_challenges.ask(work, work.get_one(Staff, current_user.id))
    session["new_key"] = {"name": form.name.data, "challenge": challenge}
    return redirect(url_for("console.security_key_new"))


@console.get("/account/keys/new")
def security_key_new() -> ResponseReturnValue:
    """The second half: the key itself, which only a script can ask."""
    new = session.get("new_key")
    if new is None:
        return redirect(url_for("console.security_keys"))
    with unit_of_work() as work:
        staff, known = work.get_one(Staff, current_user.id), service.keys(work, current_user.id)
    options = key_challenges.to_add(staff, new["challenge"], known)
    return render_template("console/security_key_new.html", name=new["name"], options=options)


@console.post("/account/keys/new")
def security_key_add() -> ResponseReturnValue:
    """What the key answered."""
    new = session.pop("new_key", None)
    if new is None:
        return redirect(url_for("console.security_keys"))
    with unit_of_work() as work:
        staff, answer = work.get_one(Staff, current_user.id), request.form.get("answer", "")
        refused = service.add(work, staff, new["name"], new["challenge"], answer)
    if refused:
        return _page(NewKeyForm(formdata=None), KEY_REFUSED[refused]), 400
    flash(new["name"], "key_added")
    return redirect(url_for("console.security_keys"))


@console.post("/account/keys/<int:key_id>/remove")
def security_key_remove(key_id: int) -> ResponseReturnValue:
    """Forget a key, once they have said that they are sure."""
    if "sure" not in request.form.getlist("tick"):
        return _page(NewKeyForm(formdata=None), NOT_SURE, key_id), 400
    with unit_of_work() as work:
        name = service.remove(work, work.get_one(Staff, current_user.id), min(key_id, 2**31 - 1))
    flash(name or "", "key_removed" if name else "key_removed_before")
    return redirect(url_for("console.security_keys"))


def _page(form: NewKeyForm, why_not: str = "", not_sure_of: int = 0) -> str:
    with unit_of_work() as work:
        return render_template(
            "console/security_keys.html",
            form=form,
            factor=factors.factor(work, current_user.id),
            keys=service.keys(work, current_user.id),
            why_not=why_not,
            not_sure_of=not_sure_of,
        )
