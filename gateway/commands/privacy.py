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


@app.command("erase")
def erase(
    reference: str = typer.Argument(..., help="The request's reference."),
    keep_concern: bool = typer.Option(False, "--keep-concern", help="Keep every concern of theirs, with its words."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
) -> None:
    """Delete what is kept of a family who asked for it, and settle the request."""
    from gateway.privacy.erasure import Refused
    from gateway.privacy.erasure import erase as erase_family
    from gateway.privacy.service import NotWaiting

    if not yes and not typer.confirm("This cannot be undone. Delete?"):
        stop("Nothing was deleted.")
    try:
        with unit_of_work() as session:
            done = erase_family(session, reference.upper(), keep_concern=keep_concern)
    except NotWaiting:
        stop(f"No request {reference.upper()} waits.", WRONG)
    except Refused as error:
        stop(f"Nothing was deleted. {error}")
    counted = ", ".join(f"{name} {count}" for name, count in sorted(done.counts.items()) if count)
    typer.echo(f"{reference.upper()} is settled: {done.state}. Gone: {counted or 'nothing was left'}.")
    if done.kept:
        typer.echo(f"Kept with the words that told of them: concerns {' '.join(done.kept)}.")


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
