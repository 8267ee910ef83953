"""The only process that faces the network: the webhooks for texts and calls, the chat and the staff console."""

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, redirect, url_for
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from markupsafe import Markup

from gateway.config import Settings, settings
from gateway.inert import inert
from web import errors, health, limits, security
from web.chat.views import chat
from web.compiled import CompiledTemplates
from web.console import console, oidc, sign_in
from web.row_numbers import RowNumber
from web.sms.views import sms
from web.voice.views import voice


def create_app(configuration: Settings | None = None) -> Flask:
    """The WSGI application, from this process's settings unless others are given."""
    configuration = configuration or settings()
    app = Flask(__name__, static_url_path="/static")
    app.url_map.converters["int"] = RowNumber
    app.config.update(
        SETTINGS=configuration,
        SECRET_KEY=configuration.derived_key("sessions"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=configuration.is_https,
        # Browsers take a cookie of this name only over https, from this very host and for all of it.
        SESSION_COOKIE_NAME="__Host-session" if configuration.is_https else "session",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        MAX_CONTENT_LENGTH=256 * 1024,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
    )
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("web"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            PrefixLoader({"govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf")}),
        ]
    )
    app.jinja_env.finalize = _shown
    app.jinja_env.bytecode_cache = CompiledTemplates(configuration.var_dir / "templates")
    limits.set_up(app)
    security.set_up(app)
    errors.set_up(app)
    sign_in.set_up(app)
    oidc.set_up(app)
    app.register_blueprint(sms)
    app.register_blueprint(voice)
    app.register_blueprint(chat)
    app.register_blueprint(console)
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/health", "health", health.health)
    app.add_url_rule("/health/path", "health_path", health.path)
    return app


def _shown(value: Any) -> Any:
    """What each expression of a template gives. Jinja escapes the rest; HTML of ours stays HTML."""
    if isinstance(value, Markup):
        return Markup(inert(value))
    return inert(value) if isinstance(value, str) else value


def home() -> ResponseReturnValue:
    """Whoever comes to the bare address is most likely family."""
    only_console = current_app.config["SETTINGS"].web_serves == "console"
    return redirect(url_for("console.queue" if only_console else "chat.page"))
