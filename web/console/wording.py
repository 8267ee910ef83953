"""Administration: what may be sent to families as it was approved."""

from flask import render_template
from flask.typing import ResponseReturnValue

from gateway.audit.running_with import file_mark
from gateway.wording import choices, lists
from web.console.blueprint import console


@console.get("/wording")
def approved_wording() -> ResponseReturnValue:
    """The sentences, what each outcome makes the family hear, and where they are changed."""
    return render_template(
        "console/wording.html",
        approved=choices("approved"),
        closed=choices("closed"),
        closed_for=choices("closed_for"),
        approved_for=lists("approved_for"),
        mark=file_mark("wording.yml"),
    )
