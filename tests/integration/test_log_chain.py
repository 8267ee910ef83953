"""Rows of the log are chained as they commit, in one unbroken line, whatever happens at the same time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from factories import a_concern, a_conversation
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from sqlalchemy import exists, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gateway import db
from gateway.audit import chaining
from gateway.audit.chain import GENESIS
from gateway.audit.models import LogEntry, LogEvent
from gateway.audit.reading import rows
from gateway.audit.service import record
from gateway.audit.verify import Report, verify
from gateway.concerns.models import Concern
from gateway.config import settings
from gateway.db import unit_of_work


def write(count: int = 1, **details: Any) -> None:
    """Commit so many transactions of one entry each."""
    for _ in range(count):
        with unit_of_work() as session:
            record(session, LogEvent.MESSAGE_HELD, **details)


def verified() -> Report:
    with unit_of_work() as session:
        return verify(rows(session), [], settings().chain_key)


def positions() -> list[int]:
    with unit_of_work() as session:
        return list(session.scalars(select(LogEntry.id).order_by(LogEntry.id)))


def test_each_row_carries_the_hash_of_the_one_before(database: str) -> None:
    write(3)

    with unit_of_work() as session:
        entries = session.scalars(select(LogEntry).order_by(LogEntry.id)).all()
    assert [entry.previous_hash for entry in entries] == [GENESIS, entries[0].hash, entries[1].hash]
    assert len({entry.hash for entry in entries} | {entry.hmac for entry in entries}) == 6
    assert verified().faults == []


DETAILS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text('abcü "\\', max_size=3), inside, max_size=3),
    max_leaves=8,
)


@effort(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DETAILS)
def test_whatever_the_details_are_the_row_verifies_as_the_database_gives_it_back(database: str, value: Any) -> None:
    write(value=value)

    assert verified().faults == []


# ----- one transaction -----


def test_what_is_undone_leaves_no_gap(database: str) -> None:
    write()
    with pytest.raises(ZeroDivisionError), unit_of_work() as session:
        record(session, LogEvent.MESSAGE_HELD)
        assert session.scalar(select(func.count(LogEntry.id))) == 2  # chained already
        raise ZeroDivisionError
    write()

    assert positions() == [1, 2] and verified().faults == []


def test_the_entries_of_a_savepoint_go_with_it(database: str) -> None:
    with unit_of_work() as session:
        record(session, LogEvent.MESSAGE_HELD, number=1)
        savepoint = session.begin_nested()
        record(session, LogEvent.MESSAGE_HELD, number=2)
        savepoint.rollback()
        record(session, LogEvent.MESSAGE_HELD, number=3)
        with session.begin_nested():
            record(session, LogEvent.MESSAGE_HELD, number=4)

    with unit_of_work() as session:
        kept = session.scalars(select(LogEntry.details).order_by(LogEntry.id)).all()
    assert kept == [{"number": 1}, {"number": 3}, {"number": 4}] and verified().faults == []


def test_an_entry_chained_within_a_savepoint_that_is_undone_is_chained_again(database: str) -> None:
    with unit_of_work() as session:
        record(session, LogEvent.MESSAGE_HELD, number=1)
        savepoint = session.begin_nested()
        assert session.scalar(select(func.count(LogEntry.id))) == 1
        record(session, LogEvent.MESSAGE_HELD, number=2)
        savepoint.rollback()

    with unit_of_work() as session:
        assert session.scalars(select(LogEntry.details)).all() == [{"number": 1}]
    assert verified().faults == []


def test_a_session_that_is_closed_takes_its_entries_along(database: str) -> None:
    with db._sessions()() as session:
        record(session, LogEvent.MESSAGE_HELD)
        session.close()
        session.commit()

    assert positions() == []


@pytest.mark.parametrize(
    "query",
    [
        select(LogEntry.message_id),
        select(func.count(LogEntry.id)),
        select(exists().where(LogEntry.id > 0)),
        select(select(func.max(LogEntry.id)).scalar_subquery()),
        select(text("1")).select_from(LogEntry),
    ],
    ids=["column", "count", "exists", "within", "from"],
)
def test_a_query_in_the_same_transaction_sees_the_entry(work: Session, query: Any) -> None:
    record(work, LogEvent.MESSAGE_HELD, message=7)

    assert work.scalar(query)


# ----- many at once -----


def test_writers_at_the_same_time_leave_one_unbroken_chain(database: str) -> None:
    with unit_of_work() as session:
        concerns = [a_concern(session).id for _ in range(2)]
    before = len(positions())

    def work(writer: int) -> None:
        for number in range(12):
            with unit_of_work() as session:
                record(session, LogEvent.CONCERN_VIEWED, concern=concerns[number % 2])
                session.get_one(Concern, concerns[(writer + number) % 2], with_for_update=True)
                record(session, LogEvent.CONCERN_NOTED, concern=concerns[writer % 2], number=number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))

    assert len(positions()) - before == 6 * 12 * 2 and verified().faults == []


def test_nobody_waits_for_somebody_who_has_not_begun_to_commit(database: str) -> None:
    with unit_of_work() as slow:
        record(slow, LogEvent.MESSAGE_HELD, who="slow")
        a_conversation(slow)
        slow.flush()
        write(who="quick")  # would wait for ever if the lock were taken with the entry

    with unit_of_work() as session:
        assert session.scalars(select(LogEntry.details["who"].astext).order_by(LogEntry.id)).all() == ["quick", "slow"]
    assert verified().faults == []


def test_an_entry_about_a_row_that_another_has_locked_does_not_wait_for_it(database: str) -> None:
    """A foreign key would: the one who has the row could be waiting for the end of the chain in turn."""
    with unit_of_work() as session:
        concern = a_concern(session).id
    with unit_of_work() as holder:
        holder.get_one(Concern, concern, with_for_update=True)
        writer = threading.Thread(target=_write_about, args=(concern,))
        writer.start()
        writer.join(timeout=20)
        assert not writer.is_alive()
        record(holder, LogEvent.CONCERN_NOTED, concern=concern)

    assert verified().faults == []


def _write_about(concern: int) -> None:
    with unit_of_work() as session:
        record(session, LogEvent.CONCERN_VIEWED, concern=concern)


def test_a_commit_has_reached_the_disk_when_it_returns(database: str) -> None:
    unflushed = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), pg_current_wal_flush_lsn())"
    left = []
    with psycopg.connect(database, autocommit=True) as watching:
        for _ in range(20):
            write()
            left.append((watching.execute(unflushed).fetchone() or (None,))[0])

    assert left.count(0) > 10  # the database itself writes now and then


def test_a_database_that_dies_before_all_is_on_the_disk_is_an_error_of_the_commit(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chaining, "TO_THE_DISK", text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with pytest.raises(OperationalError):
        write()
    monkeypatch.undo()
    write()

    assert positions() == [1, 2] and verified().faults == []


def test_an_entry_is_written_although_the_clock_is_behind(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    monkeypatch.setattr(chaining, "now", lambda: db.now() - timedelta(hours=1))
    write()
    monkeypatch.undo()
    write()

    assert [str(fault) for fault in verified().faults] == [
        "position 2: older than what came before: a clock was set back, or the time was changed"
    ]


def test_rows_are_numbered_in_the_order_of_their_times(database: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: write(5), range(4)))

    with unit_of_work() as session:
        times = session.scalars(select(LogEntry.happened_at).order_by(LogEntry.id)).all()
    assert len(times) == 20 and list(times) == sorted(times)


def test_the_log_can_be_read_in_pieces(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("gateway.audit.reading.AT_A_TIME", 2)
    write(5)

    report = verified()
    assert (report.count, report.last, report.faults) == (5, 5, [])
