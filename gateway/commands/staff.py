"""`gateway staff`: the people who answer for concerns."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from sqlalchemy.orm import Session

from gateway.commands.errors import WRONG, stop
from gateway.db import unit_of_work
from gateway.staff.models import Staff

app = typer.Typer(help="The people who answer for concerns.", no_args_is_help=True)
phone_app = typer.Typer(help="The telephones from which staff may acknowledge.", no_args_is_help=True)
app.add_typer(phone_app, name="phone")


ROLES = (
    "officer and duty_manager answer for concerns, family_worker reads them and rings families, analyst sees figures "
    "and no names, administrator sees people, routes and the log and no concerns."
)


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
    role: list[str] = typer.Option(["officer"], "--role", help=f"{ROLES} Repeat for more."),
    password_stdin: bool = typer.Option(False, "--password-stdin", help="Read the password from standard input."),
) -> None:
    """Add somebody who can sign in to the console. Asks for a password twice, without showing it."""
    from gateway.staff.service import add_staff, lacks_prisons

    if not all_prisons and lacks_prisons(role, prison, reads_unrouted):
        stop("Say what they may see: --prison ID, --all-prisons or --reads-unrouted.", WRONG)
    password = _from_stdin() if password_stdin else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    with unit_of_work() as session, _told():
        wanted = "all" if all_prisons else prison
        added = add_staff(session, email, name, password, wanted, reads_unrouted, role)
        typer.echo(f"{name} ({email}) can sign in now as {_may(added)}.")


@app.command("roles")
def roles(
    email: str = typer.Argument(..., help="Whose roles."),
    role: list[str] = typer.Option([], "--role", help=f"{ROLES} Repeat for more. Without it nothing is changed."),
) -> None:
    """Show what somebody may do, or give them these roles and no others. It counts from their next click on."""
    from gateway.staff.service import change, lacks_prisons, prison_ids

    with _somebody(email) as (session, staff):
        if role:
            prisons = prison_ids(staff)
            change(session, staff, roles=role, prisons=prisons, reads_unrouted=staff.reads_unrouted)
            if lacks_prisons(role, prisons, staff.reads_unrouted):
                typer.echo("They have no prison, so they see nothing yet.", err=True)
        typer.echo(f"{staff.name} ({staff.email}) is {_may(staff)}.")


@app.command("deactivate")
def deactivate(email: str = typer.Argument(..., help="Who is to be kept out.")) -> None:
    """Keep somebody out from this moment on, wherever they are signed in. What they did stays in the log."""
    _set_active(email, False)


@app.command("activate")
def activate(email: str = typer.Argument(..., help="Who is to be let in again.")) -> None:
    """Let somebody in again who was kept out."""
    _set_active(email, True)


def _set_active(email: str, active: bool) -> None:
    from gateway.staff.service import set_active

    with _somebody(email) as (session, staff):
        set_active(session, staff, active)
        typer.echo(f"{staff.name} ({staff.email}) {'can' if active else 'cannot'} sign in.")


@contextmanager
def _somebody(email: str) -> Iterator[tuple[Session, Staff]]:
    from gateway.staff.service import CannotAdd, staff_by_email

    with unit_of_work() as session, _told():
        staff = staff_by_email(session, email)
        if staff is None:
            raise CannotAdd(f"There is no member of staff with the address {email}.")
        yield session, staff


def _may(staff: Staff) -> str:
    """`officer, analyst and sees 2 prisons`."""
    prisons = f"{len(staff.prisons)} prison{'' if len(staff.prisons) == 1 else 's'}"
    return f"{', '.join(staff.roles)} and sees {prisons}" + (" and what has no prison" if staff.reads_unrouted else "")


@app.command("reset-second-factor")
def reset_second_factor(email: str = typer.Argument(..., help="Who has lost their phone.")) -> None:
    """Forget somebody's phone and security keys: they set up another phone at their next sign-in.

    Make sure first that it is they who ask.
    """
    from gateway.staff import second_factor
    from gateway.staff.service import staff_by_email

    with unit_of_work() as session:
        staff = staff_by_email(session, email)
        if staff is None:
            stop(f"There is no member of staff with the address {email}.", WRONG)
        gone = second_factor.reset(session, staff)
    if not gone:
        stop(f"{staff.name} has set up no app: they are asked to when they sign in.", WRONG)
    typer.echo(
        f"{staff.name} is signed out everywhere, has no security keys any more and sets up the app anew at the next "
        "sign-in. Until then the password alone is enough to do so."
    )


@app.command("forgive-tries")
def forgive_tries(email: str = typer.Argument(..., help="Who has tried to sign in too often.")) -> None:
    """Let somebody try to sign in again at once. Make sure first that it was they who tried."""
    from gateway.staff import tries

    with _somebody(email) as (session, staff):
        new = tries.forgive(session, staff)
        typer.echo(f"{staff.name} can try again now." if new else f"{staff.name} does not have to wait.")


@app.command("link-identity")
def link_identity(
    email: str = typer.Argument(..., help="Whose account it is."),
    subject: str = typer.Argument(..., help="The claim `sub` of their account at OIDC_ISSUER."),
) -> None:
    """Let somebody sign in with their organisation's account, where that does not confirm e-mail addresses."""
    from gateway.config import settings
    from gateway.staff import identities
    from gateway.staff.service import CannotAdd, staff_by_email

    if not settings().oidc_is_set:
        stop("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are not set.", WRONG)
    with unit_of_work() as session, _told():
        staff = staff_by_email(session, email)
        if staff is None:
            raise CannotAdd(f"There is no member of staff with the address {email}.")
        identities.link(session, staff, settings().oidc_issuer, subject)
        typer.echo(f"{staff.name} can sign in with {settings().oidc_issuer}.")


@app.command("digest")
def digest(
    email: str = typer.Argument(..., help="Whose mail it is."),
    on: bool = typer.Option(..., "--on/--off", help="Whether they get it."),
) -> None:
    """Mail somebody each morning what is open: counts, references, urgency and due times, no names and no words."""
    from gateway.digest.service import digest_time, want

    with unit_of_work() as session, _told():
        begins = digest_time(want(session, email, wanted=on))
    typer.echo(f"{email} gets the daily mail from {begins:%H:%M}." if on else f"{email} gets no daily mail.")


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
