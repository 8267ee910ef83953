"""The prisons in the store: loading the file, and finding, offering and picking rows."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.config import ROOT
from gateway.prisons import service
from gateway.prisons.models import Prison
from gateway.prisons.register import BadPrisonFile
from gateway.prisons.service import by_id, choice, find_prisons, load_prisons

FILE = ROOT / "data" / "prisons.csv"


@pytest.fixture(autouse=True)
def _own_finder() -> Iterator[None]:
    """What a test loads is not remembered for the next."""
    service._remembered.finder = None
    yield
    service._remembered.finder = None


def _rows() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _changed(path: Path, prison_id: str, **cells: str) -> Path:
    return _written(path, [row | cells if row["id"] == prison_id else row for row in _rows()])


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Prison)) or 0


def test_loading_the_file_twice_changes_nothing(session: Session) -> None:
    assert load_prisons(session, FILE) == load_prisons(session, FILE) == _count(session) == len(_rows())


def test_a_changed_row_is_changed_in_the_table_and_in_what_is_found(session: Session, tmp_path: Path) -> None:
    assert find_prisons(session, "hes in hotel zebra") == []

    load_prisons(session, _changed(tmp_path / "prisons.csv", "HLI", phone="01632 960 001", aliases="Hull;Hotel Zebra"))

    assert [(found.id, found.phone) for found in find_prisons(session, "hes in hotel zebra")] == [
        ("HLI", "01632 960 001")
    ]


def test_a_row_that_left_the_file_stays_in_the_table(session: Session, tmp_path: Path) -> None:
    load_prisons(session, _written(tmp_path / "prisons.csv", [row for row in _rows() if row["id"] != "HLI"]))

    assert by_id(session, "HLI") is not None


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("kind", "hotel"),
        ("active", "yes"),
        ("visits_booking", ""),
        ("sex_held", "men"),
        ("phone", "ask inside"),
        ("name", ""),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(session: Session, tmp_path: Path, column: str, cell: str) -> None:
    path = _changed(tmp_path / "prisons.csv", "HLI", **{column: cell})

    with pytest.raises(BadPrisonFile, match=rf"line \d+ \(HLI\), column {column}: "):
        load_prisons(session, path)


def test_a_missing_column_or_a_double_id_is_named(session: Session, tmp_path: Path) -> None:
    without = _written(tmp_path / "a.csv", [{k: v for k, v in row.items() if k != "phone"} for row in _rows()])
    double = _written(tmp_path / "b.csv", [*_rows(), _rows()[0] | {"name": "HMP Twin"}])

    with pytest.raises(BadPrisonFile, match="no column phone"):
        load_prisons(session, without)
    with pytest.raises(BadPrisonFile, match="column id: 'ACI' stands there twice"):
        load_prisons(session, double)


def test_no_safer_custody_number_reaches_the_table() -> None:
    assert not [column.name for column in Prison.__table__.columns if "safer" in column.name]


def test_a_text_finds_rows_in_the_order_they_are_named(session: Session) -> None:
    assert [prison.name for prison in find_prisons(session, "is he in Hull or Armley")] == ["HMP/YOI Hull", "HMP Leeds"]


def test_an_answer_picks_among_what_was_offered(session: Session) -> None:
    offered = [prison.id for prison in find_prisons(session, "Feltham")]

    picked = choice(session, "the second one", offered)
    by_age = choice(session, "under 18", offered)
    other = choice(session, "Leeds", offered)

    assert picked is not None and picked.id == offered[1]
    assert by_age is not None and by_age.name == "HMYOI Feltham A"
    assert other is None


def test_an_unknown_id_is_nobody(session: Session) -> None:
    assert by_id(session, "XXX") is None
