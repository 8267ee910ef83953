"""How long each check has been wrong, and whether anybody was told: kept in a file, for restarts."""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gateway.path.checks import Check

logger = logging.getLogger(__name__)

REPEATED_EVERY = timedelta(minutes=15)
# When nobody could be told.
TRIED_AGAIN_AFTER = timedelta(minutes=1)
# While the service starts, not all of it answers yet.
STARTING = timedelta(seconds=90)


@dataclass
class Wrong:
    """A check that is wrong since then. `again_at`: when to tell of it again, None while nobody was told."""

    since: datetime
    again_at: datetime | None = None


@dataclass(frozen=True)
class Due:
    """The names of the checks to tell of: those that are wrong, and those that are well again."""

    wrong: list[str]
    well: list[str]


class Standing:
    """What is wrong now."""

    def __init__(self, file: Path, started: datetime) -> None:
        self._file, self._started = file, started
        self.wrong = _read(file)

    def advance(self, checks: Iterable[Check], faults: Mapping[str, str | None], moment: datetime) -> Due:
        """Take in what a round has seen. A check without a place in `faults` could not be seen and stays as it was."""
        due = Due([], [])
        # A clock that was set back must not put the alarm off.
        self._started = min(self._started, moment)
        for check in checks:
            if check.name not in faults:
                continue
            if faults[check.name] is None:
                before = self.wrong.pop(check.name, None)
                if before and before.again_at:
                    due.well.append(check.name)
                continue
            found = self.wrong.setdefault(check.name, Wrong(moment))
            found.since = min(found.since, moment)
            if self._is_due(found, check.patience, moment):
                due.wrong.append(check.name)
        return due

    def _is_due(self, found: Wrong, patience: timedelta, moment: datetime) -> bool:
        if found.again_at is not None:
            clock_was_set_back = found.again_at - moment > REPEATED_EVERY
            return moment >= found.again_at or clock_was_set_back
        return moment - found.since >= patience and moment - self._started >= STARTING

    def told(self, names: Iterable[str], moment: datetime, *, somebody: bool) -> None:
        """The alarm went out, or nobody could be reached."""
        for name in names:
            self.wrong[name].again_at = moment + (REPEATED_EVERY if somebody else TRIED_AGAIN_AFTER)

    def save(self, moment: datetime) -> None:
        """Written in each round, which also shows that the watcher lives. A full disk must not stop the alarm."""
        kept = {
            name: {"since": found.since.isoformat(), "again_at": found.again_at.isoformat() if found.again_at else None}
            for name, found in self.wrong.items()
        }
        new = self._file.with_suffix(".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps({"at": moment.isoformat(), "wrong": kept}), encoding="utf-8")
            os.replace(new, self._file)
        except OSError as error:
            logger.error("watcher.not_saved", extra={"error": type(error).__name__})


def _read(file: Path) -> dict[str, Wrong]:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))["wrong"]
        return {
            name: Wrong(
                datetime.fromisoformat(found["since"]),
                datetime.fromisoformat(found["again_at"]) if found["again_at"] else None,
            )
            for name, found in kept.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.error("watcher.not_read", extra={"error": type(error).__name__})
        return {}
