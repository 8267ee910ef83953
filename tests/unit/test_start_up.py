"""What happens before and around the processes: finding a Python, training only when needed, starting again."""

import importlib.util
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
import typer

from gateway.commands import rasa, run

ROOT = Path(__file__).resolve().parents[2]


def _setup() -> ModuleType:
    specification = importlib.util.spec_from_file_location("project_setup", ROOT / "scripts" / "setup.py")
    assert specification and specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_model_is_out_of_date_when_an_example_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    example = tmp_path / "data" / "nlu" / "visits.yml"
    example.write_text("one")
    monkeypatch.setattr(rasa, "ROOT", tmp_path)
    monkeypatch.setattr(rasa, "LEARNT_FROM", ("data/nlu",))
    before = rasa.fingerprint()

    assert rasa.fingerprint() == before
    example.write_text("two")
    assert rasa.fingerprint() != before


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://db/gateway", "postgresql://db/gateway?connect_timeout=5&options=-csearch_path%3Drasa"),
        (
            "postgresql:///gateway?host=/tmp/x",
            "postgresql:///gateway?host=/tmp/x&connect_timeout=5&options=-csearch_path%3Drasa",
        ),
    ],
)
def test_rasa_keeps_its_conversations_in_a_schema_of_its_own(address: str, expected: str) -> None:
    assert rasa.tracker_url(address) == expected


def test_a_taken_port_is_named_before_anything_starts(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(typer.Exit):
            run._free_or_stop("WEB_PORT", ("127.0.0.1", port))

    assert str(port) in capsys.readouterr().err


def test_a_python_310_that_is_missing_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    project_setup = _setup()
    monkeypatch.setattr(project_setup, "runs_310", lambda candidate: False)

    with pytest.raises(SystemExit, match=r"Python 3\.10 was not found.*pyenv install 3\.10"):
        project_setup.find_python_310()


def test_a_python_that_does_not_run_is_not_taken_for_310(tmp_path: Path) -> None:
    broken = tmp_path / "python3.10"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)

    assert _setup().runs_310(str(broken)) is False
    assert _setup().runs_310(sys.executable) is (sys.version_info[:2] == (3, 10))


def test_a_process_that_dies_is_started_again_and_all_stops_on_sigterm(tmp_path: Path) -> None:
    marks = tmp_path / "starts"
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "__main__.py").write_text(
        f"import time\nopen({str(marks)!r}, 'a').write('x')\n"
        f"if len(open({str(marks)!r}).read()) > 1:\n    time.sleep(60)\n"
    )
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from gateway.commands.keep import keep; keep('web')"
    keeper = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    end = time.monotonic() + 30
    while not marks.exists() or len(marks.read_text()) < 2:
        assert time.monotonic() < end, "it was not started again"
        time.sleep(0.05)

    keeper.send_signal(signal.SIGTERM)

    assert keeper.wait(timeout=10) == 0
    assert "started again" in keeper.stdout.read()  # type: ignore[union-attr]
