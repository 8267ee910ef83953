"""gunicorn as the gateway starts it."""

from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from gateway import logs
from gateway.config import settings


class OneLog(Logger):
    """gunicorn's own events go where ours go. Requests are not logged: a chat's address may hold its token."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        logs.set_up()
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class WebServer(BaseApplication):
    """The web application in worker processes of many threads, most of which wait for the database or a reply."""

    def __init__(self, *, workers: int, threads: int) -> None:
        self._workers, self._threads = workers, threads
        super().__init__()

    def load_config(self) -> None:
        host = settings().web_host
        for name, value in {
            "bind": f"{f'[{host}]' if ':' in host else host}:{settings().web_port}",
            "worker_class": "gthread",
            "workers": self._workers,
            "threads": self._threads,
            "graceful_timeout": 20,
            "keepalive": 15,
            "accesslog": None,
            "logger_class": OneLog,
            # A door that nobody uses: gunicorn's remote control.
            "control_socket_disable": True,
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called in each worker process, so that none shares a connection with another."""
        from gateway.conversations import replay
        from web import create_app

        replay.start()
        return create_app()
