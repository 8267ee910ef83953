"""Putting rows at the end of the chain: as late as a transaction allows, one transaction at a time.

Rows wait beside the session until it commits, so that the lock on the chain's end is held for the insert and the commit
alone. Everything else is flushed first: nobody waits for another row while holding the end of the chain, so nobody
can lock another out. A query of the log in the same transaction sees the rows too: it chains them before it runs, and
holds the lock from there on. Such a transaction must not write anything afterwards but to the log.

The commit itself does not wait for the disk, or each would wait for all before it: that is waited for when the lock is
free, many together, before whoever committed goes on.
"""

from datetime import UTC
from typing import Any

from sqlalchemy import Connection, event, insert, text
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlalchemy.sql import visitors

from gateway.audit.chain import GENESIS, HASHED, digest, seal, sealing
from gateway.audit.models import LogEntry
from gateway.config import settings
from gateway.db import now

# Writes an empty record to the write-ahead log, in a transaction of its own.
TO_THE_DISK = text("SELECT pg_logical_emit_message(true, 'gateway log', '')")

_WAITING = "log entries that wait to be chained"


class Waiting:
    """The entries of one transaction, those in front chained already, and where each savepoint within it began."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.chained = 0
        self.marks: dict[SessionTransaction, tuple[int, int]] = {}
        self.connection: Connection | None = None  # once all is chained

    def back_to(self, transaction: SessionTransaction) -> None:
        """Forget what was added since a savepoint, and that what came before it was chained since."""
        kept, self.chained = self.marks.pop(transaction, (0, 0))
        del self.entries[kept:]


def wait(session: Session, entry: dict[str, Any]) -> None:
    """Keep the fields of an entry, all but those that the chain gives it, until the transaction commits."""
    if not session.in_transaction():
        session.begin()
    session.info.setdefault(_WAITING, Waiting()).entries.append(entry)


def chain_waiting(session: Session) -> None:
    """Write what waits, after everything else that the session has to write."""
    waiting = session.info.get(_WAITING)
    if waiting is None or waiting.chained == len(waiting.entries):
        return
    session.flush()
    unchained, waiting.chained = waiting.entries[waiting.chained :], len(waiting.entries)
    connection = session.connection()
    # One call to the database, for each is time in which others wait: it locks the end and then reads it.
    position, previous = connection.execute(text("SELECT * FROM end_of_log()")).one_or_none() or (0, GENESIS)
    connection.execute(insert(LogEntry), _chained(unchained, position, previous))


def _chained(entries: list[dict[str, Any]], position: int, previous: str) -> list[dict[str, Any]]:
    """The rows that follow on from the one at `position`, whose hash is `previous`."""
    keyed, rows = sealing(settings().chain_key), []
    for position, entry in enumerate(entries, start=position + 1):  # noqa: B020
        row = entry | {"id": position, "previous_hash": previous, "happened_at": now()}
        as_text = row | {"happened_at": row["happened_at"].astimezone(UTC).isoformat(timespec="microseconds")}
        previous = digest(tuple(as_text[name] for name in HASHED))
        rows.append(row | {"hash": previous, "hmac": seal(previous, keyed)})
    return rows


@event.listens_for(Session, "before_commit")
def _at_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    chain_waiting(session)
    if waiting := session.info.get(_WAITING):
        waiting.connection = session.connection()


@event.listens_for(Session, "after_commit")
def _wait_for_the_disk(session: Session) -> None:
    """Make a commit that waits for the disk: then all is there that was committed before, by anybody."""
    waiting = session.info.get(_WAITING)
    connection = waiting and waiting.connection
    if connection and not connection.in_transaction():  # else somebody around the session has yet to commit
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(TO_THE_DISK)


@event.listens_for(Session, "do_orm_execute")
def _at_query(state: ORMExecuteState) -> None:
    if _WAITING in state.session.info and state.is_select and _reads_the_log(state.statement):
        chain_waiting(state.session)


def _reads_the_log(statement: Any) -> bool:
    """Whether the log's table, or a column of it, stands anywhere in a query."""
    named = (getattr(element, "table", element) for element in visitors.iterate(statement))
    return any(getattr(table, "name", None) == LogEntry.__tablename__ for table in named)


@event.listens_for(Session, "after_transaction_create")
def _at_begin(session: Session, transaction: SessionTransaction) -> None:
    if waiting := session.info.get(_WAITING):
        waiting.marks[transaction] = len(waiting.entries), waiting.chained


@event.listens_for(Session, "after_soft_rollback")
def _at_rollback(session: Session, previous_transaction: SessionTransaction) -> None:
    if waiting := session.info.get(_WAITING):
        waiting.back_to(previous_transaction)


@event.listens_for(Session, "after_transaction_end")
def _at_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_WAITING, None)
