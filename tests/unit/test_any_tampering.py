"""Whatever log there was and whatever is done to it, both checkers find it, and agree; an untouched one passes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from log_checkers import faults_by_both

from gateway.audit.anchors import Anchor, append
from gateway.audit.chain import GENESIS, Row, as_stored, canonical, digest, seal, sealing

KEY, ANOTHER = b"the key", b"another"
BEGAN = datetime(2026, 3, 1, 9, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
DETAILS = st.dictionaries(
    TEXT, st.none() | st.booleans() | st.integers() | TEXT | st.lists(TEXT, max_size=2), max_size=3
)
# What a row says: how long after the one before (clocks may differ a little), what befell, whom, and details.
FACTS = st.tuples(
    st.integers(-4, 100_000), st.sampled_from(["message:received", "concern:opened"]), TEXT, st.none() | st.integers(1),
    DETAILS,
)  # fmt: skip
LOGS = st.lists(FACTS, min_size=2, max_size=12)
# Each example writes its own files; nothing is left over from the one before.
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def chained(contents: list[tuple[Any, ...]], key: bytes = KEY) -> list[Row]:
    """Rows in a chain, from what each says: the values from its time to its details."""
    rows: list[Row] = []
    previous = GENESIS
    for position, content in enumerate(contents, start=1):
        hashed = (previous, position, *content)
        previous = digest(hashed)
        rows.append((*hashed, previous, seal(previous, sealing(key))))
    return rows


def written(facts: list[tuple[Any, ...]]) -> list[Row]:
    at, contents = BEGAN, []
    for seconds, event, actor, concern, details in facts:
        at += timedelta(seconds=seconds)
        when = at.isoformat(timespec="microseconds")
        contents.append((when, event, actor, concern, None, None, as_stored(details)))
    return chained(contents)


def anchored(rows: list[Row], folder: Path) -> Path:
    """The anchors that were taken when the last row had been written, and before the first."""
    file = folder / "anchors.jsonl"
    file.unlink(missing_ok=True)
    for count, position, hashed, at in (
        (0, 0, GENESIS, BEGAN.isoformat(timespec="microseconds")),
        (len(rows), len(rows), rows[-1][9], rows[-1][2]),
    ):
        mark = seal(canonical([count, position, hashed, at]), sealing(KEY))
        append(file, Anchor(count, position, hashed, at, mark))
    return file


@many
@given(facts=LOGS)
def test_a_log_that_nobody_touched_passes(tmp_path: Path, facts: list[Any]) -> None:
    rows = written([(abs(facts[0][0]), *facts[0][1:]), *facts[1:]])

    assert faults_by_both(rows, anchored(rows, tmp_path), KEY, tmp_path) == []


@many
@given(facts=LOGS, data=st.data())
def test_no_field_of_a_row_can_be_changed_unseen(tmp_path: Path, facts: list[Any], data: st.DataObject) -> None:
    rows = written(facts)
    place, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, 10))
    changed = list(rows[place])
    changed[column] = data.draw({1: st.integers(1, 99), 8: DETAILS.map(as_stored)}.get(column, TEXT.filter(_plain)))
    assume(changed[column] != rows[place][column])

    tampered = [*rows[:place], tuple(changed), *rows[place + 1 :]]
    assert faults_by_both(tampered, anchored(rows, tmp_path), KEY, tmp_path)


def _plain(text: str) -> bool:
    """What can stand in a hash's place in an export at all."""
    return text.isascii() and text.isprintable() and '"' not in text


@many
@given(facts=LOGS, data=st.data())
@pytest.mark.parametrize("mend", [None, ANOTHER, KEY], ids=["as it is", "chained again", "chained with the key"])
def test_no_rows_can_be_taken_out_swapped_doubled_or_cut_off_unseen(
    tmp_path: Path, facts: list[Any], data: st.DataObject, mend: bytes | None
) -> None:
    rows = written(facts)
    picked = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=len(rows)))
    tampered = [rows[place] for place in picked]
    if mend:
        tampered = chained([row[2:9] for row in tampered], mend)
    assume(tampered != rows)

    assert faults_by_both(tampered, anchored(rows, tmp_path), KEY, tmp_path)


@many
@given(facts=LOGS, place=st.integers(1, 11), minutes=st.integers(1, 10_000))
def test_a_clock_that_was_set_back_is_seen_although_the_chain_is_whole(
    tmp_path: Path, facts: list[Any], place: int, minutes: int
) -> None:
    place = min(place, len(facts) - 1)
    facts = [(abs(seconds), *rest) for seconds, *rest in facts]
    facts[place] = (-60 * minutes, *facts[place][1:])
    no_anchors = tmp_path / "none.jsonl"
    no_anchors.touch()

    found = faults_by_both(written(facts), no_anchors, KEY, tmp_path)
    assert [fault.partition(":")[0] for fault in found] == [f"position {place + 1}"]
