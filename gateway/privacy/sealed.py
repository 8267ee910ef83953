"""Columns that hold what may identify somebody: encrypted on the way in, plain on the way out.

Reading them gives ordinary texts, dates and bytes. Writing them takes only what `private`, `private_bytes` or `sealed`
made, with the key of the conversation that it belongs to; anything else raises TypeError, so that nothing gets in
unencrypted.
"""

import logging
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, overload

from cryptography.fernet import InvalidToken
from sqlalchemy import Dialect, LargeBinary, String, inspect
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from gateway.privacy import vault
from gateway.wording import say

logger = logging.getLogger(__name__)


class Private(str):
    """A text with its encrypted form."""

    sealed: str

    def __new__(cls, text: str, sealed: str) -> "Private":
        made = super().__new__(cls, text)
        made.sealed = sealed
        return made


class PrivateDate(date):
    """A day with its encrypted form."""

    sealed: str

    @classmethod
    def of(cls, day: date, sealed: str) -> "PrivateDate":
        made = cls(day.year, day.month, day.day)
        made.sealed = sealed
        return made


class PrivateBytes(bytes):
    """The bytes of a file with their encrypted form."""

    sealed: bytes

    def __new__(cls, content: bytes, sealed: bytes) -> "PrivateBytes":
        made = super().__new__(cls, content)
        made.sealed = sealed
        return made


@overload
def private(session: Session, owner: uuid.UUID, value: str) -> Private: ...
@overload
def private(session: Session, owner: uuid.UUID, value: date) -> PrivateDate: ...
def private(session: Session, owner: uuid.UUID, value: str | date) -> Private | PrivateDate:
    """Encrypt a text or a day with the key of its owner, a conversation. What is encrypted already stays as it is."""
    if isinstance(value, Private | PrivateDate):
        return value
    if isinstance(value, str):
        return Private(value, _seal(session, owner, value))
    return PrivateDate.of(value, _seal(session, owner, value.isoformat()))


def private_bytes(session: Session, owner: uuid.UUID, content: bytes) -> PrivateBytes:
    """Encrypt the bytes of a file with the key of its owner, a conversation."""
    return PrivateBytes(content, _seal_bytes(session, owner, content))


def sealed(
    session: Session, owner: uuid.UUID, table: type[DeclarativeBase], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The values of a row, with those encrypted whose columns ask for it."""
    columns = inspect(table).columns
    return {
        name: private(session, owner, value) if value is not None and isinstance(columns[name].type, Sealed) else value
        for name, value in values.items()
    }


def _seal(session: Session, owner: uuid.UUID, text: str) -> str:
    return _seal_bytes(session, owner, text.encode()).decode()


def _seal_bytes(session: Session, owner: uuid.UUID, content: bytes) -> bytes:
    """The id of the key, a colon and the token."""
    key = vault.key_for_writing(session, owner)
    return f"{key.id.hex}:".encode() + key.fernet.encrypt(content)


def _open(stored: bytes) -> bytes | None:
    """What was encrypted; None when its key was destroyed. Raises InvalidToken for what this service did not write."""
    id, _, token = stored.partition(b":")
    try:
        key = vault.key_for_reading(uuid.UUID(hex=id.decode()))
    except ValueError as error:
        raise InvalidToken from error
    return key.fernet.decrypt(token) if key else None


class Sealed(TypeDecorator[Private]):
    """An encrypted text. Where the key was destroyed, or the value was changed, a sentence says so in its place."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Only what is encrypted goes into the database."""
        if value is None:
            return None
        if not isinstance(value, Private | PrivateDate):
            raise TypeError(f"{type(value).__name__} where only what `private` has encrypted may be stored")
        return value.sealed

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """One value that cannot be read must not keep the rest of a list from being shown."""
        if value is None:
            return None
        try:
            content = _open(value.encode())
        except InvalidToken:
            logger.error("privacy.unreadable")
            return self._unreadable("desk.unreadable", value)
        return self._unreadable("desk.erased", value) if content is None else self._made(content.decode(), value)

    def _made(self, text: str, stored: str) -> Private | PrivateDate:
        return Private(text, stored)

    def _unreadable(self, why: str, stored: str) -> Private | None:
        return Private(say(why), stored)


class SealedDate(Sealed):
    """An encrypted day; none where it cannot be read."""

    cache_ok = True

    def _made(self, text: str, stored: str) -> PrivateDate:
        return PrivateDate.of(date.fromisoformat(text), stored)

    def _unreadable(self, why: str, stored: str) -> None:
        return None


class SealedBytes(TypeDecorator[PrivateBytes]):
    """The encrypted bytes of a file; none where they cannot be read."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Only what is encrypted goes into the database."""
        if value is None:
            return None
        if not isinstance(value, PrivateBytes):
            raise TypeError(f"{type(value).__name__} where only what `private_bytes` has encrypted may be stored")
        return value.sealed

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> PrivateBytes | None:
        """A file that cannot be read is shown as none; the page around it stays whole."""
        if value is None:
            return None
        try:
            content = _open(value)
        except InvalidToken:
            logger.error("privacy.unreadable")
            return None
        return None if content is None else PrivateBytes(content, value)
