"""`gateway sms`: trying the text message channel without a telephone."""

import re
import time
import uuid

import httpx
import typer
from sqlalchemy import select

from gateway.adapters import own_webhook
from gateway.commands.errors import WRONG, stop
from gateway.config import settings
from gateway.conversations.models import Conversation, Message
from gateway.db import unit_of_work
from gateway.privacy.blind import address_index

LOOK_EVERY_SECONDS = 0.2

app = typer.Typer(help="Trying the text message channel without a telephone.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Trying the text message channel without a telephone."""


@app.command("send-test")
def send_test(
    number: str = typer.Argument(..., help="Who the text comes from, such as +447700900001."),
    text: str = typer.Argument(..., help="What it says."),
    media_url: list[str] = typer.Option(
        [], "--media-url", help="The address of a picture sent with it. Repeat for more."
    ),
    sid: str = typer.Option("", "--sid", help="Twilio's id for the message. Give one twice to try a repeated webhook."),
    wait: float = typer.Option(8.0, "--wait", help="Seconds to wait for the reply; 0 does not wait."),
) -> None:
    """Post a text to this service as Twilio would, signed, and show the reply."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        stop(f"{number} is not a telephone number in the form +447700900001.", WRONG)
    newest = _newest(number) if wait > 0 else 0
    response = _post(own_webhook.form(number, text, sid or f"SM{uuid.uuid4().hex}", media_url))
    typer.echo(f"The service answered {response.status_code}.")
    if response.is_error:
        stop(_reason(response.status_code))
    typer.echo(_where())
    if wait > 0:
        _follow(number, newest, wait)


def _post(form: dict[str, str]) -> httpx.Response:
    try:
        return own_webhook.post(form)
    except httpx.HTTPError as error:
        address = f"{own_webhook.local_address()}/sms/twilio"
        stop(f"Nothing answers at {address} ({type(error).__name__}). Start the service: make run, or gateway web.")


def _reason(status: int) -> str:
    if status == 403:
        return "It took the signature for a forged one: has it this SECRET_KEY, TWILIO_AUTH_TOKEN and PUBLIC_URL?"
    return "It did not accept the message. Its log on stderr says why."


def _where() -> str:
    if settings().twilio_is_set:
        return "Twilio is configured: the reply is sent to that telephone as a real text."
    return f"Replies are written to {settings().var_dir / 'outbox' / 'sms.jsonl'}."


def _newest(number: str) -> int:
    with unit_of_work() as session:
        return session.scalar(_of(number).order_by(Message.id.desc()).with_only_columns(Message.id).limit(1)) or 0


def _of(number: str):  # type: ignore[no-untyped-def]  # a Select[tuple[Message]], which SQLAlchemy infers
    conversation = select(Conversation.id).where(
        Conversation.channel.in_(["sms", "duty"]), Conversation.address_index == address_index(number)
    )
    return select(Message).where(Message.conversation_id.in_(conversation))


def _follow(number: str, newest: int, seconds: float) -> None:
    """Print what is said to a number from here on, until all its texts are answered."""
    until, said = time.monotonic() + seconds, False
    while True:
        with unit_of_work() as session:
            # Looked at first, so that the answers to what no longer waits are all found.
            waiting = session.scalar(_of(number).where(Message.state.in_(["accepted", "held"])).limit(1))
            fresh = session.scalars(_of(number).where(Message.id > newest).order_by(Message.id)).all()
        for message in (found for found in fresh if found.sender != "family"):
            said = True
            typer.echo(f"\n[{message.sender}] {message.text}")
        newest = max([newest, *(message.id for message in fresh)])
        if waiting is None or time.monotonic() >= until:
            break
        time.sleep(LOOK_EVERY_SECONDS)
    if waiting is not None:
        typer.echo(f"No answer within {seconds:g} s. Is the worker running? (gateway worker)", err=True)
    elif not said:
        typer.echo("Nothing new was said: the service had this message before.", err=True)
