"""`gateway privacy`: requests of families to delete what is kept of them."""

import typer

from gateway.commands.errors import WRONG, stop
from gateway.db import unit_of_work

app = typer.Typer(help="Requests of families to delete what is kept of them.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Requests of families to delete what is kept of them."""


@app.command("requests")
def requests() -> None:
    """List the requests that nobody has settled, the oldest first. This is personal data: mind where it goes."""
    from gateway.privacy.service import waiting

    with unit_of_work() as session:
        lines = waiting(session)
        for line in lines:
            who = line.conversation.address or f"web chat {line.conversation.id}"
            concerns = f", concerns {' '.join(line.concerns)}" if line.concerns else ""
            typer.echo(f"{line.request.reference}  {line.request.asked_at:%Y-%m-%d %H:%M}  {who}{concerns}")
    typer.echo(f"{len(lines)} waiting.")


@app.command("settle")
def settle(
    reference: str = typer.Argument(..., help="The request's reference."),
    state: str = typer.Argument(..., help="deleted, part_kept or refused."),
) -> None:
    """Note that a person has dealt with a request. Deletes nothing itself."""
    from gateway.privacy.service import NotWaiting
    from gateway.privacy.service import settle as settle_request

    try:
        with unit_of_work() as session:
            settle_request(session, reference.upper(), state)
    except KeyError:
        stop(f"{state} is not deleted, part_kept or refused.", WRONG)
    except NotWaiting:
        stop(f"No request {reference.upper()} waits.", WRONG)
    typer.echo(f"{reference.upper()} is settled: {state}.")
