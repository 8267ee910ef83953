"""How each process starts: `gateway migrate`, `web`, `worker` and `actions`. The last three run until told to stop."""

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import procrastinate
import typer

from gateway import logs
from gateway.commands.routing import routing_is_usable
from gateway.config import ROOT, complete_settings, settings

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

    from gateway.privacy.vault import try_master

    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    try_master()  # better found out here than when the first family writes
    typer.echo("The database is up to date.")


def web() -> None:
    """Serve the SMS webhook, the chat and the console on WEB_HOST:WEB_PORT."""
    from gateway.audit.running_with import note_start
    from gateway.commands.web_server import WebServer
    from gateway.db import engine

    complete_settings()
    routing_is_usable()
    note_start(f"web:{settings().web_serves}")
    engine().dispose()  # the processes that serve must not share a connection
    WebServer(workers=WEB_WORKERS, threads=WEB_THREADS).run()


def worker() -> None:
    """Do the jobs: answer messages, deliver texts and mail, run the clocks. Start more of them for more load."""
    from gateway.audit.running_with import note_start
    from gateway.conversations import replay

    complete_settings()
    routing_is_usable()
    logs.set_up()
    note_start("worker")
    replay.start()
    asyncio.run(_work())


async def _work() -> None:
    """One lane for each queue, in one process; all end when the process is told to stop."""
    from gateway import jobs

    loop = asyncio.get_running_loop()
    # One thread for each job, or the number of processors would decide how many may wait at once.
    loop.set_default_executor(ThreadPoolExecutor(sum(jobs.JOBS_AT_ONCE.values()) + 4))
    app = jobs.app()
    async with app.open_async():
        lanes = [asyncio.create_task(_lane(app, queue, at_once)) for queue, at_once in jobs.JOBS_AT_ONCE.items()]
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, lambda: [lane.cancel() for lane in lanes])
        done, left = await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
        for lane in left:
            lane.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for lane in done:
            if not lane.cancelled() and (error := lane.exception()):
                raise error


async def _lane(app: procrastinate.App, queue: str, at_once: int) -> None:
    from gateway import jobs

    await app.run_worker_async(
        queues=[queue],
        name=queue,
        concurrency=at_once,
        fetch_job_polling_interval=1,
        shutdown_graceful_timeout=10,
        update_heartbeat_interval=jobs.HEARTBEAT_SECONDS,
        stalled_worker_timeout=jobs.STALLED_AFTER_SECONDS,
        delete_jobs="successful",
        listen_notify=True,
        install_signal_handlers=False,
    )


def actions() -> None:
    """Serve Rasa's custom actions at ACTIONS_URL."""
    from rasa_sdk.endpoint import create_app
    from rasa_sdk.executor import ActionExecutor

    address = urlsplit(settings().actions_url)
    routing_is_usable()
    logs.set_up()
    executor = ActionExecutor()
    executor.register_package("actions")
    # One process, so that nothing is left behind when it is killed; `keep` starts it again.
    server = create_app(executor)
    server.run(
        host=address.hostname or "127.0.0.1",
        port=address.port or 5055,
        single_process=True,
        motd=False,
        access_log=False,
    )
