"""Choosing a password by the link that came in a mail. Whoever has the link need not be signed in."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from gateway.db import unit_of_work
from gateway.staff.invitations import accept, invited
from web.console.blueprint import console
from web.console.person_forms import PasswordForm


@console.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> ResponseReturnValue:
    """The password is set once; then the link is of no more use."""
    form = PasswordForm()
    with unit_of_work() as session:
        staff = invited(session, token)
        if staff is None:
            return render_template("console/invitation.html", form=None), 404
        if not form.validate_on_submit():
            return render_template(
                "console/invitation.html", form=form, person=staff
            ), 400 if form.is_submitted() else 200
        accept(session, token, str(form.password.data))
    flash("", "password_set")
    return redirect(url_for("console.sign_in"))
