"""Changing the master key: every data key is wrapped anew, and nothing that families wrote has to be touched."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Row, select, update

from gateway.config import settings
from gateway.db import unit_of_work
from gateway.privacy.models import DataKey
from gateway.privacy.vault import WrongMasterKeys, master, unwrap

AT_ONCE = 500


@dataclass
class Wrapped:
    """How many data keys there are, by what opens them."""

    newest: int = 0  # the first key of DATA_KEYS
    older: int = 0  # another of them
    lost: int = 0  # none of them


def check() -> Wrapped:
    """Try every data key."""
    found = Wrapped()
    for some in _in_parts():
        for row in some:
            if _is_newest(row.wrapped):
                found.newest += 1
            elif _opens(row.wrapped):
                found.older += 1
            else:
                found.lost += 1
    return found


def rotate() -> int:
    """Wrap with the newest master key what is not yet. Gives how many. Raises WrongMasterKeys.

    The service may run meanwhile, once every process of it has the new key; doing it twice changes nothing more.
    """
    return sum(_rewrap([row for row in some if not _is_newest(row.wrapped)]) for some in _in_parts())


def _in_parts() -> Iterator[Sequence[Row[uuid.UUID, str]]]:
    after = uuid.UUID(int=0)
    query = select(DataKey.id, DataKey.wrapped).order_by(DataKey.id).limit(AT_ONCE)
    while True:
        with unit_of_work() as session:
            some = session.execute(query.where(DataKey.id > after)).all()
        if not some:
            return
        yield some
        after = some[-1].id


def _rewrap(rows: Sequence[Row[uuid.UUID, str]]) -> int:
    """A key that is destroyed meanwhile stays destroyed."""
    done = 0
    with unit_of_work() as session:
        for row in rows:
            anew = master(settings().data_keys).encrypt(unwrap(row.wrapped)).decode()
            statement = update(DataKey).where(DataKey.id == row.id).values(wrapped=anew).returning(DataKey.id)
            done += session.scalar(statement) is not None
    return done


def _is_newest(wrapped: str) -> bool:
    try:
        Fernet(settings().data_keys[0]).decrypt(wrapped)
    except InvalidToken:
        return False
    return True


def _opens(wrapped: str) -> bool:
    try:
        unwrap(wrapped)
    except WrongMasterKeys:
        return False
    return True
