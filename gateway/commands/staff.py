"""`gateway staff`: the people who answer for concerns."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from gateway.commands.errors import WRONG, stop
from gateway.db import unit_of_work

app = typer.Typer(help="The people who answer for concerns.", no_args_is_help=True)
phone_app = typer.Typer(help="The telephones from which staff may acknowledge.", no_args_is_help=True)
app.add_typer(phone_app, name="phone")


@app.callback()
def group() -> None:
    """The people who answer for concerns."""


@app.command("add")
def add(
    email: str = typer.Argument(..., help="The address they sign in with."),
    name: str = typer.Option(..., "--name", help="How colleagues see them named."),
    prison: list[str] = typer.Option(
        [], "--prison", help="A prison they may see, by its id such as LEI. Repeat for more."
    ),
    all_prisons: bool = typer.Option(False, "--all-prisons", help="They may see every prison."),
    reads_unrouted: bool = typer.Option(
        False, "--reads-unrouted", help="They also see concerns whose prison is not known, and callers' own risk."
    ),
    password_stdin: bool = typer.Option(False, "--password-stdin", help="Read the password from standard input."),
) -> None:
    """Add somebody who can sign in to the console. Asks for a password twice, without showing it."""
    from gateway.staff.service import CannotAdd, add_staff

    if not (prison or all_prisons or reads_unrouted):
        stop("Say what they may see: --prison ID, --all-prisons or --reads-unrouted.", WRONG)
    password = _from_stdin() if password_stdin else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        with unit_of_work() as session:
            added = add_staff(session, email, name, password, "all" if all_prisons else prison, reads_unrouted)
            prisons = len(added.prisons)
    except CannotAdd as error:
        stop(str(error), WRONG)
    seen = f"{prisons} prison{'' if prisons == 1 else 's'}" + (" and what has no prison" if reads_unrouted else "")
    typer.echo(f"{name} ({email}) can sign in now and sees {seen}.")


@app.command("digest")
def digest(
    email: str = typer.Argument(..., help="Whose mail it is."),
    on: bool = typer.Option(..., "--on/--off", help="Whether they get it."),
) -> None:
    """Mail somebody each morning what is open: counts, references, urgency and due times, no names and no words."""
    from gateway.digest.service import want
    from gateway.handover.shifts import shifts

    with unit_of_work() as session, _told():
        want(session, email, wanted=on)
    typer.echo(
        f"{email} gets the daily mail from {shifts().digest_at:%H:%M}." if on else f"{email} gets no daily mail."
    )


@phone_app.callback()
def phone_group() -> None:
    """The telephones from which staff may acknowledge."""


@phone_app.command("add")
def add_phone(
    email: str = typer.Argument(..., help="Whose telephone it is."),
    number: str = typer.Argument(..., help="Its number, such as +447700900123."),
    prison: str = typer.Option("", "--prison", help="Only for this prison of theirs. Without it: for all of theirs."),
) -> None:
    """Register a duty phone: what is acknowledged from it is acknowledged by this person."""
    from gateway.staff import duty_phones

    with unit_of_work() as session, _told():
        phone = duty_phones.add_phone(session, email, number, prison or None)
        typer.echo(f"{phone.number} acknowledges for {phone.staff.name}, {_reach(phone.prison_id)}.")


@phone_app.command("list")
def list_phones() -> None:
    """Show every registered duty phone."""
    from gateway.staff import duty_phones

    with unit_of_work() as session:
        for phone in duty_phones.phones(session):
            typer.echo(f"{phone.number}  {phone.staff.name} ({phone.staff.email}), {_reach(phone.prison_id)}")


@phone_app.command("remove")
def remove_phone(number: str = typer.Argument(..., help="Its number, such as +447700900123.")) -> None:
    """Take a duty phone off the register: it acknowledges nothing any more."""
    from gateway.staff import duty_phones

    with unit_of_work() as session, _told():
        duty_phones.remove_phone(session, number)
    typer.echo(f"{number} acknowledges nothing any more.")


def _reach(prison_id: str | None) -> str:
    return f"for {prison_id}" if prison_id else "for all their prisons"


@contextmanager
def _told() -> Iterator[None]:
    """What cannot be done is said in its own sentence."""
    from gateway.staff.service import CannotAdd

    try:
        yield
    except CannotAdd as error:
        stop(str(error), WRONG)


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")
