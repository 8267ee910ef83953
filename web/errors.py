"""Turns every error into a page of plain sentences, or JSON where a program asked. The sentences stand in templates."""

from flask import Flask, Response, current_app, get_template_attribute, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException


def set_up(app: Flask) -> None:
    """Answer all HTTP errors, and crashes as 500, in our own words."""
    app.register_error_handler(HTTPException, _answer)


def sentence(name: str) -> str:
    """The words for a reason (`too_long`) or a code (`"404"`), from templates/error_sentences.html."""
    reasons: dict[str, str] = get_template_attribute("error_sentences.html", "reasons")
    return reasons[name]


def _answer(error: HTTPException) -> ResponseReturnValue:
    # What Werkzeug made is kept for its headers (405 must say what is allowed); only the words are ours.
    response = error.get_response()
    reason = _reason(error)
    if request.path.startswith("/chat/api/"):
        response.data = current_app.json.dumps({"error": sentence(reason)})
        response.content_type = "application/json"
    else:
        response.data = render_template("error.html", reason=reason, code=error.code)
        response.content_type = "text/html; charset=utf-8"
    return _copied(response)


def _reason(error: HTTPException) -> str:
    """`abort(400, "no_text")` names its reason; anything else is known by its code."""
    reasons = get_template_attribute("error_sentences.html", "reasons")
    if isinstance(error, CSRFError):
        return "csrf"
    known = (name for name in (error.description, str(error.code)) if name in reasons)
    return next(known, "500" if (error.code or 500) >= 500 else "400")


def _copied(response: object) -> Response:
    """Werkzeug's plain response as Flask's own, which later handlers expect."""
    return current_app.response_class.force_type(response)  # type: ignore[arg-type]
