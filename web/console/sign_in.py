"""Signing in and out, and the gate before every other page of the console."""

from typing import cast

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
from flask_security import Security, auth_required, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.config import Settings
from gateway.db import now, unit_of_work
from gateway.staff import passwords, second_factor
from web.console.accounts import Account, Accounts
from web.console.blueprint import OPEN, RENEWALS, console
from web.console.sign_in_forms import SignInForm

csrf = CSRFProtect()
accounts = Accounts()

# From the password to the code: time enough to install the app.
HALFWAY_SECONDS = 15 * 60


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
    # Nobody is remembered beyond the session; reading such a cookie, Flask-Login would break on odd signs in it.
    security.login_manager._load_user_from_remember_cookie = lambda cookie: None


@console.before_request
def gate() -> ResponseReturnValue | None:
    """No page without having signed in, no change without a token."""
    if request.endpoint in OPEN:
        csrf.protect()
        return redirect(url_for("console.queue")) if is_in() else None
    if current_user.is_authenticated and _has_expired():
        logout_user()
        return ask_to_sign_in([])
    if request.endpoint not in RENEWALS:
        session["seen_at"] = now().timestamp()
    return _only_staff()


def is_in() -> bool:
    """Whether somebody is signed in, and clicked not too long ago."""
    return current_user.is_authenticated and not _has_expired()


def _has_expired() -> bool:
    """Whether nobody clicked for too long, or the person signed in too long ago, on whatever machine that was."""
    configuration, moment = _settings(), now().timestamp()
    idle, since = moment - session.get("seen_at", 0), moment - session.get("signed_in_at", 0)
    return bool(idle > configuration.console_idle or since > configuration.console_longest)


@auth_required("session")
def _only_staff() -> None:
    """Flask-Security lets only people through who are signed in, and asks for the token of a form."""


def ask_to_sign_in(mechanisms: list[str], headers: dict[str, str] | None = None) -> Response:
    """Send them to the sign-in page, and afterwards to where they wanted to go."""
    if request.endpoint in RENEWALS:
        return _say_signed_out()
    if request.method in ("GET", "HEAD"):
        return make_response(redirect(url_for("console.sign_in", next=request.full_path.rstrip("?"))))
    flash("", "nothing_kept")
    return make_response(redirect(url_for("console.sign_in")))


def _say_signed_out() -> Response:
    """The sign-in page has no place inside another page, so that part says what happened and stops asking."""
    if "HX-Request" not in request.headers:
        return make_response(redirect(url_for("console.sign_in")))
    return make_response(render_template("console/queue_signed_out.html"), 401, {"HX-Reswap": "outerHTML"})


@console.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Who are you?"""
    form = SignInForm()
    if not form.validate_on_submit():
        page = render_template("console/sign_in.html", form=form, by_oidc=_settings().oidc_is_set)
        return page, 400 if form.is_submitted() else 200
    return go_on(cast(Account, form.user), ["password"], form.next.data)


def go_on(account: Account, via: list[str], wanted: str) -> ResponseReturnValue:
    """After the first proof: to the second, where one is asked for. Nothing of the session before is carried over."""
    if not _settings().console_second_factor:
        return let_in(account, via, wanted)
    session.clear()
    session["half_in"] = {"who": account.fs_uniquifier, "at": now().timestamp(), "via": via, "wanted": wanted}
    with unit_of_work() as work:
        has_one = second_factor.factor(work, account.id)
    return redirect(url_for("console.second_factor" if has_one else "console.second_factor_set_up"))


def half_in() -> Account | None:
    """Who has given the first proof a short while ago and still has to give the second."""
    half = session.get("half_in")
    if half is None or now().timestamp() - half["at"] > HALFWAY_SECONDS:
        return None
    account = accounts.find_user(fs_uniquifier=half["who"])
    return account if account and account.active else None


def let_in_half(account: Account, how: str, to: str = "") -> ResponseReturnValue:
    """After the second proof: to where they wanted to go when they began, or to a page that comes before that."""
    half = session["half_in"]
    answer = let_in(account, [*half["via"], how], half["wanted"])
    if not to:
        return answer
    session["wanted"] = half["wanted"]
    return redirect(to)


def let_in(account: Account, via: list[str], wanted: str = "") -> ResponseReturnValue:
    """Begin a session. It has nothing of the one before, which somebody else may have begun."""
    session.clear()
    with unit_of_work() as work:
        record(work, LogEvent.STAFF_SIGNED_IN, actor=f"staff:{account.id}", via=via)
    login_user(account, authn_via=via)
    session["via"] = via
    session["signed_in_at"] = session["seen_at"] = now().timestamp()
    return redirect(wanted or url_for("console.queue"))


@console.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End every session of this person: one left open on another desk, or copied, is of no more use."""
    with unit_of_work() as work:
        record(work, LogEvent.STAFF_SIGNED_OUT, actor=f"staff:{current_user.id}")
    by_oidc = "oidc" in session.get("via", [])
    accounts.set_uniquifier(current_user._get_current_object())
    logout_user()
    session.clear()
    flash("", "signed_out")
    return redirect(url_for("console.sign_in", organisation="out" if by_oidc else None))


def _settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])
