"""Messages that opened no concern by themselves: the lists of them, and what staff decide of each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns import deciding, unsorted
from gateway.concerns.unsorted import Unsorted
from gateway.db import unit_of_work
from gateway.paging import Page
from gateway.staff.models import Staff
from gateway.staff.service import may_see, names
from web.console.blueprint import console
from web.console.lists import reader
from web.console.unsorted_forms import DismissForm, MakeForm

Form = MakeForm | DismissForm
OneForm = TypeVar("OneForm", MakeForm, DismissForm)


@dataclass(frozen=True)
class Opened:
    """A message that somebody has in hand."""

    session: Session
    staff: Staff
    line: Unsorted


class Refused(Exception):
    """A form that was wrong, so that nothing was done."""

    def __init__(self, form: Form) -> None:
        super().__init__(type(form).__name__)
        self.form = form


@console.get("/possible")
def possible() -> ResponseReturnValue:
    """Messages that may be a worry, or those that were dismissed and can be brought back."""
    if request.args.get("show") == "dismissed":
        return _listed("dismissed", unsorted.dismissed)
    return _listed("possible", unsorted.possible_concerns)


@console.get("/not-processed")
def not_processed() -> ResponseReturnValue:
    """Messages that still wait for an answer of the bot."""
    return _listed("not_processed", unsorted.held_messages, of_the_desk=True)


@console.get("/messages/<int:message_id>")
def message(message_id: int) -> ResponseReturnValue:
    """One of them, with all that can be decided."""
    return _page(message_id)


@console.post("/messages/<int:message_id>/make")
def message_make(message_id: int) -> ResponseReturnValue:
    """Make it a concern, whose people are told at once."""
    form: Form | None = None
    try:
        with opened(message_id) as at:
            form = _validated(make_form(at))
            concern = deciding.make(at.session, message_id, at.staff.id, form.chosen())
            reference, theirs, back = concern.reference, may_see(at.staff, concern), _list_of(at.line)
    except Refused as error:
        return _page(message_id, error.form, 400)
    except deciding.AlreadyDecided:
        return _decided_before(message_id, form)
    flash(reference, "concern_made")
    return redirect(url_for("console.concern", reference=reference) if theirs else back)


@console.post("/messages/<int:message_id>/dismiss")
def message_dismiss(message_id: int) -> ResponseReturnValue:
    """Take it off the list, with a reason."""
    form: Form | None = None
    try:
        with opened(message_id) as at:
            form = _validated(dismiss_form(message_id))
            deciding.dismiss(at.session, message_id, at.staff.id, form.reason.data, str(form.words.data))
            back = _list_of(at.line)
    except Refused as error:
        return _page(message_id, error.form, 400)
    except deciding.AlreadyDecided:
        return _decided_before(message_id, form)
    flash("", "message_dismissed")
    return redirect(back)


@console.post("/messages/<int:message_id>/bring-back")
def message_bring_back(message_id: int) -> ResponseReturnValue:
    """Undo a dismissal."""
    try:
        with opened(message_id) as at:
            notice = "done_before"
            if deciding.bring_back(at.session, message_id, at.staff.id):
                notice = "message_brought_back"
    except deciding.CannotBringBack:
        notice = "message_too_old"
    flash("", notice)
    return redirect(url_for("console.message", message_id=message_id))


@contextmanager
def opened(message_id: int) -> Iterator[Opened]:
    """The message, for somebody who may read it. For anyone else there is none: 404."""
    with unit_of_work() as session:
        staff = reader(session)
        line = unsorted.by_id(session, staff, message_id)
        if line is None:
            abort(404)
        yield Opened(session, staff, line)


def make_form(at: Opened) -> MakeForm:
    """The form with what is likeliest chosen."""
    prisons = {prison.id: prison.name for prison in deciding.prisons(at.session)}
    likely, named = deciding.likeliest(at.line.assessment), at.line.conversation.prison_id
    return MakeForm(likely=likely, named=named, prisons=prisons, prefix="make")


def dismiss_form(message_id: int) -> DismissForm:
    """The form; a list holds many of them."""
    return DismissForm(prefix=f"dismiss-{message_id}")


def _validated(form: OneForm) -> OneForm:
    if not form.validate():
        raise Refused(form)
    return form


def _decided_before(message_id: int, form: Form | None) -> ResponseReturnValue:
    """Their own second press is one; whoever comes after somebody else sees what that one did."""
    with opened(message_id) as at:
        decision, concern, back = at.line.decision, at.line.concern, _list_of(at.line)
        asked_for_it = decision is not None and (decision.concern_id is not None) == isinstance(form, MakeForm)
        own = asked_for_it and decision is not None and decision.staff_id == at.staff.id
        if concern is not None and may_see(at.staff, concern):
            back = url_for("console.concern", reference=concern.reference)
    if not own:
        return _page(message_id, form, 409)
    flash("", "done_before")
    return redirect(back)


def _list_of(line: Unsorted) -> str:
    held = line.message.state == unsorted.HELD
    return url_for("console.not_processed" if held else "console.possible")


def _listed(
    name: str, read: Callable[[Session, Staff, int], Page[Unsorted]], *, of_the_desk: bool = False
) -> ResponseReturnValue:
    with unit_of_work() as session:
        staff = reader(session)
        if of_the_desk and not staff.reads_unrouted:
            abort(404)
        page = read(session, staff, request.args.get("page", 1, type=int))
        _seen(session, staff, name, [line.message.id for line in page.rows], page.number)
        return render_template(
            "console/not_processed.html" if of_the_desk else "console/possible.html",
            list=page, show=name, names=names(session),
            forms={line.message.id: dismiss_form(line.message.id) for line in page.rows},
        )  # fmt: skip


def _page(message_id: int, refused: Form | None = None, status: int = 200) -> ResponseReturnValue:
    with opened(message_id) as at:
        _seen(at.session, at.staff, "message", [message_id])
        return render_template(
            "console/message.html", one=at.line, names=names(at.session), refused=refused, status=status,
            make=refused if isinstance(refused, MakeForm) else make_form(at),
            dismiss=refused if isinstance(refused, DismissForm) else dismiss_form(message_id),
            may_see_concern=at.line.concern is not None and may_see(at.staff, at.line.concern),
        ), status  # fmt: skip


def _seen(session: Session, staff: Staff, name: str, messages: list[int], number: int = 1) -> None:
    record(
        session, LogEvent.STAFF_VIEWED_LIST, actor=f"staff:{staff.id}", list=name, page=number, messages=messages
    )  # fmt: skip
