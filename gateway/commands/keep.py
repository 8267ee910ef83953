"""`gateway keep`: start one of the processes, and start it again when it dies."""

import signal
import subprocess
import sys
import time
from types import FrameType

import typer

# A process that dies sooner than this after its start is started again only after a pause.
TOO_SOON_SECONDS = 5.0
PAUSE_SECONDS = 2.0


def keep(name: str = typer.Argument(..., help="rasa, actions, worker, web or watcher")) -> None:
    """Run one process for as long as this command lives. The Procfile starts all of them through it."""
    stopping = False
    child: subprocess.Popen[bytes] | None = None

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        if child is not None:
            child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping:
        started = time.monotonic()
        child = subprocess.Popen([sys.executable, "-m", "gateway", name])
        code = child.wait()
        if stopping:
            break
        typer.echo(f"{name} ended with {code} and is started again")
        if time.monotonic() - started < TOO_SOON_SECONDS:
            time.sleep(PAUSE_SECONDS)
