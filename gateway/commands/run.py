"""`gateway run`: the whole service on one machine, under one supervisor."""

import os
import socket
import sys
import threading
import time
from urllib.parse import urlsplit

import httpx
import typer
from honcho.environ import parse_procfile
from honcho.manager import Manager
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from gateway.commands.errors import stop
from gateway.commands.processes import migrate
from gateway.commands.training import train
from gateway.config import ROOT, complete_settings, settings
from gateway.db import database_url, unit_of_work

READY_WITHIN_SECONDS = 180


def run() -> None:
    """Start everything: database, prisons, model, then rasa, actions, worker, web and watcher. Ctrl-C stops it all."""
    complete_settings()
    for variable, address in _addresses().items():
        _free_or_stop(variable, address)
    database_url()
    _database_or_stop()
    migrate()
    _load_prisons()
    train(force=False, because="")
    raise typer.Exit(_supervise())


def _addresses() -> dict[str, tuple[str, int]]:
    def of(url: str, port: int) -> tuple[str, int]:
        parts = urlsplit(url)
        return parts.hostname or "127.0.0.1", parts.port or port

    return {
        "WEB_PORT": (settings().web_host, settings().web_port),
        "RASA_URL": of(settings().rasa_url, 5005),
        "ACTIONS_URL": of(settings().actions_url, 5055),
    }


def _free_or_stop(variable: str, address: tuple[str, int]) -> None:
    host, port = address
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            stop(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop what uses it, or set another {variable} in .env."
            )


def _database_or_stop() -> None:
    with unit_of_work() as session:
        session.execute(text("SELECT 1"))


def _load_prisons() -> None:
    from gateway.prisons.service import load_prisons

    with unit_of_work() as session:
        typer.echo(f"{load_prisons(session, settings().data_dir / 'prisons.csv')} prisons loaded.")


def _supervise() -> int:
    """Run the Procfile until told to stop. Gives 0 after Ctrl-C or SIGTERM, otherwise the first process's own code."""
    values = {**os.environ, "DATABASE_URL": database_url(), "PYTHONUNBUFFERED": "1"}
    manager = Manager()
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command, env=values, cwd=str(ROOT))
    threading.Thread(target=_announce, daemon=True).start()
    manager.loop()
    return 0 if manager.returncode in (130, 143) else int(manager.returncode or 0)


def _announce() -> None:
    """Say when everything answers, and where."""
    started = time.monotonic()
    while time.monotonic() - started < READY_WITHIN_SECONDS:
        if all(_answers(url) for url in _health_urls()) and _worker_lives():
            print(_welcome(time.monotonic() - started), flush=True)
            return
        time.sleep(0.5)
    print(
        f"Not everything answers after {READY_WITHIN_SECONDS} s. Look above for why, or run: .venv/bin/gateway doctor",
        file=sys.stderr,
    )


def _health_urls() -> list[str]:
    host = settings().web_host if settings().web_host not in ("0.0.0.0", "::") else "127.0.0.1"
    return [
        f"http://{host}:{settings().web_port}/health",
        settings().rasa_url,
        f"{settings().actions_url.rstrip('/')}/health",
    ]


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _worker_lives() -> bool:
    try:
        with unit_of_work() as session:
            query = text(
                "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '5 seconds'"
            )
            return bool(session.scalar(query))
    except SQLAlchemyError:
        return False


def _welcome(seconds: float) -> str:
    url = settings().public_url
    return (
        f"\nFamily Gateway is ready after {seconds:.0f} s.\n"
        f"  The chat for families      {url}/chat\n"
        f"  The console for staff      {url}/console/\n"
        f'  Try it as a phone          .venv/bin/gateway sms send-test +447700900001 "what id do i need"\n'
        f'  Add the first of staff     .venv/bin/gateway staff add you@example.org --name "Your Name" '
        "--all-prisons --reads-unrouted --role officer --role administrator\n"
        f"  Is everything all right?   .venv/bin/gateway doctor\n"
        f"Ctrl-C stops everything.\n"
    )
