"""`gateway prisons`: the places that a family may name."""

from pathlib import Path

import typer

from gateway.commands.errors import WRONG, stop
from gateway.config import settings
from gateway.db import unit_of_work

app = typer.Typer(help="The places that a family may name.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The places that a family may name."""


@app.command("load")
def load(
    path: Path = typer.Argument(None, help="A file like data/prisons.csv, which is used when none is given."),
) -> None:
    """Bring the prisons in the database up to date with the file. Doing it twice changes nothing."""
    from gateway.prisons.register import BadPrisonFile
    from gateway.prisons.service import load_prisons

    source = path or settings().data_dir / "prisons.csv"
    if not source.is_file():
        stop(f"There is no file {source}.", WRONG)
    try:
        with unit_of_work() as session:
            count = load_prisons(session, source)
    except BadPrisonFile as error:
        stop(str(error), WRONG)
    typer.echo(f"{count} prisons of {source} are loaded.")
