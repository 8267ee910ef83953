"""gunicorn as the gateway starts it: what it writes about those who ask."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from gateway.config import ROOT

START = "from gateway.commands.web_server import WebServer; WebServer(workers=1, threads=2).run()"


@pytest.fixture
def served(database: str, tmp_path: Path) -> Iterator[tuple[str, Callable[[], str]]]:
    """The address of the web process, and a way to end it and to have all that it wrote."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {"WEB_HOST": "127.0.0.1", "WEB_PORT": str(port), "DATABASE_URL": database}
    with (tmp_path / "written").open("w") as written:
        command = [sys.executable, "-c", START]
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=written, stderr=written)

    def ended() -> str:
        process.terminate()
        process.wait(15)
        return (tmp_path / "written").read_text()

    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}", ended
    finally:
        process.kill()
        process.wait(15)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the web process does not listen")


def test_no_token_that_stands_in_an_address_or_a_header_is_written_down(
    served: tuple[str, Callable[[], str]],
) -> None:
    address, ended = served
    with httpx.Client(base_url=address, timeout=10) as browser:
        begun = browser.post("/chat/api/messages", json={"text": "hello"}).json()
        token = begun["conversation"]
        codes = [
            browser.get("/chat/api/messages", params={"conversation": token}).status_code,
            browser.get("/chat/api/messages", headers={"Authorization": f"Bearer {token}"}).status_code,
            browser.get("/chat/api/messages", params={"conversation": token, "after": "x"}).status_code,
            browser.get("/nothing", params={"conversation": token}).status_code,
        ]

    written = ended()
    assert codes == [200, 200, 400, 404]
    assert "Listening" in written  # so it is the log that was looked at
    assert token not in written and token.partition(".")[0] not in written
