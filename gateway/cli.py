"""The command `gateway`: what operators and maintainers run by hand, and how each process starts."""

import typer

from gateway.commands import (
    audit,
    concerns,
    keys,
    messages,
    prisons,
    privacy,
    processes,
    retention,
    routing,
    sms,
    staff,
)
from gateway.commands.doctor import doctor
from gateway.commands.errors import Plain
from gateway.commands.keep import keep
from gateway.commands.rasa import rasa
from gateway.commands.run import run
from gateway.commands.suspects import add_to as add_suspects
from gateway.commands.training import train
from gateway.commands.watcher import watcher

app = typer.Typer(
    cls=Plain,
    help="Family Gateway: answers for families, and a log of every worry that staff answer for.",
    no_args_is_help=True,
    add_completion=False,
    # A pretty traceback prints the values of variables, and those hold what families wrote.
    pretty_exceptions_enable=False,
)
app.add_typer(concerns.app, name="concerns")
app.add_typer(messages.app, name="messages")
app.add_typer(staff.app, name="staff")
app.add_typer(prisons.app, name="prisons")
app.add_typer(routing.app, name="routing")
add_suspects(sms.app)
app.add_typer(sms.app, name="sms")
app.add_typer(privacy.app, name="privacy")
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(retention.app, name="retention")
app.command()(doctor)
for command in (run, keep, train, rasa, watcher):
    app.command()(command)
processes.add_to(app)
