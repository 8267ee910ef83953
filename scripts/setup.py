"""Make both environments and .env, once; run again it does only what has changed. Needs nothing but Python 3.11+.

python3 scripts/setup.py [--dev]
"""

import base64
import hashlib
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GATEWAY, RASA = ROOT / ".venv", ROOT / "bot" / ".venv"
UV = GATEWAY / "bin" / "uv"


def fail(sentence: str) -> None:
    """Say what is missing and what to do, and end."""
    sys.exit(f"setup: {sentence}")


def run(*command: str | Path) -> None:
    """Run a command quietly; show all it said when it fails."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        fail(f"this failed:\n  {' '.join(map(str, command))}\n{done.stdout}")


def digest(files: list[str]) -> str:
    """Changes when one of the files does."""
    found = hashlib.sha256(sys.version.encode())
    for name in files:
        found.update((ROOT / name).read_bytes())
    return found.hexdigest()


def up_to_date(folder: Path, files: list[str]) -> bool:
    """Whether an environment was made from these files as they stand."""
    stamp = folder / f".made-from-{Path(files[-1]).stem}"
    return stamp.exists() and stamp.read_text() == digest(files)


def remember(folder: Path, files: list[str]) -> None:
    (folder / f".made-from-{Path(files[-1]).stem}").write_text(digest(files))


def install(folder: Path, files: list[str], what: str) -> bool:
    """Install hashed requirement files into an environment. False when nothing had to be done."""
    if up_to_date(folder, files):
        return False
    started = time.monotonic()
    print(f"Installing {what} …", flush=True)
    for name in files:
        run(UV, "pip", "install", "--python", folder / "bin" / "python", "--require-hashes", "-r", name)
    remember(folder, files)
    print(f"  done in {time.monotonic() - started:.0f} s", flush=True)
    return True


def make_gateway(dev: bool) -> None:
    """The environment of everything but Rasa."""
    if sys.version_info < (3, 11):
        fail(f"Python 3.11 or later is needed, and this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 …")
    if not (GATEWAY / "bin" / "python").exists():
        print("Making the environment .venv …", flush=True)
        done = subprocess.run([sys.executable, "-m", "venv", str(GATEWAY)], capture_output=True, text=True)
        if done.returncode:
            fail(f"Python cannot make environments. On Debian: apt install python3-venv.\n{done.stdout}{done.stderr}")
    if not up_to_date(GATEWAY, ["requirements/uv.txt"]):
        run(
            GATEWAY / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            "requirements/uv.txt",
        )
        remember(GATEWAY, ["requirements/uv.txt"])
    changed = install(GATEWAY, ["requirements/gateway.txt"], "the gateway")
    if changed or not (GATEWAY / "bin" / "gateway").exists():
        run(
            UV,
            "pip",
            "install",
            "--python",
            GATEWAY / "bin" / "python",
            "--no-deps",
            "--no-build-isolation",
            "--editable",
            ".",
        )
    if dev:
        install(GATEWAY, ["requirements/gateway.txt", "requirements/dev.txt"], "what the tests need")


def find_python_310() -> str:
    """A Python 3.10 that runs: named by RASA_PYTHON, on the PATH, kept by uv, or kept by pyenv."""
    kept = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.10*/bin/python"))
    asked = subprocess.run(
        [str(UV), "python", "find", "--no-project", "3.10"],
        capture_output=True,
        text=True,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
    )
    for candidate in (os.environ.get("RASA_PYTHON", ""), asked.stdout.strip(), *map(str, reversed(kept)), "python3.10"):
        if candidate and runs_310(candidate):
            return candidate
    fail(
        "Python 3.10 was not found, and Rasa needs it. Install one with `uv python install 3.10` (.venv/bin/uv does) "
        "or `pyenv install 3.10`, or name one: RASA_PYTHON=/path/to/python3.10 make setup"
    )
    raise AssertionError


def runs_310(candidate: str) -> bool:
    try:
        done = subprocess.run(
            [candidate, "-c", "import sys; print(sys.version_info[:2] == (3, 10))"], capture_output=True, text=True
        )
    except OSError:
        return False
    return done.stdout.strip() == "True"


def make_rasa(dev: bool) -> None:
    """Rasa's environment."""
    if not (RASA / "bin" / "python").exists():
        print("Making the environment bot/.venv …", flush=True)
        run(UV, "venv", "--python", find_python_310(), RASA)
    install(RASA, ["requirements/rasa.txt"], "Rasa")
    if dev:
        install(RASA, ["requirements/rasa.txt", "requirements/rasa-dev.txt"], "what Rasa's tests need")


def make_env_file() -> None:
    """A first .env with secrets of its own; an existing one is never touched."""
    path = ROOT / ".env"
    if not path.exists():
        text = (ROOT / ".env.example").read_text(encoding="utf-8")
        path.touch(mode=0o600)
        data_key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        text = text.replace("SECRET_KEY=\n", f"SECRET_KEY={secrets.token_urlsafe(48)}\n")
        path.write_text(text.replace("DATA_KEYS=\n", f"DATA_KEYS={data_key}\n"), encoding="utf-8")
        print("Made .env with a new SECRET_KEY and DATA_KEYS.", flush=True)


if __name__ == "__main__":
    for_tests = "--dev" in sys.argv
    make_gateway(for_tests)
    make_rasa(for_tests)
    make_env_file()
