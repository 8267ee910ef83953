"""Texts and chat messages at a steady rate, to a running service of its own: `make load`.

.venv/bin/python -m scripts.load [--rate 60] [--seconds 300]

Half come as texts, half by chat, one in twenty tells of an emergency. Messages come when their time has come, whether
or not the last were answered. Printed: how fast they were taken, how long an emergency took to reach staff, whether
each was kept and answered once, and the memory of each process.
"""

import argparse
import asyncio
import json
import random
import re
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

import httpx
from twilio.request_validator import RequestValidator

from evaluation.service import TWILIO_TOKEN, Service, running
from scripts.bench import QUESTIONS, memory, show

EMERGENCY = "load {serial}: my son rang from his cell, he has a rope and said goodbye, please get somebody to him now"
EMERGENCIES = 0.05
DRAIN_SECONDS = 1800
SAMPLE_EVERY_SECONDS = 10
_SERIAL = re.compile(r"load (\d+):")


@dataclass
class Counts:
    """What the senders saw."""

    took: dict[str, list[float]] = field(default_factory=lambda: {"sms": [], "chat": []})  # milliseconds
    refused: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    emergencies: dict[int, float] = field(default_factory=dict)  # by serial, when each was posted


async def send_all(url: str, rate: float, seconds: float) -> Counts:
    """Post them all, each at its own time."""
    counts, chance, tasks = Counts(), random.Random(1), []
    limits = httpx.Limits(max_connections=400, max_keepalive_connections=100)
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=limits) as client:
        began = time.monotonic()
        for serial in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + serial / rate - time.monotonic()))
            tasks.append(asyncio.create_task(_one(client, url, serial, chance.random() < EMERGENCIES, counts)))
        await asyncio.gather(*tasks)
    return counts


async def _one(client: httpx.AsyncClient, url: str, serial: int, emergency: bool, counts: Counts) -> None:
    channel = "chat" if serial % 2 else "sms"
    text = EMERGENCY.format(serial=serial) if emergency else f"{QUESTIONS[serial % len(QUESTIONS)]} {serial}"
    began = time.time()
    try:
        response = await (_chat(client, text) if channel == "chat" else _sms(client, url, serial, text))
        code = str(response.status_code)
    except httpx.HTTPError as error:
        code = type(error).__name__
    counts.took[channel].append((time.time() - began) * 1000)
    if code == "200":
        counts.accepted += 1
        if emergency:
            counts.emergencies[serial] = began
    else:
        counts.refused[code] += 1


async def _chat(client: httpx.AsyncClient, text: str) -> httpx.Response:
    return await client.post("/chat/api/messages", json={"text": text})


async def _sms(client: httpx.AsyncClient, url: str, serial: int, text: str) -> httpx.Response:
    number = f"+447700900{serial % 1000:03d}"
    form = {
        "MessageSid": "SM" + uuid.uuid4().hex, "From": number, "To": "+447700900999", "Body": text, "NumMedia": "0",
    }  # fmt: skip
    signature = RequestValidator(TWILIO_TOKEN).compute_signature(f"{url}/sms/twilio", form)
    return await client.post("/sms/twilio", data=form, headers={"X-Twilio-Signature": signature})


async def _sampled(service: Service, url: str, rate: float, seconds: float) -> tuple[Counts, list[float]]:
    """Send, and look at the memory of all processes together now and then. Megabytes."""
    sending, sizes = asyncio.create_task(send_all(url, rate, seconds)), []
    while not sending.done():
        sizes.append(sum(memory(service).values()))
        await asyncio.wait([sending], timeout=SAMPLE_EVERY_SECONDS)
    return await sending, sizes


def first_alerts(outbox: Path) -> dict[int, float]:
    """When the first mail to staff that holds the words of each emergency was handed over."""
    found: dict[int, float] = {}
    for file in outbox.glob("*.eml"):
        body = message_from_bytes(file.read_bytes(), policy=policy.default).get_content()
        for serial in map(int, _SERIAL.findall(body)):
            found[serial] = min(found.get(serial, file.stat().st_mtime), file.stat().st_mtime)
    return found


def answered(service: Service) -> Counter[str]:
    """The states of the messages of families."""
    rows = service.rows("messages", "export")
    return Counter(row["state"] for row in rows if row["from"] == "family")


def drain(service: Service) -> tuple[Counter[str], float]:
    """Wait until nothing waits for an answer any more, and how long that was."""
    began = time.monotonic()
    while True:
        states = answered(service)
        if not states["accepted"] + states["held"] or time.monotonic() - began > DRAIN_SECONDS:
            return states, time.monotonic() - began
        time.sleep(5)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m scripts.load", description=__doc__)
    options.add_argument("--rate", type=float, default=60, help="messages a second")
    options.add_argument("--seconds", type=float, default=300)
    given = options.parse_args()
    with running() as service:
        counts, sizes = asyncio.run(_sampled(service, service.url, given.rate, given.seconds))
        states, after = drain(service)
        alerts = first_alerts(service.outbox)
    for channel, goal in (("sms", "goal p99 <= 100"), ("chat", "waits for its answer up to 5 s")):
        show(f"{channel}: accepted", counts.took[channel], goal)
    waits = [(alerts[serial] - began) * 1000 for serial, began in counts.emergencies.items() if serial in alerts]
    if len(waits) > 1:
        show("emergency: from post to staff's alert", waits, "goal p99 <= 10000")
    print(f"accepted {counts.accepted}, refused {dict(counts.refused)}, kept {json.dumps(states)}")
    print(f"emergencies accepted {len(counts.emergencies)}, of which staff were told {len(waits)}")
    print(f"the last was answered {after:.0f} s after the last was posted")
    print(f"memory of all processes, MB: {sizes[0]:.0f} at first, {max(sizes):.0f} at most, {sizes[-1]:.0f} at the end")


if __name__ == "__main__":
    main()
