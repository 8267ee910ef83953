"""`gateway staff`: the people who answer for concerns."""

import sys

import typer

from gateway.commands.errors import WRONG, stop
from gateway.db import unit_of_work

app = typer.Typer(help="The people who answer for concerns.", no_args_is_help=True)


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


def _from_stdin() -> str:
    return sys.stdin.readline().rstrip("\r\n")
