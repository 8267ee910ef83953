"""`gateway concerns`: worries for somebody's safety."""

from datetime import UTC, datetime

import typer

from gateway.commands.errors import WRONG, stop
from gateway.db import unit_of_work
from gateway.inert import json_line
from gateway.reporting import export

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


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        stop(f"{text} is not a time such as 2026-03-01 or 2026-03-01T09:00+00:00.", WRONG)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
