"""Turns every error into a page of plain sentences, or JSON where a program asked. The sentences stand in templates."""

from flask import Flask, Response, current_app, get_template_attribute, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException


def set_up(app: Flask) -> None:
    """Answer all HTTP errors, and crashes as 500, in our own words."""
    app.register_error_handler(HTTPException, _answer)


def sentence(reason: str) -> str:
    """The words for a reason (`too_long`) or a code (`404`)."""
    return _sentences()[reason]


def _sentences() -> dict[str, str]:
    return get_template_attribute("error_sentences.html", "reasons")


def _answer(error: HTTPException) -> ResponseReturnValue:
    reason = _reason(error)
    # What Werkzeug made is kept for its headers (405 must say what is allowed); only the words are ours.
    response: Response = current_app.make_response(error.get_response())
    if request.path.startswith("/chat/api/"):
        response.data = current_app.json.dumps({"error": sentence(reason)})
        response.content_type = "application/json"
    else:
        response.data = render_template("error.html", reason=reason, code=error.code)
        response.content_type = "text/html; charset=utf-8"
    return response


def _reason(error: HTTPException) -> str:
    """`abort(400, "no_text")` names its reason; anything else is known by its code."""
    if isinstance(error, CSRFError):
        return "csrf"
    for name in (str(error.description), str(error.code)):
        if name in _sentences():
            return name
    return "500" if (error.code or 500) >= 500 else "400"
