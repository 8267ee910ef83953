"""A concern's page, and what staff can do there."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns import service
from gateway.concerns.disclosure import Warned
from gateway.concerns.dossier import dossier
from gateway.concerns.free_words import NeedsReason, tell_family_freely
from gateway.concerns.models import Concern
from gateway.concerns.reference import find_reference
from gateway.db import unit_of_work
from gateway.reporting.concern_file import concern_file
from gateway.reporting.concern_pdf import concern_pdf
from gateway.staff.models import Staff
from gateway.staff.service import may_see
from gateway.wording import say
from web.console.blueprint import console
from web.console.forms import AcknowledgeForm, CloseForm, FreeForm, NoteForm, SentenceForm
from web.console.lists import reader


@dataclass(frozen=True)
class Opened:
    """A concern that somebody has in hand."""

    session: Session
    staff: Staff
    concern: Concern


@contextmanager
def opened(reference: str) -> Iterator[Opened]:
    """The concern, for somebody who may see it. For anyone else there is none: 404."""
    with unit_of_work() as session:
        staff = reader(session)
        exact = find_reference(reference) == reference.upper()
        concern = service.by_reference(session, reference.upper()) if exact else None
        if concern is None or not may_see(staff, concern):
            abort(404)
        yield Opened(session, staff, concern)


@console.get("/concerns/<reference>")
def concern(reference: str) -> ResponseReturnValue:
    """All there is to know about one concern."""
    return _page(reference)


@console.post("/concerns/<reference>/acknowledge")
def acknowledge(reference: str) -> ResponseReturnValue:
    """Answer for it; the family is told when it was read."""
    with opened(reference) as at:
        first = service.acknowledge(at.session, at.concern, at.staff.id)
    return _back(reference, "acknowledged" if first else "already_acknowledged")


@console.post("/concerns/<reference>/note")
def note(reference: str) -> ResponseReturnValue:
    """Keep something for colleagues."""
    form = NoteForm(prefix="note")
    if not form.validate():
        return _page(reference, form)
    with opened(reference) as at:
        new = service.add_note(at.session, at.concern, at.staff.id, str(form.text.data), form.act_id)
    return _back(reference, "noted" if new else "done_before")


@console.post("/concerns/<reference>/sentence")
def sentence(reference: str) -> ResponseReturnValue:
    """Send the family an approved sentence."""
    with opened(reference) as at:
        form = SentenceForm(prefix="sentence", fitting=service.fitting_sentences(at.concern))
        if form.validate():
            new = service.tell_family(at.session, at.concern, at.staff.id, form.sentence.data, form.act_id)
            return _back(reference, "told" if new else "done_before")
    return _page(reference, form)


@console.post("/concerns/<reference>/free")
def free(reference: str) -> ResponseReturnValue:
    """Send the family the officer's own words; what may give something away is shown first."""
    form = FreeForm(prefix="free")
    if not form.validate():
        return _page(reference, form)
    try:
        with opened(reference) as at:
            new = tell_family_freely(
                at.session, at.concern, at.staff.id, str(form.text.data), form.reason_given(), form.act_id
            )
    except NeedsReason as error:
        form.shown.data = form.digest()
        form.text.errors = [say("staff.warned")]
        return _page(reference, form, error.warned)
    return _back(reference, "told_freely" if new else "done_before")


@console.post("/concerns/<reference>/close")
def close(reference: str) -> ResponseReturnValue:
    """Finish it, with what was done."""
    form = CloseForm(prefix="close")
    if not form.validate():
        return _page(reference, form)
    try:
        with opened(reference) as at:
            service.close(at.session, at.concern, at.staff.id, form.outcome.data)
    except service.AlreadyClosed:
        return _back(reference, "already_closed")
    return _back(reference, "closed")


@console.post("/concerns/<reference>/file.<kind>")
def file(reference: str, kind: str) -> ResponseReturnValue:
    """Everything on it, to keep or to hand on: as a PDF with the JSON inside, or as the JSON alone."""
    if kind not in ("pdf", "json"):
        abort(404)
    with opened(reference) as at:
        made = concern_file(at.session, at.concern, at.staff)
    content = concern_pdf(made) if kind == "pdf" else made.json
    kept_as = f"attachment; filename={reference.upper()}.{kind}"
    return Response(content, mimetype=f"application/{kind}", headers={"Content-Disposition": kept_as})


def _page(reference: str, refused: FlaskForm | None = None, warned: Sequence[Warned] = ()) -> ResponseReturnValue:
    """The page, with what was wrong in a form that was sent."""
    with opened(reference) as at:
        record(at.session, LogEvent.CONCERN_VIEWED, actor=f"staff:{at.staff.id}", concern=at.concern.id)
    # Committed before its history is read, so that nobody else's entry waits until the page is made.
    with opened(reference) as at:
        page = render_template(
            "console/concern.html",
            page=dossier(at.session, at.concern, at.staff),
            forms=_forms(at.concern, refused),
            refused=refused,
            warned=warned,
        )
    return page, 400 if refused else 200


def _forms(concern: Concern, refused: FlaskForm | None) -> dict[str, FlaskForm]:
    forms = {
        "acknowledge": AcknowledgeForm(formdata=None, prefix="acknowledge"),
        "note": NoteForm(formdata=None, prefix="note"),
        "sentence": SentenceForm(formdata=None, prefix="sentence", fitting=service.fitting_sentences(concern)),
        "free": FreeForm(formdata=None, prefix="free"),
        "close": CloseForm(formdata=None, prefix="close"),
    }
    return {name: refused if type(refused) is type(form) else form for name, form in forms.items()}


def _back(reference: str, notice: str) -> ResponseReturnValue:
    flash(reference.upper(), notice)
    return redirect(url_for("console.concern", reference=reference.upper()))
