"""`gateway retention`: what has been kept long enough, and what must be kept for longer."""

import uuid
from datetime import UTC, datetime

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.commands.errors import WRONG, stop
from gateway.concerns.models import Concern
from gateway.conversations.threads import known_number
from gateway.db import unit_of_work
from gateway.privacy import holds, retention
from gateway.privacy.policy import BadPolicy

app = typer.Typer(help="What has been kept long enough, and what must be kept for longer.", no_args_is_help=True)


@app.command("list")
def list_due() -> None:
    """Every kind of data, how long it is kept, and how much would go now."""
    _show()


@app.command("run")
def run(yes: bool = typer.Option(False, "--yes", help="Do not ask.")) -> None:
    """List what has reached its time limit, then delete it. The worker does the same each night, listed a day ahead."""
    if not _show():
        return
    if not yes and not typer.confirm("Delete all of this?"):
        stop("Nothing was deleted.")
    for kind, count in retention.delete_due(listed_for=None).items():
        typer.echo(f"Deleted: {kind} {count}")


def _show() -> int:
    try:
        with unit_of_work() as session:
            found = retention.summaries(session)
    except BadPolicy as error:
        stop(str(error), WRONG)
    for one in found:
        kept = f"{one.rule.keep.days} days" if one.rule.keep else "not decided"
        oldest = f", the oldest of {one.oldest:%Y-%m-%d}" if one.oldest else ""
        typer.echo(f"{one.rule.kind:18} {kept:12} {one.count} to go{oldest}")
    return sum(one.count for one in found)


@app.command("holds")
def list_holds() -> None:
    """What is kept for longer, and why."""
    with unit_of_work() as session:
        found = holds.standing(session)
        for hold, reference in found:
            until = f" until {hold.until:%Y-%m-%d}" if hold.until else ""
            named = reference or f"conversation {hold.conversation_id}"
            typer.echo(f"{named}  since {hold.placed_at:%Y-%m-%d}{until}  {hold.placed_by}: {hold.reason}")
    typer.echo(f"{len(found)} stand.")


@app.command("hold")
def hold(
    reference: str = typer.Argument(..., help="A concern's reference, or a family's number as +44…"),
    reason: str = typer.Option(..., help="Why it must be kept, such as an inquest. Read by whoever runs the service."),
    by: str = typer.Option(..., help="Who decided so."),
    until: datetime | None = typer.Option(None, formats=["%Y-%m-%d"], help="The day on which the hold ends by itself."),
) -> None:
    """Keep a concern and its whole conversation, whatever its time limit and whoever asks for deletion."""
    end = until.replace(tzinfo=UTC) if until else None
    with unit_of_work() as session:
        conversation, concern = _named(session, reference)
        holds.place(session, conversation, concern_id=concern, reason=reason, by=by, until=end)
    typer.echo(f"{reference} is held.")


@app.command("release")
def release(
    reference: str = typer.Argument(..., help="A concern's reference, or a family's number as +44…"),
    by: str = typer.Option(..., help="Who decided so."),
) -> None:
    """End every hold on a concern's conversation. Its time limits count again."""
    with unit_of_work() as session:
        conversation, _ = _named(session, reference)
        ended = holds.release(session, conversation, by=by)
    if not ended:
        stop(f"No hold stands on {reference}.", WRONG)
    typer.echo(f"{reference} is no longer held.")


def _named(session: Session, reference: str) -> tuple[uuid.UUID, int | None]:
    """The conversation that a reference or a number names, and the concern if it names one."""
    if reference.startswith("+") and (conversation := known_number(session, reference)):
        return conversation.id, None
    concern = session.scalar(select(Concern).where(Concern.reference == reference.upper()))
    if concern is None:
        stop(f"Nothing is known of {reference}.", WRONG)
    return concern.conversation_id, concern.id
