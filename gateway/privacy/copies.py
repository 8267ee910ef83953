"""Copies outside the tables: what the stand-ins for providers wrote, and what waits in the spool."""

import fcntl
import json
from collections.abc import Collection, Iterable
from pathlib import Path

from gateway.config import settings


def forget_deliveries(ids: Iterable[int], address: str | None = None) -> int:
    """Take deliveries out of the outbox, by their ids and by the number they went to. Gives how many there were.

    Only the stand-ins write there. What Twilio or a mail server was given is theirs: docs/privacy.md.
    """
    outbox, known = settings().var_dir / "outbox", set(ids)
    mails = [outbox / f"delivery-{number}.eml" for number in known]
    there = [mail for mail in mails if mail.exists()]
    for mail in there:
        mail.unlink(missing_ok=True)
    references = {f"console-{number}" for number in known}
    return len(there) + sum(_without(file, references, address) for file in sorted(outbox.glob("*.jsonl")))


def _without(path: Path, references: Collection[str], address: str | None) -> int:
    """Rewrite a file of JSON lines in place, under the lock that its writers take."""
    with path.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.readlines()
        left = [line for line in lines if not _names(json.loads(line), references, address)]
        if len(left) < len(lines):
            file.seek(0)
            file.writelines(left)
            file.truncate()
    return len(lines) - len(left)


def _names(line: dict[str, str], references: Collection[str], address: str | None) -> bool:
    return line.get("reference") in references or (address is not None and line.get("to") == address)
