"""The keys that what families write is encrypted with: one for each conversation, so that each can be destroyed.

A data key lies in the table `data_key`, wrapped by the master keys of DATA_KEYS, which the database never sees.
"""

import threading
import uuid
from functools import cache
from weakref import WeakKeyDictionary

from cachetools import TTLCache
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Row, Select, delete, event, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, SessionTransaction

from gateway.config import BadSetting, settings
from gateway.db import engine, key_engine, now
from gateway.privacy.models import DataKey

# The owner of what belongs to no conversation.
NOBODY = uuid.UUID(int=0)

# A key that was destroyed by another process can be read with for no longer than this.
REMEMBERED_SECONDS = 30
MOST_REMEMBERED = 10_000


class WrongMasterKeys(BadSetting):
    """No key of DATA_KEYS opens a data key; the message says what to do."""


class DataKeyInHand:
    """A data key, opened."""

    def __init__(self, id: uuid.UUID, secret: bytes) -> None:
        self.id, self.fernet = id, Fernet(secret)


_remembered: TTLCache[uuid.UUID, DataKeyInHand] = TTLCache(MOST_REMEMBERED, REMEMBERED_SECONDS)
_lock = threading.Lock()
# What a transaction writes with. It holds a lock on the key's row, so the key stands until it ends.
_held: WeakKeyDictionary[SessionTransaction, dict[uuid.UUID, DataKeyInHand]] = WeakKeyDictionary()


@cache
def master(keys: tuple[str, ...]) -> MultiFernet:
    """The master keys as one: the first encrypts, any of them decrypts."""
    return MultiFernet([Fernet(key) for key in keys])


def unwrap(wrapped: str) -> bytes:
    """A data key as it is. Raises WrongMasterKeys."""
    try:
        return master(settings().data_keys).decrypt(wrapped)
    except InvalidToken as error:
        raise WrongMasterKeys(
            "DATA_KEYS does not hold the key that this database was encrypted with: put that key back, behind any "
            "newer one. What families wrote can be read by no other."
        ) from error


def try_master() -> None:
    """Whether DATA_KEYS belongs to this database, tried on the key made last. Raises WrongMasterKeys."""
    with engine().connect() as connection:
        newest = connection.scalar(select(DataKey.wrapped).order_by(DataKey.made_at.desc()).limit(1))
    if newest is not None:
        unwrap(newest)


def key_for_writing(session: Session, owner: uuid.UUID) -> DataKeyInHand:
    """The owner's key, made if there is none. It cannot be destroyed before the caller's transaction has ended."""
    session.connection()
    transaction = session.get_nested_transaction() or session.get_transaction()
    assert transaction is not None  # `connection` begins one
    held = _held.setdefault(transaction, {})
    if owner not in held:
        held[owner] = _locked(session, owner)
    return held[owner]


def _locked(session: Session, owner: uuid.UUID) -> DataKeyInHand:
    query = select(DataKey.id, DataKey.wrapped).where(DataKey.owner == owner).with_for_update(key_share=True, read=True)
    while (found := session.execute(query).one_or_none()) is None:
        values = dict(id=uuid.uuid4(), owner=owner, wrapped=_wrapped(Fernet.generate_key()), made_at=now())
        # Two that come at once make one key: the second waits here for the first.
        session.execute(insert(DataKey).values(**values).on_conflict_do_nothing(index_elements=["owner"]))
    return _opened(found)


def _wrapped(secret: bytes) -> str:
    return master(settings().data_keys).encrypt(secret).decode()


def key_for_reading(id: uuid.UUID) -> DataKeyInHand | None:
    """The key with this id; None when it was destroyed."""
    with _lock:
        known = _remembered.get(id)
    if known is not None:
        return known
    with key_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        found = connection.execute(select(DataKey.id, DataKey.wrapped).where(DataKey.id == id)).one_or_none()
    return _opened(found) if found else None


def remember(session: Session, owners: Select[uuid.UUID]) -> None:
    """Read the keys of many owners at once, before a list is read whose every line needs another."""
    for row in session.execute(select(DataKey.id, DataKey.wrapped).where(DataKey.owner.in_(owners))):
        _opened(row)


def _opened(row: Row[uuid.UUID, str]) -> DataKeyInHand:
    with _lock:
        known = _remembered.get(row.id)
    if known is not None:
        return known
    key = DataKeyInHand(row.id, unwrap(row.wrapped))
    with _lock:
        _remembered[row.id] = key
    return key


def destroy(session: Session, owner: uuid.UUID) -> bool:
    """Destroy the owner's key in the caller's transaction: what it encrypted can never be read again.

    Waits for those who are writing with it. False when there was none. Other processes forget it within
    REMEMBERED_SECONDS.
    """
    gone = session.scalar(delete(DataKey).where(DataKey.owner == owner).returning(DataKey.id))
    for held in list(_held.values()):
        held.pop(owner, None)
    if gone is None:
        return False
    # Not sooner: until then any reader would find the key again.
    event.listen(session, "after_commit", lambda session: _drop(gone), once=True)
    return True


def _drop(id: uuid.UUID) -> None:
    with _lock:
        _remembered.pop(id, None)


def forget() -> None:
    """Drop every key that this process remembers, as when it turns to another database."""
    with _lock:
        _remembered.clear()
