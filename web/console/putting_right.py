"""Putting a concern right: what kind it is, which prison it belongs to, who else told of the same person."""

from typing import Any

from flask.typing import ResponseReturnValue

from gateway.concerns import corrections, links, moving, service
from gateway.concerns.models import Status
from gateway.concerns.reference import find_reference
from gateway.staff.service import may_see
from web.console.acts import IS_CLOSED, perform, refuse
from web.console.blueprint import console
from web.console.concern import Opened


@console.post("/concerns/<reference>/correct")
def correct(reference: str) -> ResponseReturnValue:
    """Put right what the computer made of it."""

    def do(at: Opened, form: Any) -> str:
        reason = str(form.reason.data)
        changed = corrections.correct(at.session, at.concern, at.staff.id, reason, form.act_id, **form.right())
        return "corrected" if changed else "done_before"

    return perform(reference, "correct", do)


@console.post("/concerns/<reference>/move")
def move(reference: str) -> ResponseReturnValue:
    """Give it to the prison that it belongs to."""

    def do(at: Opened, form: Any) -> str:
        reason = str(form.reason.data)
        if at.concern.status == Status.CLOSED.value:
            raise refuse(form, "reason", IS_CLOSED)
        new = moving.move(at.session, at.concern, at.staff.id, form.prison.data, reason, form.act_id)
        return "moved" if new else "done_before"

    return perform(reference, "move", do)


@console.post("/concerns/<reference>/link")
def link(reference: str) -> ResponseReturnValue:
    """Say that another concern is about the same person."""

    def do(at: Opened, form: Any) -> str:
        other = service.by_reference(at.session, find_reference(str(form.other.data)) or "")
        if other is None or not may_see(at.staff, other):
            raise refuse(form, "other", "There is no concern with this reference that you may see")
        return "linked" if links.link_by_hand(at.session, at.concern, at.staff.id, other) else "done_before"

    return perform(reference, "link", do)


@console.post("/concerns/<reference>/unlink")
def unlink(reference: str) -> ResponseReturnValue:
    """Say that a linked concern is about somebody else."""

    def do(at: Opened, form: Any) -> str:
        other = service.by_reference(at.session, find_reference(str(form.other.data)) or "")
        if other is None or not may_see(at.staff, other):
            return "done_before"
        return "unlinked" if links.unlink(at.session, at.concern, at.staff.id, other) else "done_before"

    return perform(reference, "unlink", do)
