"""The figures for a spreadsheet: as CSV, a line for each number, and as ODS, a sheet for each table."""

import csv
import io

from odfdo import Cell as OdsCell
from odfdo import Document
from odfdo import Row as OdsRow
from odfdo import Table as OdsTable

from gateway.figures.tables import Cell, Figures, Table, in_words, made_now
from gateway.inert import cell as inert_cell
from gateway.wording import choices, say

CSV_HEAD = ("table", "row", "column", "value")


def figures_csv(figures: Figures) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(CSV_HEAD)
    for line in _about(figures):
        writer.writerow(("", inert_cell(line), "", ""))
    for table in figures.tables:
        names = _columns(table)
        for row in table.rows:
            for name, value in zip(names, row.cells, strict=True):
                writer.writerow(map(inert_cell, (table.title, row.label, name, in_words(value))))
    return written.getvalue().encode("utf-8-sig")


def figures_ods(figures: Figures) -> bytes:
    """An OpenDocument spreadsheet."""
    document = Document("spreadsheet")
    document.body.clear()
    document.body.append(_sheet(figures.title, [[line] for line in _about(figures)]))
    for table in figures.tables:
        rows: list[list[Cell]] = [[choices("figures_columns")["label"], *_columns(table)]]
        rows += [[row.label, *row.cells] for row in table.rows]
        rows += [[table.note]] if table.note else []
        document.body.append(_sheet(table.title, rows))
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _about(figures: Figures) -> list[str]:
    return [figures.title, figures.prisons, figures.total_in_words, say("figures.why_hidden"), made_now()]


def _columns(table: Table) -> list[str]:
    return [choices("figures_columns")[name] for name in table.columns]


def _sheet(name: str, rows: list[list[Cell]]) -> OdsTable:
    sheet = OdsTable(name.replace("'", "").replace("/", " "))
    for values in rows:
        line = OdsRow()
        for value in values:
            line.append_cell(OdsCell(value) if isinstance(value, int) else OdsCell(inert_cell(in_words(value))))
        sheet.append_row(line)
    return sheet
