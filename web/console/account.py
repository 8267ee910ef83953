"""One's own account: the app on the phone, the recovery codes, and how many security keys there are."""

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from gateway.db import unit_of_work
from gateway.staff import second_factor as factors
from gateway.staff import security_keys
from web.console.blueprint import console
from web.console.second_factor import take
from web.console.sign_in_forms import CodeForm


@console.get("/account")
def account() -> ResponseReturnValue:
    """What somebody signs in with, and the recovery codes until they have kept them."""
    return _page(CodeForm())


@console.post("/account/recovery-codes")
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes, for whoever has the phone in their hand."""
    form = CodeForm()
    if form.validate_on_submit() and take(form, current_user, factors.renew_recovery_codes):
        return redirect(url_for("console.account"))
    return _page(form), 400


@console.post("/account/recovery-codes/kept")
def recovery_codes_kept() -> ResponseReturnValue:
    """They have them on paper: from now on they are shown to nobody."""
    with unit_of_work() as work:
        factors.recovery_codes_kept(work, current_user.id)
    flash("", "recovery_codes_kept")
    return redirect(session.pop("wanted", "") or url_for("console.account"))


def _page(form: CodeForm) -> str:
    with unit_of_work() as work:
        return render_template(
            "console/account.html",
            form=form,
            factor=factors.factor(work, current_user.id),
            codes=factors.recovery_codes(work, current_user.id),
            keys=security_keys.keys(work, current_user.id),
            left=factors.recovery_codes_left(work, current_user.id),
        )
