"""What staff read when something did not work: the sentences stand in templates/console/error.html."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from web.console.blueprint import console


@console.errorhandler(HTTPException)
def problem(error: HTTPException) -> ResponseReturnValue:
    """A page for this error. Werkzeug's own headers are kept: 405 must say what is allowed."""
    reason = "stale" if isinstance(error, CSRFError) else str(error.code)
    headers = {
        name: value for name, value in error.get_headers() if name.lower() not in ("content-type", "content-length")
    }
    return current_app.make_response((render_template("console/error.html", reason=reason), error.code or 500, headers))
