"""What staff say to the family on a concern's page: an approved sentence, their own words, a question."""

from collections.abc import Callable
from typing import Any

from flask.typing import ResponseReturnValue

from gateway.concerns import acts
from gateway.concerns.free_words import NeedsReason, tell_family_freely
from gateway.concerns.questions import ask_family
from gateway.wording import say
from web.console.acts import perform, refuse
from web.console.blueprint import console
from web.console.concern import Opened


@console.post("/concerns/<reference>/sentence")
def sentence(reference: str) -> ResponseReturnValue:
    """Send the family an approved sentence."""

    def do(at: Opened, form: Any) -> str:
        new = acts.tell_family(at.session, at.concern, at.staff.id, form.sentence.data, form.act_id)
        return "told" if new else "done_before"

    return perform(reference, "sentence", do)


@console.post("/concerns/<reference>/free")
def free(reference: str) -> ResponseReturnValue:
    """Send the family the officer's own words; what may give something away is shown first."""
    return perform(reference, "free", lambda at, form: _say(at, form, tell_family_freely, "told_freely"))


@console.post("/concerns/<reference>/ask")
def ask(reference: str) -> ResponseReturnValue:
    """Ask the family something; its next message is shown as the answer."""
    return perform(reference, "ask", lambda at, form: _say(at, form, ask_family, "asked"))


def _say(at: Opened, form: Any, send: Callable[..., bool], notice: str) -> str:
    text, reason = str(form.text.data), form.reason_given()
    try:
        return notice if send(at.session, at.concern, at.staff.id, text, reason, form.act_id) else "done_before"
    except NeedsReason as error:
        form.shown.data = form.digest()
        raise refuse(form, "text", say("staff.warned"), warned=error.warned) from error
