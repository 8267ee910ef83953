"""Reading data/prisons.csv, with every mistake in it named by row and column."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

KINDS = frozenset({"prison", "yoi", "stc", "irc", "sch"})
BOOKINGS = frozenset({"online", "phone", "email", "unknown"})
SEXES = frozenset({"male", "female", "mixed", ""})
_NEEDED = ("id", "name", "kind", "active", "visits_booking", "as_of")
# Empty cells of these become NULL. There is no column for a safer custody number: none of those in the file was
# confirmed, so none may be given to a family (docs/prisons.md).
_OPTIONAL = ("sex_held", "category", "operator", "town", "county", "postcode", "phone", "visits_phone", "gov_uk_url")
_CLOSED_LISTS = {"kind": KINDS, "visits_booking": BOOKINGS, "sex_held": SEXES, "active": frozenset({"true", "false"})}


class BadPrisonFile(Exception):
    """The file cannot be used; the message says which row and column and why."""


def read_prisons(path: Path) -> list[dict[str, Any]]:
    """The rows as the table takes them. Raises BadPrisonFile."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = {*_NEEDED, *_OPTIONAL, "aliases"} - set(reader.fieldnames or ())
        if missing:
            raise BadPrisonFile(f"{path.name}: no column {', '.join(sorted(missing))}")
        rows = [_row(path, reader.line_num, raw) for raw in reader]
    for column in ("id", "name"):
        _check_unique(path, column, rows)
    return rows


def _row(path: Path, line: int, raw: Mapping[str, str | None]) -> dict[str, Any]:
    cells = {column: (cell or "").strip() for column, cell in raw.items() if isinstance(column, str)}
    for column, wrong in _mistakes(cells):
        raise BadPrisonFile(f"{path.name}, line {line} ({cells['id'] or 'no id'}), column {column}: {wrong}")
    return (
        {column: cells[column] for column in _NEEDED}
        | {column: cells[column] or None for column in _OPTIONAL}
        | {
            "active": cells["active"] == "true",
            "aliases": [a.strip() for a in cells["aliases"].split(";") if a.strip()],
        }
    )


def _mistakes(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column in _NEEDED:
        if not cells[column]:
            yield column, "empty"
    for column, allowed in _CLOSED_LISTS.items():
        if cells[column] not in allowed:
            yield column, f"{cells[column]!r} is none of {', '.join(sorted(allowed - {''}))}"
    for column in ("phone", "visits_phone"):
        if cells[column] and not (cells[column].startswith("0") and cells[column].replace(" ", "").isdigit()):
            yield column, f"{cells[column]!r} is no telephone number"


def _check_unique(path: Path, column: str, rows: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row[column] in seen:
            raise BadPrisonFile(f"{path.name}, column {column}: {row[column]!r} stands there twice")
        seen.add(row[column])
