"""The second half of signing in: setting up the app on the phone, its code, a recovery code or a security key."""

from collections.abc import Callable

import segno
from flask import abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from gateway.db import unit_of_work
from gateway.staff import key_challenges, security_keys
from gateway.staff import second_factor as factors
from gateway.staff.models import Staff
from gateway.staff.second_factor import Refused
from web.console import sign_in
from web.console.accounts import Account
from web.console.blueprint import console
from web.console.sign_in_forms import KEY_REFUSED, CodeForm, RecoveryCodeForm

# Takes a code of this person, from this network address.
Taker = Callable[[Session, Staff, str, str], Refused | None]


@console.route("/sign-in/code", methods=["GET", "POST"], endpoint="second_factor")
def code() -> ResponseReturnValue:
    """The code of the app."""
    account, form = sign_in.half_in(), CodeForm()
    if account is None:
        return _from_the_start()
    if not form.validate_on_submit() or not take(form, account, factors.check):
        return _code_page(form, account)
    return sign_in.let_in_half(account, "authenticator")


@console.post("/sign-in/key/challenge")
def sign_in_key_challenge() -> ResponseReturnValue:
    """What a script of the page has a security key sign, as JSON. Only this session can answer it."""
    account = sign_in.half_in()
    if account is None:
        abort(400)
    with unit_of_work() as work:
        session["challenge"] = key_challenges.ask(work, work.get_one(Staff, account.id))
        options = key_challenges.to_sign_in(session["challenge"], security_keys.keys(work, account.id))
    return current_app.response_class(options, mimetype="application/json")


@console.post("/sign-in/key")
def sign_in_key() -> ResponseReturnValue:
    """What the key answered."""
    account = sign_in.half_in()
    if account is None:
        return _from_the_start()
    given = request.remote_addr or "", session.pop("challenge", ""), request.form.get("answer", "")
    with unit_of_work() as work:
        refused = security_keys.check(work, work.get_one(Staff, account.id), *given)
    if refused:
        return _code_page(CodeForm(formdata=None), account, KEY_REFUSED[refused])
    return sign_in.let_in_half(account, "security_key")


@console.route("/sign-in/recovery-code", methods=["GET", "POST"])
def recovery_code() -> ResponseReturnValue:
    """A recovery code, for who has not got their phone."""
    account, form = sign_in.half_in(), RecoveryCodeForm()
    if account is None:
        return _from_the_start()
    if not form.validate_on_submit() or not take(form, account, factors.use_recovery_code):
        return _page("console/sign_in_recovery_code.html", form)
    answer = sign_in.let_in_half(account, "recovery_code")
    with unit_of_work() as work:
        flash(str(factors.recovery_codes_left(work, account.id)), "recovery_code_used")
    return answer


@console.route("/sign-in/set-up", methods=["GET", "POST"])
def second_factor_set_up() -> ResponseReturnValue:
    """The first time: bring the app and this account together."""
    account, form = sign_in.half_in(), CodeForm()
    if account is None:
        return _from_the_start()
    with unit_of_work() as work:
        if factors.factor(work, account.id):
            return redirect(url_for("console.second_factor"))
    if "secret" not in session:
        session["secret"] = factors.new_secret()
    secret = session["secret"]
    if not form.validate_on_submit() or not take(form, account, _set_up_with(secret)):
        address, typed = factors.shown(secret, account.email)
        return _page("console/sign_in_set_up.html", form, picture=_picture(address), address=address, typed=typed)
    return sign_in.let_in_half(account, "authenticator", to=url_for("console.account"))


def take(form: CodeForm, account: Account, taker: Taker) -> bool:
    """Whether the code of the form is taken; if not, the form says why."""
    with unit_of_work() as work:
        refused = taker(work, work.get_one(Staff, account.id), request.remote_addr or "", form.code.data or "")
    if refused:
        form.refuse(refused)
    return refused is None


def _set_up_with(secret: str) -> Taker:
    return lambda work, staff, address, code: factors.set_up(work, staff, address, secret, code)


def _code_page(form: CodeForm, account: Account, why_not: str = "") -> ResponseReturnValue:
    with unit_of_work() as work:
        has_key = bool(security_keys.keys(work, account.id))
    return _page("console/sign_in_code.html", form, has_key=has_key, why_not=why_not)


def _from_the_start() -> ResponseReturnValue:
    return redirect(url_for("console.sign_in"))


def _page(template: str, form: CodeForm, **more: object) -> ResponseReturnValue:
    return render_template(template, form=form, **more), 400 if form.is_submitted() else 200


def _picture(address: str) -> Markup:
    """A QR code as SVG within the page: black on white in every colour scheme, or phones would not read it."""
    drawn = segno.make(address, error="m")
    return Markup(drawn.svg_inline(omitsize=True, dark="#000", light="#fff", svgclass="console-qr"))
