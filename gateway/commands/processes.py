"""How each process starts: `gateway migrate`, `web`, `worker` and `actions`. The last three run until told to stop."""

import asyncio
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import typer

from gateway import logs
from gateway.config import ROOT, settings

# Jobs that one worker process does at a time. Each waits for Rasa, Twilio or the mail server most of its time.
JOBS_AT_ONCE = 8
WEB_WORKERS = 2
WEB_THREADS = 16


def add_to(app: typer.Typer) -> None:
    """Make the processes commands of the application."""
    for command in (migrate, web, worker, actions):
        app.command()(command)


def migrate() -> None:
    """Bring the database's tables up to date. Doing it twice changes nothing."""
    from alembic import command
    from alembic.config import Config

    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    typer.echo("The database is up to date.")


def web() -> None:
    """Serve the SMS webhook, the chat and the console on WEB_HOST:WEB_PORT."""
    from gateway.commands.web_server import WebServer

    settings()
    WebServer(workers=WEB_WORKERS, threads=WEB_THREADS).run()


def worker() -> None:
    """Do the jobs: answer messages, deliver texts and mail, run the clocks. Start more of them for more load."""
    settings()
    logs.set_up()
    asyncio.run(_work())


async def _work() -> None:
    from gateway import jobs

    # One thread for each job, or the number of processors would decide how many may wait at once.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(JOBS_AT_ONCE * 2))
    app = jobs.app()
    async with app.open_async():
        await app.run_worker_async(
            concurrency=JOBS_AT_ONCE,
            fetch_job_polling_interval=1,
            update_heartbeat_interval=jobs.HEARTBEAT_SECONDS,
            stalled_worker_timeout=jobs.STALLED_AFTER_SECONDS,
            delete_jobs="successful",
            listen_notify=True,
        )


def actions() -> None:
    """Serve Rasa's custom actions at ACTIONS_URL."""
    address = urlsplit(settings().actions_url)
    # rasa-sdk takes its host from this variable alone, and listens to the whole network without it.
    os.environ["SANIC_HOST"] = address.hostname or "127.0.0.1"
    os.chdir(ROOT)
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(address.port or 5055), "--quiet"]
    os.execv(sys.executable, command)
