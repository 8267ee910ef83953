"""What the service leaves behind: no words in its logs, and nothing running after Ctrl-C."""

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import psutil
import pytest

from evaluation.service import GATEWAY, ROOT, settings_for
from tests.stack.conftest import Stack
from tests.stack.test_1_the_main_job import EVERYTHING

pytestmark = pytest.mark.stack


def test_no_log_line_holds_what_families_wrote_or_their_names_or_numbers(stack: Stack) -> None:
    log = stack.log.read_text(errors="replace")

    for words in (
        EVERYTHING[:40],
        "Kyle",
        "Thompson",
        "Jane",
        "hasnt eaten",
        "hurt himself",
        "book a visit",
        "07700 900",
    ):
        assert words not in log, f"«{words}» stands in the log"
    assert set(re.findall(r"\+44\d+", log)) <= {"+447700900001"}, "but for the example that the welcome gives"


def test_ctrl_c_stops_everything_and_leaves_nothing_behind(stack: Stack) -> None:
    started = psutil.Process(stack.process.pid).children(recursive=True)
    postgres = [p for p in psutil.process_iter() if stack.environment["VAR_DIR"] in " ".join(p.cmdline() or [])]
    assert started and postgres

    os.kill(stack.process.pid, signal.SIGINT)

    assert stack.process.wait(timeout=40) == 0
    gone, alive = psutil.wait_procs([*started, *postgres], timeout=10)
    assert [p.name() for p in alive if p.status() != psutil.STATUS_ZOMBIE] == []


def _run(values: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([GATEWAY, "run"], env=values, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    values = settings_for(tmp_path)
    with socket.create_server(("127.0.0.1", int(values["WEB_PORT"]))):
        done = _run(values)

    assert done.returncode != 0
    assert values["WEB_PORT"] in done.stderr and "WEB_PORT" in done.stderr


def test_a_database_out_of_reach_is_named_without_its_password(tmp_path: Path) -> None:
    done = _run(settings_for(tmp_path) | {"DATABASE_URL": "postgresql://someone:secret@127.0.0.1:1/gateway"})

    assert done.returncode != 0
    assert "127.0.0.1:1" in done.stderr and "DATABASE_URL" in done.stderr
    assert "secret" not in done.stderr + done.stdout
