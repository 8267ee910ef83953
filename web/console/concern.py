"""A concern's page: who may open it, and what stands on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Response, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.concerns import acts, hands, moving, service
from gateway.concerns.disclosure import Warned
from gateway.concerns.dossier import dossier
from gateway.concerns.models import Concern
from gateway.concerns.reference import find_reference
from gateway.db import unit_of_work
from gateway.reporting.concern_file import concern_file
from gateway.reporting.concern_pdf import concern_pdf
from gateway.staff.models import Staff
from gateway.staff.service import may_see
from web.console import act_forms, forms
from web.console.blueprint import console
from web.console.forms import SeenForm
from web.console.lists import reader


@dataclass(frozen=True)
class Opened:
    """A concern that somebody has in hand."""

    session: Session
    staff: Staff
    concern: Concern


@dataclass(frozen=True)
class Refused:
    """A form that was sent and did nothing: what is wrong in it, or which lines of the log others made."""

    form: SeenForm
    meanwhile: Sequence[int] = field(default_factory=list)
    warned: Sequence[Warned] = field(default_factory=list)


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
    return page(reference)


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


def page(reference: str, refused: Refused | None = None) -> ResponseReturnValue:
    """The page, with what was wrong in a form that was sent."""
    with opened(reference) as at:
        record(at.session, LogEvent.CONCERN_VIEWED, actor=f"staff:{at.staff.id}", concern=at.concern.id)
    # Committed before its history is read, so that nobody else's entry waits until the page is made.
    with opened(reference) as at:
        shown = dossier(at.session, at.concern, at.staff)
        html = render_template(
            "console/concern.html",
            page=shown,
            forms=_forms(at, refused, seen=shown.history[-1].entry.id),
            refused=refused.form if refused else None,
            warned=refused.warned if refused else (),
            meanwhile=[one for one in shown.history if refused and one.entry.id in refused.meanwhile],
        )
    if refused is None:
        return html
    return html, 409 if refused.meanwhile else 400


def form_of(name: str, at: Opened, **options: object) -> SeenForm:
    """One form of the page, with the choices that this person has for this concern."""
    options |= {"prefix": name}
    if name == "give":
        colleagues = {one.id: one.name for one in hands.colleagues(at.session, at.concern, but=at.staff.id)}
        return act_forms.GiveForm(colleagues=colleagues, **options)
    if name == "move":
        prisons = {prison.id: prison.name for prison in moving.destinations(at.session, at.concern)}
        return act_forms.MoveForm(prisons=prisons, **options)
    if name == "correct":
        return act_forms.CorrectForm(concern=at.concern, **options)
    if name == "sentence":
        return forms.SentenceForm(fitting=acts.fitting_sentences(at.concern), **options)
    return FORMS[name](**options)


FORMS: dict[str, type[SeenForm]] = {
    "acknowledge": SeenForm, "claim": SeenForm, "confirm": SeenForm,
    "note": forms.NoteForm, "free": forms.FreeForm, "ask": forms.AskForm,
    "action": act_forms.ActionForm, "close": act_forms.CloseForm,
    "link": act_forms.LinkForm, "unlink": act_forms.UnlinkForm,
    "keep_open": forms.ReasonForm, "reopen": forms.ReasonForm,
}  # fmt: skip


def _forms(at: Opened, refused: Refused | None, seen: int) -> dict[str, SeenForm]:
    """Every form of the page, as new but for the one that was sent; each now says what the page shows."""
    made = {name: form_of(name, at, formdata=None) for name in (*FORMS, "give", "move", "correct", "sentence")}
    if refused:
        made[refused.form._prefix.rstrip("-")] = refused.form
    for form in made.values():
        form.seen.data = str(seen)
    return made
