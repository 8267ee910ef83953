"""A PostgreSQL that can be away: a proxy in front of the real one, which is cut, hung and mended."""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from gateway.db import WAIT_SECONDS
from gateway.reach import PATIENCE_SECONDS


class Proxy:
    """Passes each connection on to PostgreSQL's socket, unless told otherwise."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._target = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        self._door = socket.create_server(("127.0.0.1", 0))
        self._port = self._door.getsockname()[1]
        self.address = f"postgresql://{parts.username}:{parts.password or ''}@127.0.0.1:{self._port}{parts.path}"
        self._open: list[socket.socket] = []
        self._passes = threading.Event()
        self._passes.set()
        self._serve()

    def _serve(self) -> None:
        threading.Thread(target=self._accept, args=(self._door,), daemon=True).start()

    def _accept(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                inside, _ = door.accept()
                outside = socket.socket(socket.AF_UNIX)
                outside.connect(self._target)
                self._open += [inside, outside]
                for one, other in ((inside, outside), (outside, inside)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while said := one.recv(65536):
                self._passes.wait()
                other.sendall(said)
        self._close(one, other)

    def cut(self) -> None:
        """As when the server is stopped: connections end, and new ones are refused."""
        self._close(self._door, *self._open)
        self._open.clear()

    def hang(self) -> None:
        """As when the server's disk or its network stalls: connections are taken, and nothing more is said."""
        self._passes.clear()

    def mend(self) -> None:
        """All is well again."""
        self._passes.set()
        if self._door.fileno() == -1:
            self._door = socket.create_server(("127.0.0.1", self._port))
            self._serve()

    def _close(self, *ends: socket.socket) -> None:
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def proxied(address: str) -> Iterator[Proxy]:
    """A proxy that this process's database is reached through, until the test ends."""
    from gateway import db, reach
    from tests.conftest import _use

    proxy = Proxy(address)
    _use(proxy.address)
    reach.breaker.reset()
    reach.PATIENCE_SECONDS = PATIENCE_SECONDS
    db.WAIT_SECONDS = WAIT_SECONDS
    yield proxy
    proxy.mend()
    reach.breaker.reset()
    db.engine().dispose()
    _use(address)
    proxy.cut()
