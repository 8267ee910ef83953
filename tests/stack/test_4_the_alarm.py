"""The whole path is watched: it is green soon after the start, and a worker that stands still is seen from outside."""

import json
import signal
from collections.abc import Iterator

import httpx
import pytest

from tests.stack.conftest import Stack, eventually

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service of its own, which tries its path every few seconds so that a test need not wait for minutes."""
    running = Stack.start(tmp_path_factory.mktemp("watched"), PROBE_EVERY="8", PATH_LATE_AFTER="20")
    yield running
    running.stop()


def _path(stack: Stack) -> httpx.Response:
    return httpx.get(f"{stack.url}/health/path", timeout=5)


@pytest.mark.timeout(240)
def test_the_synthetic_message_comes_through_soon_after_the_start(watched: Stack) -> None:
    eventually(lambda: _path(watched).status_code == 200, within=90, every=0.5)
    answer = _path(watched).json()

    assert answer["ok"] is True and answer["age_seconds"] <= 20
    assert watched.rows("concerns", "export") == [], "a synthetic concern is nobody's"
    assert watched.rows("messages", "export") == []
    assert list(watched.outbox.glob("*")) == [], "nothing goes to a telephone or a mailbox"


@pytest.mark.timeout(240)
def test_a_worker_that_stands_still_is_seen_and_told_and_all_is_well_when_it_goes_on(watched: Stack) -> None:
    eventually(lambda: _path(watched).status_code == 200, within=90, every=0.5)
    workers = watched.find("worker")
    for worker in workers:
        worker.send_signal(signal.SIGSTOP)
    try:
        eventually(lambda: _path(watched).status_code == 503, within=40, every=0.5)
        eventually(lambda: "worker" in _told(watched, "wrong"), within=120, every=0.5)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGCONT)

    eventually(lambda: _path(watched).status_code == 200, within=60, every=0.5)
    eventually(lambda: "worker" in _told(watched, "well"), within=60, every=0.5)


@pytest.mark.timeout(120)
def test_a_watcher_that_is_killed_is_started_again_and_goes_on(watched: Stack) -> None:
    (before,) = {process.pid for process in watched.find("watcher")}
    last = _path(watched).json()["last"]
    watched.kill("watcher")

    eventually(lambda: {process.pid for process in watched.find("watcher")} - {before}, within=20)
    eventually(
        lambda: _path(watched).status_code == 200 and _path(watched).json()["last"] != last, within=60, every=0.5
    )


def _told(stack: Stack, state: str) -> set[str]:
    """The names of the checks that the alarm was raised for, or that were said to be well again."""
    file = stack.outbox.parent / "alarms.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    return {name for line in lines if line["state"] == state for name in line["checks"]}
