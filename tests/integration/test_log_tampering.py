"""Everything that somebody with all rights in the database may do to the log, each found by both checkers."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from log_checkers import SCRIPT, faults_by_both
from psycopg.types.json import Jsonb
from typer.testing import CliRunner

from gateway.audit import anchors
from gateway.audit.chain import GENESIS, digest, seal, sealing
from gateway.audit.models import LogEvent
from gateway.audit.reading import rows
from gateway.audit.service import record
from gateway.cli import app
from gateway.config import settings
from gateway.db import unit_of_work

ROWS = 20
ANCHORED = (5, 10, 15, 20)
INSERT = (
    "INSERT INTO log_entry (previous_hash, id, happened_at, event, actor, concern_id, message_id, delivery_id, details,"
    " hash, hmac) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class Log:
    """A log of twenty rows with an anchor at each fifth, and the hands of a database administrator on it."""

    def __init__(self, address: str, folder: Path) -> None:
        self.folder, self.anchors = folder, folder / "anchors.jsonl"
        for number in range(1, ROWS + 1):
            self.write(number=number)
            if number in ANCHORED:
                self.anchor()
        self.hands = psycopg.connect(address, autocommit=True)
        self.sql("ALTER TABLE log_entry DISABLE TRIGGER log_entry_only_gains_rows")

    def write(self, **details: Any) -> None:
        with unit_of_work() as session:
            record(session, LogEvent.CONCERN_NOTED, actor="staff:1", concern=3, **details)

    def anchor(self) -> None:
        with unit_of_work() as session:
            anchors.append(self.anchors, anchors.take(session, settings().chain_key))

    def sql(self, statement: str) -> None:
        self.hands.execute(statement)

    def rows(self) -> list[Any]:
        with unit_of_work() as session:
            return list(rows(session))

    def rewrite(self, left: list[Any], key: bytes) -> None:
        """Put these rows in place of all, with positions, hashes and seals that fit each other."""
        self.sql("TRUNCATE log_entry")
        previous = GENESIS
        for position, row in enumerate(left, start=1):
            hashed = (previous, position, *row[2:9])
            previous = digest(hashed)
            self.hands.execute(INSERT, (*hashed[:8], Jsonb(hashed[8]), previous, seal(previous, sealing(key))))

    def faults(self) -> list[str]:
        """Without the words: where and which."""
        both = faults_by_both(self.rows(), self.anchors, settings().chain_key, self.folder)
        return [
            f"{fault.partition(':')[0]}: {' '.join(fault.partition(': ')[2].split()[:5]).strip(':')}" for fault in both
        ]


@pytest.fixture
def log(database: str, tmp_path: Path) -> Iterator[Log]:
    made = Log(database, tmp_path)
    yield made
    made.hands.close()


def test_nothing_is_wrong_with_a_log_that_nobody_touched(log: Log) -> None:
    assert log.faults() == []


def edit(log: Log) -> None:
    log.sql("""UPDATE log_entry SET details = '{"number": 70}' WHERE id = 7""")


def edit_and_hash_again(log: Log) -> None:
    """Someone who knows how rows are hashed, and has no key, mends that row alone."""
    edit(log)
    mended = digest(log.rows()[6][:9])
    log.sql(f"UPDATE log_entry SET hash = '{mended}' WHERE id = 7")


def change_a_time(log: Log) -> None:
    log.sql("UPDATE log_entry SET happened_at = happened_at - interval '1 day' WHERE id = 7")


def no_time_at_all(log: Log) -> None:
    log.sql("UPDATE log_entry SET happened_at = '-infinity' WHERE id = 7")


def delete_in_the_middle(log: Log) -> None:
    log.sql("DELETE FROM log_entry WHERE id IN (7, 8)")


def delete_and_close_the_gap(log: Log) -> None:
    log.rewrite([row for row in log.rows() if row[1] != 7], b"not the key")


def cut_the_tail(log: Log) -> None:
    log.sql("DELETE FROM log_entry WHERE id > 12")


def cut_the_head(log: Log) -> None:
    log.sql("DELETE FROM log_entry WHERE id <= 2")


def swap(log: Log) -> None:
    log.sql("UPDATE log_entry SET id = CASE id WHEN 7 THEN -8 ELSE -7 END WHERE id IN (7, 8)")
    log.sql("UPDATE log_entry SET id = -id WHERE id < 0")


def rewrite_everything(log: Log) -> None:
    log.rewrite(log.rows(), b"not the key")


def rewrite_with_the_key(log: Log) -> None:
    """Whoever has the key as well is betrayed by the anchors alone."""
    log.rewrite([row for row in log.rows() if row[1] != 20], settings().chain_key)
    edit(log)
    log.rewrite(log.rows(), settings().chain_key)


def empty(log: Log) -> None:
    log.sql("TRUNCATE log_entry")


def add_a_row(log: Log) -> None:
    last = log.rows()[-1]
    hashed = (last[9], 21, *last[2:9])
    log.hands.execute(INSERT, (*hashed[:8], Jsonb(hashed[8]), digest(hashed), seal(digest(hashed), sealing(b"x"))))


def set_the_clock_back(log: Log) -> None:
    """The service itself writes rows in the past."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.audit.chaining.now", lambda: datetime.now(UTC) - timedelta(minutes=2))
        log.write(number=21)


def set_the_clock_back_since_an_anchor(log: Log) -> None:
    """Less far than to the row before: only the anchor knows that it was later already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.audit.anchors.now", lambda: datetime.now(UTC) + timedelta(minutes=2))
        log.anchor()
    log.write(number=21)


def set_the_clock_back_before_an_anchor(log: Log) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gateway.audit.anchors.now", lambda: datetime.now(UTC) - timedelta(minutes=2))
        log.anchor()


def change_an_anchor(log: Log) -> None:
    log.anchors.write_text(log.anchors.read_text().replace('"position": 10,', '"position": 11,'))


def spoil_an_anchor(log: Log) -> None:
    lines = log.anchors.read_text().split("\n")
    log.anchors.write_text("\n".join([*lines[:2], lines[2][:30], *lines[3:]]))


SEEN = {
    edit: ["position 7: what is written there does"],
    edit_and_hash_again: ["position 7: not sealed with the service's", "position 8: it does not follow from"],
    change_a_time: ["position 7: older than what came before", "position 7: what is written there does"],
    no_time_at_all: ["position 7: older than what came before", "position 7: what is written there does"],
    delete_in_the_middle: [
        "positions 7 to 8: there is no such row",
        "position 9: it does not follow from",
        "position 10: an anchor counted another number",
        "position 15: an anchor counted another number",
        "position 20: an anchor counted another number",
    ],
    delete_and_close_the_gap: [
        "positions 1 to 19: not sealed with the service's",
        "position 10: an anchor saw another row",
        "position 15: an anchor saw another row",
        "position 20: an anchor saw these rows,",
    ],
    cut_the_tail: ["positions 13 to 20: an anchor saw these rows,"],
    cut_the_head: [
        "positions 1 to 2: there is no such row",
        "position 3: it does not follow from",
        "position 5: an anchor counted another number",
        "position 10: an anchor counted another number",
        "position 15: an anchor counted another number",
        "position 20: an anchor counted another number",
    ],
    swap: ["positions 7 to 8: what is written there does", "positions 7 to 9: it does not follow from"],
    rewrite_everything: ["positions 1 to 20: not sealed with the service's"],
    rewrite_with_the_key: [
        "position 10: an anchor saw another row",
        "position 15: an anchor saw another row",
        "position 20: an anchor saw these rows,",
    ],
    empty: ["positions 1 to 20: an anchor saw these rows,"],
    add_a_row: ["position 21: not sealed with the service's"],
    set_the_clock_back: ["position 21: older than what came before"],
    set_the_clock_back_since_an_anchor: ["position 21: older than what came before"],
    set_the_clock_back_before_an_anchor: ["position 20: older than what came before"],
    change_an_anchor: [
        "position 11: an anchor saw another row",
        "position 11: the anchor of this position",
        "position 11: an anchor counted another number",
    ],
    spoil_an_anchor: ["line 3: this line of the anchors"],
}


@pytest.mark.parametrize("tamper", SEEN, ids=lambda tamper: tamper.__name__)
def test_both_checkers_find(log: Log, tamper: Callable[[Log], None]) -> None:
    tamper(log)

    assert log.faults() == SEEN[tamper]


# ----- as commands -----


def verify_command(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["audit", "verify", *options])
    return result.exit_code, result.output


def script(*arguments: str) -> tuple[int, str]:
    """The script as a clerk would run it: with no environment, no package and no database."""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), *arguments], env={}, cwd="/", capture_output=True, text=True
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_the_commands_say_what_is_wrong_and_end_with_1(log: Log) -> None:
    export = str(log.folder / "export.jsonl")
    known = ["--anchors", str(log.anchors)]
    assert CliRunner().invoke(app, ["audit", "export", export]).exit_code == 0
    key = CliRunner().invoke(app, ["audit", "key"]).output.strip()
    code, said = verify_command(*known)
    assert code == 0 and "20 rows up to position 20" in said and "4 anchors" in said
    assert script(export, *known, "--key", key)[0] == 0

    edit(log)
    CliRunner().invoke(app, ["audit", "export", export])

    assert (verify_command(*known)[0], script(export, *known, "--key", key)[0]) == (1, 1)
    assert "position 7: what is written" in verify_command(*known)[1]
    assert "position 7: what is written" in script(export, *known, "--key", key)[1]


def test_without_the_key_the_script_says_so_and_checks_the_rest(log: Log) -> None:
    rewrite_everything(log)
    export = str(log.folder / "export.jsonl")
    CliRunner().invoke(app, ["audit", "export", export])

    code, said = script(export)
    assert code == 0 and "Without the key" in said and "Without anchors" in said
    edit(log)
    CliRunner().invoke(app, ["audit", "export", export])
    assert script(export)[0] == 1


@pytest.mark.parametrize("line", ["", "{}", "[]", '{"hash":"a","hmac":"b","row":[1,2]}', '{"hash":"a"}', "\x00"])
def test_what_is_no_export_ends_with_2_and_names_the_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "export.jsonl").write_text(line + "\n")

    code, said = script(str(tmp_path / "export.jsonl"))
    assert code == 2 and "Line 1 of" in said


@pytest.mark.parametrize(
    "line", ["[]", "7", "null", '{"count": 1}', json.dumps(dict.fromkeys(("count", "position", "hash", "at", "hmac")))]
)
def test_a_line_that_is_no_anchor_is_a_fault(log: Log, line: str) -> None:
    log.anchors.write_text(line)

    assert log.faults() == ["line 1: this line of the anchors"]


def test_files_that_are_not_there_are_named(database: str, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")

    assert verify_command("--anchors", missing) == (2, f"There is no file {missing}.\n")
    assert script(missing)[0] == 2
    assert CliRunner().invoke(app, ["audit", "export", str(tmp_path / "no" / "folder")]).exit_code == 1


def test_an_empty_log_without_anchors_is_whole(database: str, tmp_path: Path) -> None:
    code, said = verify_command()
    assert code == 0 and "nobody can tell whether the end of the log was cut off" in said


def test_the_script_is_short_and_needs_nothing_else() -> None:
    source = SCRIPT.read_text(encoding="utf-8")

    assert len(source.splitlines()) < 200 and "gateway" not in "".join(
        line for line in source.splitlines() if line.startswith(("import", "from"))
    )
