"""The command `gateway`: what operators and maintainers run by hand, and how each process starts."""

import typer

from gateway.commands import concerns, messages, prisons, privacy, processes, retention, sms, staff
from gateway.commands.doctor import doctor
from gateway.commands.errors import Plain
from gateway.commands.keep import keep
from gateway.commands.rasa import rasa
from gateway.commands.run import run
from gateway.commands.training import train

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
app.add_typer(sms.app, name="sms")
app.add_typer(privacy.app, name="privacy")
app.add_typer(retention.app, name="retention")
app.command()(doctor)
for command in (run, keep, train, rasa):
    app.command()(command)
processes.add_to(app)
