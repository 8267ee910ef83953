"""The prisons in the store, and which of them a family means."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.prisons.choosing import choose, likely_meant
from gateway.prisons.finder import PrisonFinder
from gateway.prisons.models import Prison
from gateway.prisons.names import name_rules
from gateway.prisons.register import read_prisons


@dataclass
class _Remembered:
    """This process's finder. Other processes build a new one when they are started again."""

    finder: PrisonFinder | None = None


_remembered = _Remembered()


def load_prisons(session: Session, path: Path) -> int:
    """Put every row of a CSV file in the table; loading it again changes nothing. Raises BadPrisonFile.

    A row that has left the file stays in the table, since concerns may point at it.
    """
    rows = read_prisons(path)
    if not rows:
        return 0
    statement = insert(Prison)
    new = {column.name: statement.excluded[column.name] for column in Prison.__table__.columns if column.name != "id"}
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=new), rows)
    session.expire_all()
    _remembered.finder = None
    return len(rows)


def find_prisons(session: Session, text: str) -> list[Prison]:
    """The prisons that a text names: none, the one that is meant, or several to ask about."""
    return _in_order(session, _finder(session).find(text))


def by_id(session: Session, prison_id: str) -> Prison | None:
    """The prison of an id."""
    return session.get(Prison, prison_id)


def choice(session: Session, text: str, options: list[str]) -> Prison | None:
    """The prison that an answer picks among the ids that were offered, in their order; None when it picks none."""
    picked = choose(text, _in_order(session, options), _finder(session), name_rules())
    return by_id(session, picked) if picked else None


def likeliest(session: Session, text: str, prisons: Sequence[Prison]) -> Prison | None:
    """Of several prisons that a name fits, the one that goes by it, when the text is little more than the name."""
    meant = likely_meant(text, {prison.id for prison in prisons}, name_rules())
    return by_id(session, meant) if meant else None


def _in_order(session: Session, ids: list[str]) -> list[Prison]:
    if not ids:
        return []
    found = {prison.id: prison for prison in session.scalars(select(Prison).where(Prison.id.in_(ids)))}
    return [found[id_] for id_ in ids if id_ in found]


def _finder(session: Session) -> PrisonFinder:
    if _remembered.finder is None:
        _remembered.finder = PrisonFinder(session.scalars(select(Prison)).all(), name_rules())
    return _remembered.finder
