"""The processes that are killed: a web server and a worker, each forked from a parent that has all modules loaded."""

import asyncio
import faulthandler
import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from faults.boundaries import Boundaries

_forks = multiprocessing.get_context("forkserver")
# What a life needs is loaded once, in the parent of all of them.
_forks.set_forkserver_preload(["faults.preload"])


@dataclass(frozen=True)
class Fate:
    """What befalls a life: the boundary it dies at (0: none), how far its clock is wrong, whether its disk is full."""

    kill_at: int = 0
    clock_off: timedelta = field(default=timedelta())
    disk_full: bool = False


def start(work: Callable[..., None], notes: Path, fate: Fate, *given: Any) -> BaseProcess:
    """A new life."""
    process = _forks.Process(target=_live, args=(work, notes, fate, *given), daemon=True)
    process.start()
    return process


def _live(work: Callable[..., None], notes: Path, fate: Fate, *given: Any) -> None:
    said = os.open(f"{notes}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    faulthandler.register(signal.SIGUSR1, all_threads=True)  # whoever finds it stuck asks where
    if fate.clock_off:
        _shift_clock(fate.clock_off)
    if fate.disk_full:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    Boundaries(fate.kill_at, notes).watch()
    work(*given)


def _shift_clock(by: timedelta) -> None:
    """Set this process's clock wrong, wherever the gateway looks at it."""
    from gateway import db

    plain = db.now
    for module in [module for name, module in sys.modules.items() if name.startswith(("gateway", "web"))]:
        if getattr(module, "now", None) is plain:
            vars(module)["now"] = lambda: plain() + by


def serve(port: int) -> None:
    """The web application on a port of this machine, until killed."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    from web import create_app

    WSGIRequestHandler.log_request = lambda *given: None  # type: ignore[method-assign]
    make_server("127.0.0.1", port, create_app(), threaded=True).serve_forever()


def work() -> None:
    """The worker, with all its lanes, until killed."""
    from gateway import logs
    from gateway.commands.processes import _work
    from gateway.conversations import replay

    logs.set_up()
    replay.start()
    asyncio.run(_work())
