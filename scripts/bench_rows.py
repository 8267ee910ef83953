"""Fills a throw-away database with invented concerns, as many as are asked for, in minutes even for a million.

What is read by the search is as many and as unlike as it would be: names by how common they are, words of the messages
that safeguarding is taught with, a key for each conversation. What is not read is made once and repeated.
"""

import json
import random
from collections.abc import Iterator
from itertools import product

import psycopg
from cryptography.fernet import Fernet

from gateway.concerns import tokens
from gateway.concerns.people import person_words
from gateway.concerns.reference import LETTERS, SIGNS
from gateway.config import ROOT
from gateway.privacy.vault import _wrapped

# The service of one country for ten years, one concern every five minutes, and what staff have not finished yet.
APART = "316 seconds"
OPEN = 300
NAMES, TEXTS = 20_000, 8_000
# Numbers that Ofcom keeps free for drama; each has a thousand. With a million concerns each family has raised some 60.
TELEPHONES = (
    "+441134960", "+441144960", "+441154960", "+441164960", "+441174960", "+441184960", "+441214960", "+441314960",
    "+441414960", "+441514960", "+441614960", "+442079460", "+441914980", "+442896496", "+442920180", "+447700900",
)  # fmt: skip
SURNAMES = (
    "Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright Walker "
    "White Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper Hill Ward Morris "
    "Moore Clark Lee King Baker Harrison Morgan Allen James Scott Phillips Watson Davis Parker Price Bennett Young"
).split()
SYLLABLES = ("ash", "bar", "cal", "den", "el", "fen", "gar", "hol", "ing", "ken", "lam", "mar", "nor", "pen", "ros")
ENDS = ("bury", "by", "combe", "field", "ford", "ham", "ley", "man", "more", "ridge", "son", "stone", "ton", "wick")

POOLS = """
    CREATE UNLOGGED TABLE pool_name (n int PRIMARY KEY, sealed text, tokens bigint[]);
    CREATE UNLOGGED TABLE pool_text (n int PRIMARY KEY, sealed text, tokens bigint[]);
    CREATE UNLOGGED TABLE pool_prison (n int PRIMARY KEY, id text, token bigint);
    CREATE UNLOGGED TABLE pool_row (n int PRIMARY KEY, reference text, telephone bigint, number bigint)
"""


def names() -> list[str]:
    """Full names, the common ones often."""
    first = [name.capitalize() for name in sorted(person_words().first_names)]
    last = SURNAMES + ["".join(parts).capitalize() for parts in product(SYLLABLES, SYLLABLES, ENDS)]
    draw = random.Random(1)
    often = [1 / (place + 10) for place in range(len(last))]
    return [f"{draw.choice(first)} {surname}" for surname in draw.choices(last, often, k=NAMES)]


def texts() -> list[str]:
    """What families may write."""
    lines = (ROOT / "data" / "safeguarding" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line)["text"] for line in lines]
    return random.Random(2).sample(found, TEXTS)


def number_of(n: int) -> str:
    """The prison number of the person whom a concern is about; none of them is anybody's but by chance."""
    return f"Z{n % 10_000:04}{LETTERS[n // 10_000 % 24]}{LETTERS[n // 240_000 % 24]}"


def telephone_of(n: int) -> str:
    """The telephone number of the family that raised a concern."""
    return f"{TELEPHONES[n // 1000 % len(TELEPHONES)]}{n % 1000:03}"


def reference_of(n: int) -> str:
    """The reference of a concern, unlike those beside it."""
    drawn = n * 7_919_777_123 % (24**3 * 32**4)
    signs = ""
    for alphabet in (SIGNS,) * 4 + (LETTERS,) * 3:
        drawn, place = divmod(drawn, len(alphabet))
        signs = alphabet[place] + signs
    return f"{signs[:3]}-{signs[3:]}"


def fill(address: str, count: int) -> None:
    """Put so many concerns into a migrated database. The one numbered `count` is the newest."""
    secret = Fernet.generate_key()
    with psycopg.connect(address) as work:
        work.execute("SET session_replication_role = replica; SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'")
        work.execute(POOLS)
        _copy(work, "pool_name", _pool(Fernet(secret), names(), tokens.of_name))
        _copy(work, "pool_text", _pool(Fernet(secret), texts(), tokens.of_words))
        ids = [row[0] for row in work.execute("SELECT id FROM prison ORDER BY md5(id)")]
        _copy(work, "pool_prison", ((n, id, *tokens.of_prisons([id])) for n, id in enumerate(ids)))
        _copy(work, "pool_row", _rows(count))
        work.execute("DROP INDEX concern_search_tokens; ANALYZE")
        for statement in _statements(count, _wrapped(secret)):
            work.execute(statement)
        work.execute("CREATE INDEX concern_search_tokens ON concern_search USING gin (tokens) WITH (fastupdate = off)")
        for table, rows in (("message", 2 * count), ("concern", count)):
            work.execute(f"ALTER TABLE {table} ALTER id RESTART WITH {rows + 1}")
        work.execute("DROP TABLE made, pool_name, pool_text, pool_prison, pool_row")
    with psycopg.connect(address, autocommit=True) as work:
        work.execute("VACUUM ANALYZE")


def _statements(count: int, wrapped: str) -> list[str]:
    sql = (ROOT / "scripts" / "bench_rows.sql").read_text(encoding="utf-8")
    values = {"count": count, "apart": APART, "open": OPEN, "names": NAMES, "texts": TEXTS, "wrapped": wrapped}
    for name, value in values.items():
        sql = sql.replace(f"{{{name}}}", str(value))
    return sql.strip().split(";\n")


def _pool(fernet: Fernet, values: list[str], found_by) -> Iterator[tuple[int, str, list[int]]]:  # type: ignore[no-untyped-def]
    for n, value in enumerate(values):
        yield n, fernet.encrypt(value.encode()).decode(), sorted(set().union(*found_by(value)))


def _rows(count: int) -> Iterator[tuple[int, str, int, int]]:
    known: dict[str, int] = {}
    for n in range(1, count + 1):
        telephone = telephone_of(n)
        if telephone not in known:
            (known[telephone],) = tokens.of_telephones(telephone)[0]
        (number,) = tokens.of_number(number_of(n))[0]
        yield n, reference_of(n), known[telephone], number


def _copy(work: psycopg.Connection, table: str, rows: Iterator[tuple[object, ...]]) -> None:
    with work.cursor().copy(f"COPY {table} FROM STDIN") as into:
        for row in rows:
            into.write_row(row)
