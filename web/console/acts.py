"""What staff do on a concern's page: each form is checked, compared with what others did meanwhile, and done."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from gateway.concerns import acts, hands
from gateway.concerns.meanwhile import done_meanwhile
from gateway.concerns.models import Status
from gateway.staff.service import may_see
from web.console.blueprint import console
from web.console.concern import Opened, Refused, form_of, opened, page

IS_CLOSED = "It is closed now, so nothing was done. You can keep what you wrote as a note, or open it again first"
# Does what a form asks; gives the notice that says so.
Do = Callable[[Opened, Any], str]


class FormRefused(Exception):
    """What a form asks cannot be done; nothing was changed."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(type(refused.form).__name__)
        self.refused = refused


def perform(reference: str, name: str, do: Do) -> ResponseReturnValue:
    """Do what a form asks, or show the page again with what was written in it and why nothing was done."""
    try:
        with opened(reference) as at:
            acts.lock(at.session, at.concern)
            form = form_of(name, at)
            if not form.validate():
                raise FormRefused(Refused(form))
            if others := done_meanwhile(at.session, at.concern, at.staff.id, name, form.seen_id):
                raise FormRefused(Refused(form, meanwhile=others))
            notice = do(at, form)
            theirs = may_see(at.staff, at.concern)
    except FormRefused as error:
        return page(reference, error.refused)
    flash(reference.upper(), notice)
    # What now belongs to others, by a move or a correction, has no page for this person any more.
    return redirect(url_for("console.concern", reference=reference.upper()) if theirs else url_for("console.queue"))


def refuse(form: Any, field: str, why: str, **more: Any) -> FormRefused:
    """What to raise when a field of a form is wrong in a way that only the log can tell."""
    form[field].errors = [why]
    return FormRefused(Refused(form, **more))


@console.post("/concerns/<reference>/acknowledge")
def acknowledge(reference: str) -> ResponseReturnValue:
    """Answer for it; the family is told when it was read."""

    def do(at: Opened, form: Any) -> str:
        return "acknowledged" if acts.acknowledge(at.session, at.concern, at.staff.id) else "already_acknowledged"

    return perform(reference, "acknowledge", do)


@console.post("/concerns/<reference>/claim")
def claim(reference: str) -> ResponseReturnValue:
    """Take it in hand."""

    def do(at: Opened, form: Any) -> str:
        return "claimed" if hands.claim(at.session, at.concern, at.staff.id) else "done_before"

    return perform(reference, "claim", do)


@console.post("/concerns/<reference>/give")
def give(reference: str) -> ResponseReturnValue:
    """Give it to a colleague, or hand it over with a note."""

    def do(at: Opened, form: Any) -> str:
        concern, staff, text = at.concern, at.staff.id, str(form.text.data)
        if concern.status == Status.CLOSED.value:
            raise refuse(form, "text", IS_CLOSED)
        if not text:
            return "assigned" if hands.assign(at.session, concern, staff, form.to_id) else "done_before"
        new = hands.hand_over(at.session, concern, staff, form.to_id, text, form.act_id)
        return "handed_over" if new else "done_before"

    return perform(reference, "give", do)


@console.post("/concerns/<reference>/note")
def note(reference: str) -> ResponseReturnValue:
    """Keep something for colleagues."""

    def do(at: Opened, form: Any) -> str:
        new = acts.add_note(at.session, at.concern, at.staff.id, str(form.text.data), form.act_id)
        return "noted" if new else "done_before"

    return perform(reference, "note", do)


@console.post("/concerns/<reference>/action")
def action(reference: str) -> ResponseReturnValue:
    """Record what was done."""

    def do(at: Opened, form: Any) -> str:
        kind, remark = form.kind.data, str(form.remark.data)
        new = acts.record_action(at.session, at.concern, at.staff.id, kind, remark, form.act_id)
        return "action_recorded" if new else "done_before"

    return perform(reference, "action", do)
