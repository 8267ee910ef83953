"""`gateway concerns`: worries for somebody's safety."""

import os
from datetime import UTC, datetime
from pathlib import Path

import typer
from sqlalchemy.orm import Session

from gateway.commands.errors import WRONG, stop
from gateway.concerns import service
from gateway.concerns.corrections import corrections
from gateway.concerns.deciding import decisions
from gateway.concerns.models import Concern
from gateway.concerns.reference import find_reference
from gateway.db import unit_of_work
from gateway.inert import json_line
from gateway.reporting import export
from gateway.staff.models import Staff
from gateway.staff.service import may_see, staff_by_email

app = typer.Typer(help="Worries for somebody's safety.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Worries for somebody's safety."""


@app.command("export")
def export_concerns(
    since: str = typer.Option(
        "", metavar="TIME", help="Only those opened then or later, such as 2026-03-01T09:00+00:00."
    ),
) -> None:
    """Write every concern to standard output, one JSON object a line. This is personal data: mind where it goes."""
    start = _time(since) if since else None
    with unit_of_work() as session:
        for concern in export.concerns(session, start):
            typer.echo(json_line(concern))


@app.command("corrections")
def export_corrections() -> None:
    """Write what staff put right of the computer's view, one JSON object a line, to teach it with. Personal data."""
    with unit_of_work() as session:
        for correction in corrections(session):
            typer.echo(json_line(correction))


@app.command("decisions")
def export_decisions() -> None:
    """Write what staff decided of messages that may be a worry, as JSON lines, to teach with. Personal data."""
    with unit_of_work() as session:
        for decision in decisions(session):
            typer.echo(json_line(decision))


@app.command("file")
def write_file(
    reference: str = typer.Argument(..., help="Its reference, such as ABC-4KQ7."),
    pdf: Path | None = typer.Option(None, "--pdf", help="Where the PDF is written. The JSON is inside it as well."),
    json_path: Path | None = typer.Option(None, "--json", help="Where the JSON is written."),
    reader: str = typer.Option("", "--for", metavar="EMAIL", help="As this member of staff may see it."),
) -> None:
    """Write everything on one concern, for an ACCT file, an ombudsman or a coroner. Mind where it goes."""
    from gateway.reporting.concern_file import concern_file
    from gateway.reporting.concern_pdf import concern_pdf

    if pdf is None and json_path is None:
        stop("Say where it is written: --pdf FILE, --json FILE or both.", WRONG)
    with unit_of_work() as session:
        staff = _reader(session, reader) if reader else None
        made = concern_file(session, _concern(session, reference, staff), staff)
    for path, content in ((json_path, lambda: made.json), (pdf, lambda: concern_pdf(made))):
        if path is not None:
            _write(path, content())
    typer.echo(f"SHA-256 of the JSON: {made.sha256}")


@app.command("index")
def index() -> None:
    """Put down anew what every concern is found by, as after an upgrade or a change of data/find.yml.

    The service may run meanwhile; doing it twice changes nothing more.
    """
    from gateway.concerns.search_index import put_all_down

    typer.echo(f"{put_all_down()} concerns can be found.")


def _reader(session: Session, email: str) -> Staff:
    staff = staff_by_email(session, email)
    if staff is None:
        stop(f"There is no member of staff with the address {email}.", WRONG)
    return staff


def _concern(session: Session, reference: str, staff: Staff | None) -> Concern:
    concern = service.by_reference(session, find_reference(reference) or "")
    if concern is None or (staff is not None and not may_see(staff, concern)):
        stop(f"There is no concern {reference}" + (" that they may see." if staff else "."), WRONG)
    return concern


def _write(path: Path, content: bytes) -> None:
    """A new file that only its owner can read; one that is there already is not written over."""
    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
    except OSError as error:
        stop(f"{path} cannot be written: {error.strerror}.")
    typer.echo(f"Written: {path}")


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        stop(f"{text} is not a time such as 2026-03-01 or 2026-03-01T09:00+00:00.", WRONG)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
