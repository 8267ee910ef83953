"""Measure a running service of its own: chat, webhook, Rasa's memory. `make bench` runs it.

.venv/bin/python -m scripts.bench [--messages 240] [--at-once 4]
"""

import argparse
import itertools
import json
import os
import re
import statistics
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
from twilio.request_validator import RequestValidator

from evaluation.cases import read_questions
from evaluation.service import TWILIO_TOKEN, Service, running

QUESTIONS = [question.text for question in read_questions()]
WORDS = 40


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


def understand(url: str) -> Callable[[int], None]:
    """Ask Rasa what a text of some 40 words means, never the same one: intent, answer and risk."""
    client = httpx.Client(base_url=url, timeout=30)

    def ask(number: int) -> None:
        words = " ".join(itertools.islice(itertools.cycle(QUESTIONS), number, number + 8)).split()[:WORDS]
        asked = {"text": " ".join(words), "recent": [], "told": []}
        client.post("/webhooks/gateway/understand", json=asked).raise_for_status()

    return ask


def webhook(url: str) -> Callable[[int], None]:
    """Post a signed text message, as Twilio does."""
    client, validator = httpx.Client(timeout=30), RequestValidator(TWILIO_TOKEN)

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


def waits_for_quiet(outbox: Path, texts: int) -> float:
    """Seconds until every text has been answered."""
    began, file = time.monotonic(), outbox / "sms.jsonl"
    while time.monotonic() - began < 300:
        if file.exists() and len({json.loads(line)["to"] for line in file.read_text().splitlines()}) >= texts:
            break
        time.sleep(0.2)
    return time.monotonic() - began


def memory(service: Service) -> dict[str, float]:
    """Resident megabytes of each process."""
    found: dict[str, float] = {}
    for child in psutil.Process(service.process.pid).children(recursive=True):
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
    began = time.monotonic()
    with running() as service:
        print(f"{os.cpu_count()} processors; the service was ready {time.monotonic() - began:.0f} s after its start")
        url = service.url
        timed(chat(url), 20, given.at_once)  # warm up
        show(
            f"chat: question to reply, {given.at_once} at once",
            timed(chat(url), given.messages, given.at_once),
            "goal p50 <= 120, p95 <= 300",
        )
        show("chat: question to reply, one at a time", timed(chat(url), given.messages, 1), "")
        understanding = timed(understand(service.environment["RASA_URL"]), given.messages, 1)
        show(
            f"rasa: what {WORDS} words mean, one at a time",
            understanding,
            "goal p95 <= 20",
        )
        show("webhook: text accepted, one at a time", timed(webhook(url), given.messages, 1), "goal p95 <= 50")
        quiet = waits_for_quiet(service.outbox, given.messages)
        print(f"the last of those texts was answered {quiet:.1f} s after the last was accepted")
        for name, size in sorted(memory(service).items()):
            print(f"resident memory of {name:<8} {size:7.0f} MB   {'goal <= 900' if name == 'rasa' else ''}")


if __name__ == "__main__":
    main()
