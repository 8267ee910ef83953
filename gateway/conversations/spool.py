"""Messages on disk while the database is away: one encrypted file each, in a folder for each conversation.

    VAR_DIR/spool/<digest of the conversation>/<number that grows with arrival>-<random>.message

Several processes of one machine share it. A file's name says nothing about anybody; what is in it cannot be read
without SECRET_KEY.
"""

import base64
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from gateway.config import settings
from gateway.conversations.arrivals import Arrival

SUFFIX, STUCK = ".message", ".stuck"


class SpoolFull(Exception):
    """The disk cannot keep the message either, so it must not be accepted."""


class Unreadable(Exception):
    """A file that was not written with this installation's key, or is damaged."""


@dataclass(frozen=True)
class Told:
    """How the holding reply stands: when it was begun, whether the provider has decided, and its reference if sent."""

    at: datetime
    settled: bool = False
    reference: str | None = None


@dataclass(frozen=True)
class Waiting:
    """One message in the spool."""

    path: Path
    arrival: Arrival
    told: Told | None = None


def put(arrival: Arrival) -> None:
    """Keep a message. When this returns, it survives the power being cut. Raises SpoolFull."""
    try:
        folder = _folder(arrival.conversation)
        path = folder / f"{_next_number(folder)}-{secrets.token_hex(4)}{SUFFIX}"
        _write(Waiting(path, arrival))
        _sync(folder.parent)
    except OSError as error:
        raise SpoolFull(error.strerror or type(error).__name__) from error


def is_waiting(conversation: str) -> bool:
    """Whether a message of this conversation is in the spool: then the next must not overtake it."""
    return bool(messages(_place(conversation)))


def holds(conversation: str) -> bool:
    """Whether anything of this conversation is on the disk, be it set aside for a person."""
    folder = _place(conversation)
    return is_waiting(conversation) or any(folder.glob(f"*{STUCK}"))


def paths() -> list[Path]:
    """Every message in the spool, in order of arrival."""
    return sorted((path for folder in folders() for path in messages(folder)), key=lambda path: path.name)


def folders() -> list[Path]:
    """The conversations that have messages in the spool, by their folders."""
    root = _root()
    return [path for path in root.iterdir() if path.is_dir()] if root.is_dir() else []


def first(folder: Path) -> Path | None:
    """The oldest message of a conversation."""
    return min(messages(folder), default=None)


def stuck() -> list[Path]:
    """The files set aside for a person to look at."""
    return [path for folder in folders() for path in folder.glob(f"*{STUCK}")]


def read(path: Path) -> Waiting:
    """What a file holds. Raises Unreadable."""
    try:
        held = json.loads(_fernet().decrypt(path.read_bytes()))
    except (InvalidToken, ValueError) as error:
        raise Unreadable from error
    told = held["told"]
    if told:
        told = Told(**{**told, "at": datetime.fromisoformat(told["at"])})
    return Waiting(path, Arrival.from_json(held["arrival"]), told)


def note_told(waiting: Waiting, told: Told | None) -> Waiting:
    """Write into the file how the holding reply stands. Raises OSError."""
    noted = replace(waiting, told=told)
    _write(noted)
    return noted


def erase(path: Path) -> None:
    """Take a message out, once it is in the database."""
    path.unlink()
    with suppress(OSError):  # another message may have come into the folder
        path.parent.rmdir()


def set_aside(path: Path) -> None:
    """Leave a message that cannot be taken in for a person, so that it does not hold up the others."""
    path.rename(path.with_suffix(STUCK))


@contextmanager
def alone() -> Iterator[bool]:
    """Whether this process is the only one that replays for now; held until the block ends."""
    with (_root() / ".replay").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _root() -> Path:
    return settings().var_dir / "spool"


def _place(conversation: str) -> Path:
    key = settings().derived_key("spool folders").encode()
    return _root() / hmac.new(key, conversation.encode(), hashlib.sha256).hexdigest()[:32]


def _folder(conversation: str) -> Path:
    _root().mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = _place(conversation)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def messages(folder: Path) -> list[Path]:
    """The messages of one conversation, in no order."""
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if entry.name.endswith(SUFFIX)]
    except FileNotFoundError:
        return []


def _next_number(folder: Path) -> str:
    """Nanoseconds since 1970, but more than the last in the folder even when the clock was set back."""
    last = max((int(path.name.partition("-")[0]) for path in messages(folder)), default=0)
    return f"{max(time.time_ns(), last + 1):020d}"


def _write(waiting: Waiting) -> None:
    """Whole or not at all: under another name first, flushed to the disk, then renamed."""
    told = asdict(waiting.told) | {"at": waiting.told.at.isoformat()} if waiting.told else None
    sealed = _fernet().encrypt(json.dumps({"arrival": waiting.arrival.as_json(), "told": told}).encode())
    unfinished = waiting.path.with_name(f".{waiting.path.name}.{secrets.token_hex(4)}")
    waiting.path.parent.mkdir(mode=0o700, exist_ok=True)  # a replay may just have found it empty
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(waiting.path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    _sync(waiting.path.parent)


def _sync(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fernet() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex(settings().derived_key("spool"))))
