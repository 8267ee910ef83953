"""`gateway sms suspects`, `release` and `dismiss`: texts that failed the check, and what a person makes of them."""

import typer
from werkzeug.datastructures import MultiDict

from gateway.commands.errors import WRONG, stop
from gateway.conversations.receiving import take_in
from gateway.db import unit_of_work
from gateway.spoken import spoken_time
from gateway.suspects import service
from gateway.suspects.models import SuspectMessage
from gateway.suspects.service import NotWaiting

# Twilio's names for what it posts; nothing of what anybody wrote.
NOT_WORDS = ("AccountSid", "MessageSid", "To", "NumMedia", "MessagingServiceSid")


def add_to(app: typer.Typer) -> None:
    """Make them commands of `gateway sms`."""
    for command in (suspects, release, dismiss):
        app.command()(command)


def suspects(show: bool = typer.Option(False, "--show", help="Show from whom they are and what they say.")) -> None:
    """List the texts that failed Twilio's check and wait for a person."""
    with unit_of_work() as session:
        found = service.waiting(session)
    for suspect in found:
        typer.echo(_line(suspect))
        for name, value in suspect.fields if show else []:
            typer.echo(f"    {name}: {value!r}")
    if not found:
        typer.echo("None waits.")


def _line(suspect: SuspectMessage) -> str:
    named = ", names our account" if suspect.names_account else ""
    known = " ".join(f"{name}={value!r}" for name, value in suspect.fields if name in NOT_WORDS)
    return f"{suspect.id}  {spoken_time(suspect.came_at)}  {suspect.reason}{named}  from {suspect.sender}  {known}"


def release(suspect_id: int = typer.Argument(..., metavar="ID")) -> None:
    """Take one in as if it had been accepted. A text that came again since is not taken in twice."""
    from web.sms import incoming

    def take_in_now(suspect: SuspectMessage) -> None:
        form = MultiDict((name, value) for name, value in suspect.fields)
        if not form.get("MessageSid", "").strip():
            form["MessageSid"] = f"suspect-{suspect.id}"
        take_in(session, incoming.read(form))

    try:
        with unit_of_work() as session:
            service.release(session, suspect_id, take_in_now)
    except NotWaiting:
        stop(f"No text with the number {suspect_id} waits. See: gateway sms suspects", WRONG)
    except incoming.Incomplete as error:
        stop(f"It cannot be taken in: it lacks {error}, so nobody could be answered. Read it with --show.", WRONG)
    typer.echo("Taken in: the bot answers it.")


def dismiss(suspect_id: int = typer.Argument(..., metavar="ID")) -> None:
    """It is nobody's text: what it held is emptied, that it came is kept."""
    try:
        with unit_of_work() as session:
            service.dismiss(session, suspect_id)
    except NotWaiting:
        stop(f"No text with the number {suspect_id} waits. See: gateway sms suspects", WRONG)
    typer.echo("Dismissed.")
