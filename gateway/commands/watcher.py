"""`gateway watcher`: the process that notices when the service stops, and tells somebody by another way."""

import signal
import sys
import time
from pathlib import Path

import typer

from gateway import logs
from gateway.config import settings
from gateway.path.alarm import signing_key
from gateway.path.checks import all_checks
from gateway.path.looking import Looking
from gateway.path.watcher import ROUND_SECONDS, Probing, Stuck, Watcher
from gateway.spoken import spoken_time
from gateway.wording import say


def watcher(
    once: bool = typer.Option(False, "--once", help="Look at everything once, show it, and end: 1 if all is not well."),
    show_key: bool = typer.Option(False, "--show-key", help="Show the key that signs what is posted to ALARM_URL."),
) -> None:
    """Send a synthetic message the whole path each minute, look at every part, and raise the alarm when one stops."""
    settings()
    if show_key:
        typer.echo(signing_key())
    elif once:
        raise typer.Exit(_show())
    else:
        logs.set_up()
        _watch()


def _watch() -> None:
    # At once, whatever is under way: what was not written down as told is told again after the start.
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, lambda *given: sys.exit(0))
    watching, probing = Watcher(all_checks(), state_file()), Probing(settings().probe_every)
    while True:
        watching.round()
        for _ in range(ROUND_SECONDS):
            try:
                probing.tend()
            except Stuck:
                raise typer.Exit(1) from None
            time.sleep(1)


def state_file() -> Path:
    """Where the watcher keeps what is wrong and who was told."""
    return settings().var_dir / "watcher.json"


def _show() -> int:
    """A line for each check. `by hand`: a person who looks is no watcher."""
    checks = all_checks("by hand")
    faults, wrong = Looking(checks).look(), Watcher([], state_file()).standing.wrong
    for check in checks:
        fault = faults.get(check.name, say("alarm.unseen"))
        since = f"  {say('alarm.since', time=spoken_time(wrong[check.name].since))}" if check.name in wrong else ""
        typer.echo(f"{'FAIL' if fault else 'ok  '}  {check.name:<12}{fault or say(f'alarms.{check.name}.well')}{since}")
    return 1 if any(faults.get(check.name, "unseen") for check in checks) else 0
