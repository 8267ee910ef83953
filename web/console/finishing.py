"""Closing a concern, the second person's word on an emergency, and opening a closed one again."""

from typing import Any

from flask.typing import ResponseReturnValue

from gateway.concerns import closing
from web.console.acts import IS_CLOSED, perform, refuse
from web.console.blueprint import console
from web.console.concern import Opened


@console.post("/concerns/<reference>/close")
def close(reference: str) -> ResponseReturnValue:
    """Finish it, with what was done."""

    def do(at: Opened, form: Any) -> str:
        try:
            done = closing.close(at.session, at.concern, at.staff.id, form.outcome.data, form.told.data)
        except closing.AlreadyClosed:
            return "already_closed"
        return "closed" if done else "close_proposed"

    return perform(reference, "close", do)


@console.post("/concerns/<reference>/confirm")
def confirm(reference: str) -> ResponseReturnValue:
    """The second person closes an emergency."""

    def do(at: Opened, form: Any) -> str:
        try:
            closing.confirm(at.session, at.concern, at.staff.id)
        except closing.AlreadyClosed:
            return "already_closed"
        except closing.NothingProposed:
            return "nothing_proposed"
        except closing.OwnProposal:
            return "own_proposal"
        return "closed"

    return perform(reference, "confirm", do)


@console.post("/concerns/<reference>/keep-open")
def keep_open(reference: str) -> ResponseReturnValue:
    """It is not to be closed yet, and why."""

    def do(at: Opened, form: Any) -> str:
        try:
            new = closing.keep_open(at.session, at.concern, at.staff.id, str(form.reason.data), form.act_id)
        except closing.AlreadyClosed as error:
            raise refuse(form, "reason", IS_CLOSED) from error
        except closing.NothingProposed as error:
            raise refuse(form, "reason", "Nobody proposes to close it any more, so nothing was done") from error
        return "kept_open" if new else "done_before"

    return perform(reference, "keep_open", do)


@console.post("/concerns/<reference>/reopen")
def reopen(reference: str) -> ResponseReturnValue:
    """Take it up again, with a reason."""

    def do(at: Opened, form: Any) -> str:
        new = closing.reopen(at.session, at.concern, at.staff.id, str(form.reason.data), form.act_id)
        return "reopened" if new else "done_before"

    return perform(reference, "reopen", do)
