"""`gateway routing`: who would be told, and whether the file that says so can be relied on."""

from collections.abc import Iterator
from datetime import datetime

import typer

from gateway.commands.errors import CANNOT, WRONG, stop
from gateway.db import now
from gateway.spoken import UK

app = typer.Typer(help="Who is told about a concern: data/routing.yml.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Who is told about a concern: data/routing.yml."""


@app.command("check")
def check() -> None:
    """Find the mistakes and the empty hours of data/routing.yml. Ends with 1 when it cannot be used."""
    from gateway.routing.check import doubts
    from gateway.routing.routes import routing

    routing_is_usable()
    found = list(doubts(routing()))
    for doubt in found:
        typer.echo(f"warn  data/routing.yml {doubt}")
    typer.echo(f"data/routing.yml can be used. {len(routing().ladders)} ladders, {len(found)} warnings.")


@app.command("show")
def show(
    prison: str = typer.Argument(help="A prison's id, such as LEI, or - for a concern without a prison."),
    at: str = typer.Option("", metavar="TIME", help='When it is opened, UK time: "2026-12-25 03:00". Now if left out.'),
    category: str = typer.Option("other", help="One of the categories in data/wording.yml."),
    urgency: str = typer.Option("emergency", help="emergency, urgent or routine."),
    subject: str = typer.Option("prisoner", help="prisoner, caller or other."),
) -> None:
    """Print who would be told, when and why, for as long as nobody acknowledges."""
    routing_is_usable()
    _check(prison, category, urgency, subject)
    # The caller's own risk has no prison: who looks into it finds the words, and no wing hears of it.
    place = None if prison == "-" or subject == "caller" else prison.upper()
    for line in _steps(place, category, urgency, subject, _moment(at)):
        typer.echo(line)


def routing_is_usable() -> None:
    """End the command with the place of the mistake when data/routing.yml cannot be used."""
    from gateway.routing.routes import BadRouting, routing

    try:
        routing()
    except BadRouting as error:
        stop(f"data/routing.yml cannot be used, so nobody would be told: {error}", CANNOT)


def _steps(prison: str | None, category: str, urgency: str, subject: str, at: datetime) -> Iterator[str]:
    from gateway.routing.clocks import due
    from gateway.routing.roster import on_duty, who
    from gateway.routing.routes import routing
    from gateway.routing.service import clock_in_words

    clock = routing().clocks[urgency]
    reason = "the concern is opened"
    for step in routing().ladder(prison, category, subject):
        yield f"{at.astimezone(UK):%a %d %b %Y %H:%M}  {step.name}: {reason}"
        if not on_duty(step, at):
            yield "    nobody on this step is on duty, so those on the last who are always there:"
        yield from (f"    {one.medium:8}{one.address}  ({one.on_duty(at)})" for one in who(step, at))
        at, reason = due(clock, at), f"not acknowledged (time allowed: {clock_in_words(clock)})"
    yield f"{at.astimezone(UK):%a %d %b %Y %H:%M}  the last step again, and so on until somebody acknowledges"


def _check(prison: str, category: str, urgency: str, subject: str) -> None:
    from gateway.config import settings
    from gateway.prisons.register import read_prisons
    from gateway.wording import choices

    for name, given, group in (
        ("category", category, "categories"), ("urgency", urgency, "urgencies"), ("subject", subject, "subjects"),
    ):  # fmt: skip
        if given not in choices(group):
            stop(f"{given} is no {name}. There are: {', '.join(choices(group))}.", WRONG)
    known = {row["id"] for row in read_prisons(settings().data_dir / "prisons.csv")}
    if prison != "-" and prison.upper() not in known:
        stop(f"No prison has the id {prison}. The ids stand in data/prisons.csv, such as LEI.", WRONG)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if text else now()
    except ValueError:
        stop(f'{text} is not a time such as "2026-12-25 03:00".', WRONG)
    return moment if moment.tzinfo else moment.replace(tzinfo=UK)
