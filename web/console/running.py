"""Administration: the settings that this process runs with, and when settings and files last changed."""

from flask import current_app, render_template
from flask.typing import ResponseReturnValue

from gateway.audit import running_with
from gateway.db import unit_of_work
from gateway.staff.service import names
from web.console.blueprint import console


@console.get("/settings")
def settings() -> ResponseReturnValue:
    """No secret is shown, only whether it is set."""
    with unit_of_work() as session:
        changes, called = running_with.history(session), names(session)
    return render_template(
        "console/settings.html",
        settings=running_with.shown(current_app.config["SETTINGS"]),
        files={name: running_with.file_mark(name) for name in running_with.FILES},
        changes=changes,
        names=called,
    )
