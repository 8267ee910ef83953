"""`gateway messages`: what was written, by families, the bot and staff."""

import uuid

import typer

from gateway.commands.errors import WRONG, stop
from gateway.conversations import service, threads
from gateway.conversations.tokens import BadToken, read
from gateway.db import unit_of_work
from gateway.inert import json_line
from gateway.reporting import export

app = typer.Typer(help="What was written, by families, the bot and staff.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """What was written, by families, the bot and staff."""


@app.command("export")
def export_messages(
    conversation: str = typer.Option(
        "", metavar="TOKEN|+44…", help="Only this conversation: a chat token, or a telephone number."
    ),
) -> None:
    """Write messages to standard output, one JSON object a line. This is personal data: mind where it goes."""
    wanted = _conversation(conversation) if conversation else None
    with unit_of_work() as session:
        for message in export.messages(session, wanted):
            typer.echo(json_line(message))


def _conversation(named: str) -> uuid.UUID:
    """The conversation of a number or token. One that does not exist has no messages, which is no error."""
    if named.startswith("+"):
        with unit_of_work() as session:
            found = threads.known_number(session, named)
        return found.id if found else uuid.UUID(int=0)
    try:
        return read(named)
    except BadToken:
        stop("This is neither a chat token nor a telephone number in the form +447700900001.", WRONG)


@app.command("retry")
def retry_messages() -> None:
    """Put every message that was not processed on the queue again. One that is answered meanwhile stays so."""
    with unit_of_work() as session:
        waiting = service.not_processed(session, limit=10_000)
        for message in waiting:
            service.ask_bot(session, message.conversation_id, message.id)
    typer.echo(f"{len(waiting)} messages are tried again.")
