"""Headers that every answer carries: nothing from other sites, no inline script, framed only where allowed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, abort, current_app, request

from gateway.config import Settings
from web.csrf import csrf

# Nothing that a page of ours needs, so that a script that got in could not use it either.
NOT_USED = ", ".join(
    f"{feature}=()" for feature in ("camera", "microphone", "geolocation", "payment", "usb", "display-capture")
)
ASCII = "".join(map(chr, range(128)))
A_YEAR = 365 * 24 * 3600


def set_up(app: Flask) -> None:
    """Serve only what this process is for, ask for a token with every form, and add the headers to all answers."""
    app.wsgi_app = _in_ascii(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_only_what_is_served)
    app.before_request(_only_words)
    csrf.init_app(app)
    app.after_request(_add_headers)


def _in_ascii(wsgi: Callable[..., Any]) -> Callable[..., Any]:
    """The query of an address as browsers write it: Werkzeug breaks on bytes in it that are no text."""

    def asked(given: dict[str, Any], *args: Any) -> Any:
        given["QUERY_STRING"] = quote(given.get("QUERY_STRING", "").encode("latin-1"), safe=ASCII)
        return wsgi(given, *args)

    return asked


def _only_what_is_served() -> None:
    """WEB_SERVES keeps the console and what the public reaches apart; files and /health belong to both."""
    serves = _settings().web_serves
    if request.blueprint is None or serves == "all":
        return
    if (request.blueprint == "console") != (serves == "console"):
        abort(404)


def _only_words() -> None:
    """No form of ours sends a file or JSON, and Flask-WTF would put either in the place of a field's words."""
    if request.blueprint in ("console", "chat") and (request.files or request.is_json):
        abort(400)


def _add_headers(response: Response) -> Response:
    # Only the chat may stand in a frame, and only on the sites that the operator names.
    may_be_framed = request.blueprint == "chat"
    framed = " ".join(["'self'", *_settings().widget_origins]) if may_be_framed else "'none'"
    policy = (
        "default-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; "
        f"form-action 'self'; frame-ancestors {framed}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Permissions-Policy": NOT_USED,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if may_be_framed else "same-origin",
        "X-Content-Type-Options": "nosniff",
        # Over https the console's forms must say where they come from (Flask-WTF). Families' pages need not.
        "Referrer-Policy": "same-origin" if request.blueprint == "console" else "no-referrer",
    }
    if not may_be_framed:
        headers["X-Frame-Options"] = "DENY"
    if _settings().is_https:
        headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def _settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found
