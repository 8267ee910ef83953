"""The time limits at work: listing what has reached them, and deleting what was listed."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.audit.models import LogEvent
from gateway.audit.service import record
from gateway.db import now, unit_of_work
from gateway.privacy.expiry import KINDS, Due, Kind
from gateway.privacy.holds import one_at_a_time
from gateway.privacy.models import RetentionListed
from gateway.privacy.policy import Rule, policy
from gateway.privacy.removal import has_table

# Rows that go in one transaction, and stand in one line of the log.
BATCH = 200
# The most of one kind in one night, so that a first night after years does not hold up the worker.
MOST_IN_A_NIGHT = 50_000
# What is listed one night goes the next. A little less than a day, since no night begins to the second.
LISTED_FOR = timedelta(hours=20)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Summary:
    """How much of one kind has reached its time limit, and since when the oldest was kept."""

    rule: Rule
    count: int
    oldest: datetime | None


def summaries(session: Session) -> list[Summary]:
    """Every kind with what would go now."""
    return [_summary(session, rule) for rule in policy().rules.values()]


def _summary(session: Session, rule: Rule) -> Summary:
    query = _due(session, rule)
    if query is None:
        return Summary(rule, 0, None)
    found = query.subquery()
    count, oldest = session.execute(select(func.count(), func.min(found.c[1])).select_from(found)).one()
    return Summary(rule, count, oldest)


def _due(session: Session, rule: Rule) -> Due | None:
    """The query for what has reached its limit; None where nothing can have."""
    kind = KINDS[rule.kind]
    if rule.keep is None or (kind.table and not has_table(session, kind.table)):
        return None
    return kind.find(now() - rule.keep)


def list_ahead() -> dict[str, int]:
    """Put down what goes the next time, in a table and in the log. Gives how much is new, by kind."""
    listed: dict[str, int] = {}
    for rule in policy().rules.values():
        with unit_of_work() as session:
            if (query := _due(session, rule)) is not None:
                listed[rule.kind] = _list(session, rule.kind, query)
    return {kind: count for kind, count in listed.items() if count}


def _list(session: Session, kind: str, query: Due) -> int:
    """What no longer qualifies, as after a hold, leaves the list."""
    items = session.scalars(query.limit(MOST_IN_A_NIGHT)).all()
    qualify = query.with_only_columns(query.selected_columns[0])
    session.execute(delete(RetentionListed).where(RetentionListed.kind == kind, RetentionListed.item.not_in(qualify)))
    new: list[str] = []
    for batch in _batches(items):
        rows = [{"kind": kind, "item": item, "listed_at": now()} for item in batch]
        statement = insert(RetentionListed).values(rows).on_conflict_do_nothing().returning(RetentionListed.item)
        if fresh := sorted(session.scalars(statement).all()):
            record(session, LogEvent.RETENTION_LISTED, kind=kind, count=len(fresh), ids=fresh)
        new += fresh
    return len(new)


def delete_due(*, listed_for: timedelta | None = LISTED_FOR) -> dict[str, int]:
    """Delete what has reached its limit and was listed at least so long ago; None: whether listed or not.

    Each batch commits with its line in the log; after a crash in between the next run goes on. Gives counts by kind.
    """
    done: dict[str, int] = {}
    for rule in policy().rules.values():
        for batch in _batches(_candidates(rule, listed_for)):
            done[rule.kind] = done.get(rule.kind, 0) + _delete(rule, batch)
    return {kind: count for kind, count in done.items() if count}


def _candidates(rule: Rule, listed_for: timedelta | None) -> Sequence[str]:
    with unit_of_work() as session:
        query = _due(session, rule)
        if query is None:
            return []
        if listed_for is not None:
            listed = select(RetentionListed.item).where(
                RetentionListed.kind == rule.kind, RetentionListed.listed_at <= now() - listed_for
            )
            query = _only(query, listed)
        return session.scalars(query.limit(MOST_IN_A_NIGHT)).all()


def _delete(rule: Rule, items: Sequence[str]) -> int:
    """One batch. Whether each still qualifies is asked again: a hold may have come since."""
    kind: Kind = KINDS[rule.kind]
    with unit_of_work() as session:
        one_at_a_time(session)
        query = _due(session, rule)
        still = sorted(session.scalars(_only(query, items)).all()) if query is not None else []
        if still:
            kind.drop(session, still)
            record(session, LogEvent.RETENTION_DELETED, kind=rule.kind, count=len(still), ids=still)
        listed = RetentionListed.kind == rule.kind, RetentionListed.item.in_(items)
        session.execute(delete(RetentionListed).where(*listed))
    logger.info("retention.deleted", extra={"kind": rule.kind, "count": len(still)})
    return len(still)


def _only(query: Due, items: object) -> Due:
    """Those of a query whose id is among the items."""
    return query.where(query.selected_columns[0].in_(items))  # type: ignore[arg-type]


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
