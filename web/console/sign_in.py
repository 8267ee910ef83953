"""Signing in and out, and the gate before every other page of the console."""

from typing import Any, cast

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import LoginForm, Security, auth_required, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from govuk_frontend_wtf.wtforms_widgets import GovPasswordInput, GovTextInput
from wtforms import Field, PasswordField, StringField
from wtforms.validators import InputRequired

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import now, unit_of_work
from gateway.staff import passwords, tries
from web.console.accounts import Account, Accounts
from web.console.blueprint import OPEN, console

csrf = CSRFProtect()
accounts = Accounts()

# One sentence for every wrong pair, so that nobody learns which addresses have an account.
WRONG = "The e-mail address or the password is not right"
TOO_MANY = "That was too many tries. Wait 15 minutes, then try again"


def set_up(app: Flask) -> None:
    """Give the application its sign-in. Flask-Security adds no address of its own: the pages are ours."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SALT=passwords.salt(app.config["SETTINGS"]),
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SESSION_PROTECTION="strong",
        # The console asks for the token by itself; a form may lie open for as long as the person is signed in.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)
    WTFormsHelpers(app)
    security = Security(app, accounts, register_blueprint=False)
    security.want_json(lambda request: False)
    security.unauthn_handler(ask_to_sign_in)


class SignInForm(LoginForm):
    """Flask-Security's check of a password, with our words and a limit to guessing."""

    email: StringField = StringField(
        "E-mail address",
        widget=GovTextInput(),
        filters=[lambda typed: (typed or "").replace("\x00", "").strip()],
        validators=[InputRequired("Enter your e-mail address")],
        render_kw={"type": "email", "autocomplete": "username", "spellcheck": "false"},
    )
    password: PasswordField = PasswordField(
        "Password",
        widget=GovPasswordInput(),
        validators=[InputRequired("Enter your password")],
        render_kw={"autocomplete": "current-password"},
    )
    remember = None
    submit = None

    def validate_next(self, field: Field) -> None:
        """Nobody is sent on to another site, only back into the console."""
        if not (field.data or "").startswith("/console/"):
            field.data = ""

    def validate(self, **options: Any) -> bool:
        """Whether this is a person of ours. A wrong pair is counted; which half was wrong is not said."""
        if not (self.email.data and self.password.data):
            return super().validate(**options)
        who = (self.email.data, request.remote_addr or "")
        with unit_of_work() as work:
            if tries.too_many(work, *who):
                self.form_errors = [TOO_MANY]
                return False
        if super().validate(**options):
            return True
        with unit_of_work() as work:
            tries.failed(work, *who)
        self.email.errors, self.password.errors, self.form_errors = [], [], [WRONG]
        return False


@console.before_request
def gate() -> ResponseReturnValue | None:
    """No page without having signed in, no change without a token."""
    if request.endpoint in OPEN:
        csrf.protect()
        return None
    if current_user.is_authenticated and _has_expired():
        logout_user()
        return ask_to_sign_in([])
    session["seen_at"] = now().timestamp()
    return _only_staff()


def _has_expired() -> bool:
    """Whether nobody clicked for too long, or the person signed in too long ago, on whatever machine that was."""
    configuration, moment = current_app.config["SETTINGS"], now().timestamp()
    idle, since = moment - session.get("seen_at", 0), moment - session.get("signed_in_at", 0)
    return bool(idle > configuration.console_idle or since > configuration.console_longest)


@auth_required("session")
def _only_staff() -> None:
    """Flask-Security lets only people through who are signed in, and asks for the token of a form."""


def ask_to_sign_in(mechanisms: list[str], headers: dict[str, str] | None = None) -> Response:
    """Send them to the sign-in page, and afterwards to where they wanted to go."""
    if request.method in ("GET", "HEAD"):
        return make_response(redirect(url_for("console.sign_in", next=request.full_path.rstrip("?"))))
    flash("", "nothing_kept")
    return make_response(redirect(url_for("console.sign_in")))


@console.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Who are you?"""
    form = SignInForm()
    if current_user.is_authenticated and not _has_expired():
        return redirect(url_for("console.queue"))
    if not form.validate_on_submit():
        return render_template("console/sign_in.html", form=form), 400 if form.is_submitted() else 200
    account = cast(Account, form.user)
    with unit_of_work() as work:
        record(work, LogEvent.STAFF_SIGNED_IN, actor=f"staff:{account.id}")
    login_user(account, authn_via=["password"])
    session["signed_in_at"] = session["seen_at"] = now().timestamp()
    return redirect(form.next.data or url_for("console.queue"))


@console.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End every session of this person: one left open on another desk, or copied, is of no more use."""
    with unit_of_work() as work:
        record(work, LogEvent.STAFF_SIGNED_OUT, actor=f"staff:{current_user.id}")
    accounts.set_uniquifier(current_user._get_current_object())
    logout_user()
    flash("", "signed_out")
    return redirect(url_for("console.sign_in"))
