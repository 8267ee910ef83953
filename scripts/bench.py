"""Measure a running service of its own: chat, webhook, Rasa's memory. `make bench` runs it.

.venv/bin/python scripts/bench.py [--messages 240] [--at-once 4]
"""

import argparse
import itertools
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
from twilio.request_validator import RequestValidator

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "a token of the benchmark"
QUESTIONS = [json.loads(line)["text"] for line in (ROOT / "tests/nlu/questions.jsonl").read_text().splitlines()]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def start(folder: Path) -> tuple[subprocess.Popen[str], dict[str, str], float]:
    """The service on ports and a database of its own, once everything answers, and how long that took."""
    web = free_port()
    values = os.environ | {
        "SECRET_KEY": "only for the benchmark",
        "DATABASE_URL": "",
        "VAR_DIR": str(folder),
        "WEB_PORT": str(web),
        "PUBLIC_URL": f"http://127.0.0.1:{web}",
        "RASA_URL": f"http://127.0.0.1:{free_port()}",
        "ACTIONS_URL": f"http://127.0.0.1:{free_port()}",
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_ACCOUNT_SID": "",
    }
    log = folder / "run.log"
    began = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            [ROOT / ".venv/bin/gateway", "run"],
            env=values,
            cwd=ROOT,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )
    while "is ready" not in log.read_text(errors="replace"):
        if process.poll() is not None:
            sys.exit(log.read_text(errors="replace"))
        time.sleep(0.2)
    return process, values, time.monotonic() - began


def timed(work: Callable[[int], None], times: int, at_once: int) -> list[float]:
    """Milliseconds of each call."""

    def one(number: int) -> float:
        began = time.perf_counter()
        work(number)
        return (time.perf_counter() - began) * 1000

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, range(times)))


def show(name: str, values: list[float], goal: str) -> None:
    cut = statistics.quantiles(values, n=100)
    p50, p95, p99 = cut[49], cut[94], cut[98]
    spread = f"p50 {p50:7.1f} ms   p95 {p95:7.1f} ms   p99 {p99:7.1f} ms   max {max(values):7.1f} ms"
    print(f"{name:<44} n={len(values):<5} {spread}   {goal}")


def chat(url: str) -> Callable[[int], None]:
    """Ask a question and have its answer. Each of the conversations at once goes on for eight questions."""
    client, tokens = httpx.Client(base_url=url, timeout=30), {}
    counter = itertools.count()

    def ask(number: int) -> None:
        thread = next(counter) // 8 * 8 + number % 4
        body = {"text": QUESTIONS[number % len(QUESTIONS)]}
        if thread in tokens:
            body["conversation"] = tokens[thread]
        answer = client.post("/chat/api/messages", json=body).json()
        if answer.get("pending") or not answer["messages"]:
            raise SystemExit(f"no answer in time: {answer}")
        tokens[thread] = answer["conversation"]

    return ask


def webhook(url: str) -> Callable[[int], None]:
    """Post a signed text message, as Twilio does."""
    client, validator = httpx.Client(timeout=30), RequestValidator(TOKEN)

    def post(number: int) -> None:
        form = {
            "MessageSid": "SM" + uuid.uuid4().hex,
            "From": f"+447700900{number % 1000:03d}",
            "To": "+447700900999",
            "Body": QUESTIONS[number % len(QUESTIONS)],
            "NumMedia": "0",
        }
        signature = validator.compute_signature(f"{url}/sms/twilio", form)
        client.post(f"{url}/sms/twilio", data=form, headers={"X-Twilio-Signature": signature}).raise_for_status()

    return post


def waits_for_quiet(folder: Path, texts: int) -> float:
    """Seconds until every text has been answered."""
    began, file = time.monotonic(), folder / "outbox" / "sms.jsonl"
    while time.monotonic() - began < 300:
        if file.exists() and len({json.loads(line)["to"] for line in file.read_text().splitlines()}) >= texts:
            break
        time.sleep(0.2)
    return time.monotonic() - began


def memory(process: subprocess.Popen[str]) -> dict[str, float]:
    """Resident megabytes of each process."""
    found: dict[str, float] = {}
    for child in psutil.Process(process.pid).children(recursive=True):
        line = " ".join(child.cmdline())
        name = "rasa" if "rasa run" in line else (re.findall(r"-m gateway (\w+)", line) or [""])[0]
        if name and "keep" not in line:
            found[name] = found.get(name, 0) + child.memory_info().rss / 2**20
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=240, help="questions to ask by chat, and texts to post")
    options.add_argument("--at-once", type=int, default=4, help="how many ask at the same time")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        process, values, seconds = start(folder)
        try:
            print(f"{os.cpu_count()} processors; the service was ready {seconds:.0f} s after its start")
            url = values["PUBLIC_URL"]
            timed(chat(url), 20, given.at_once)  # warm up
            show(
                f"chat: question to reply, {given.at_once} at once",
                timed(chat(url), given.messages, given.at_once),
                "goal p50 <= 120, p95 <= 300",
            )
            show("chat: question to reply, one at a time", timed(chat(url), given.messages, 1), "")
            show("webhook: text accepted, one at a time", timed(webhook(url), given.messages, 1), "goal p95 <= 50")
            quiet = waits_for_quiet(folder, given.messages)
            print(f"the last of those texts was answered {quiet:.1f} s after the last was accepted")
            for name, size in sorted(memory(process).items()):
                print(f"resident memory of {name:<8} {size:7.0f} MB   {'goal <= 900' if name == 'rasa' else ''}")
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


if __name__ == "__main__":
    main()
