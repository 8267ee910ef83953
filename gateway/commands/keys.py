"""`gateway keys`: the keys that what families write is encrypted with."""

import typer
from cryptography.fernet import Fernet

from gateway.commands.errors import stop

app = typer.Typer(help="The keys that what families write is encrypted with.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """The keys that what families write is encrypted with."""


@app.command("new")
def new() -> None:
    """Print a fresh master key for DATA_KEYS. Nothing is changed."""
    typer.echo(Fernet.generate_key().decode())


@app.command("rotate")
def rotate() -> None:
    """Have the first key of DATA_KEYS protect every data key. The service may run; doing it twice changes nothing."""
    from gateway.privacy import rotation

    typer.echo(f"{rotation.rotate()} data keys were given to the newest key of DATA_KEYS.")


@app.command("check")
def check() -> None:
    """Try whether every data key can be opened. Ends with 1 when one cannot."""
    from gateway.privacy import rotation

    found = rotation.check()
    typer.echo(f"{found.newest} data keys open with the newest key of DATA_KEYS, {found.older} with an older one.")
    if found.lost:
        stop(f"{found.lost} open with none: put the key that is missing back behind the newest.")
    if found.older:
        typer.echo("Keep the older keys until you have run: gateway keys rotate")
