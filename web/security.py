"""Headers that every answer carries: nothing from other sites, no inline script, framed only where allowed."""

from flask import Flask, Response, request

from web.csrf import csrf


def set_up(app: Flask) -> None:
    """Ask for a token with every form, and add the headers to all answers."""
    csrf.init_app(app)
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    from flask import current_app

    origins = current_app.config["SETTINGS"].widget_origins
    # Only the chat may stand in a frame, and only on the sites that the operator names.
    framed = " ".join(["'self'", *origins]) if request.blueprint == "chat" else "'none'"
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {framed}",
    )
    if framed == "'none'":
        response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.blueprint != "static" and request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
