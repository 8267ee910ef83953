"""The figures on one sheet of paper, in four columns."""

from fpdf import FPDF

from gateway.figures.tables import Cell, Figures, Table, in_words, made_now
from gateway.reporting.concern_pdf import FONT
from gateway.wording import choices, say

COLUMNS, GAP, MARGIN = 4, 5.0, 10.0
TOP, BOTTOM = 30.0, 196.0
LINE, AFTER_TABLE = 3.3, 2.6
SMALL, USUAL, LARGE = 5.8, 6.6, 13.0
# More than this of one table would not fit beside the others.
MOST_ROWS = 16
HOURS_SHOWN = 24
BAR = 12.0


class OnePage(FPDF):
    """A sheet that is filled from the top of its first column to the bottom of its last."""

    def __init__(self, figures: Figures) -> None:
        super().__init__(orientation="L", format="A4")
        self.add_font("dejavu", fname=FONT)
        self.set_auto_page_break(False)
        self.set_title(figures.title)
        self.set_lang("en-GB")
        self.add_page()
        self.width = (self.w - 2 * MARGIN - GAP * (COLUMNS - 1)) / COLUMNS
        self.column, self.down = 0, TOP
        self._head(figures)

    def _head(self, figures: Figures) -> None:
        self.set_font("dejavu", size=LARGE)
        self.text(MARGIN, 15, figures.title)
        self.set_font("dejavu", size=USUAL + 1)
        self.text(MARGIN, 20.5, f"{figures.prisons}. {figures.total_in_words}.")
        self.set_font("dejavu", size=SMALL)
        self.text(MARGIN, 25, say("figures.why_hidden"))
        self.text(MARGIN, 203, made_now())

    def make_room(self, lines: int) -> None:
        """A table stands in one column where it fits in one."""
        if self.down + lines * LINE > BOTTOM and self.column < COLUMNS - 1:
            self.column, self.down = self.column + 1, TOP

    def line(self, label: str, value: str = "", *, bold: bool = False, share: float = 0.0) -> None:  # type: ignore[override]
        """One line of a table: words, a bar of some length, a value."""
        left = MARGIN + self.column * (self.width + GAP)
        self.set_font("dejavu", size=USUAL + 0.6 if bold else USUAL)
        self.set_xy(left, self.down)
        room = self.width - self.get_string_width(value) - (BAR + 2 if share else 1)
        self.cell(room, LINE, self._fitting(label, room))
        self.set_xy(left, self.down)
        self.cell(self.width, LINE, value, align="R")
        if share:
            self.set_fill_color(29, 75, 84)
            self.rect(left + self.width - BAR - 8, self.down + 0.7, BAR * share, LINE - 1.4, style="F")
        self.down += LINE

    def _fitting(self, text: str, room: float) -> str:
        while text and self.get_string_width(text) > room - 2:
            text = text[:-2].rstrip() + "…"
        return text


def figures_pdf(figures: Figures) -> bytes:
    """One page, whatever is counted: what does not fit is said to be in the spreadsheet."""
    sheet = OnePage(figures)
    for table in figures.tables:
        rows = _rows(table)
        sheet.make_room(len(rows) + 1)
        sheet.line(table.title, bold=True)
        for label, value, share in rows:
            sheet.line(label, value, share=share)
        sheet.down += AFTER_TABLE
    return bytes(sheet.output())


def _rows(table: Table) -> list[tuple[str, str, float]]:
    if table.drawn is None:
        return [row for one in table.rows for row in _spread(table, one.label, one.cells)]
    limit = HOURS_SHOWN if table.key in ("hour", "month") else MOST_ROWS
    most = max((cell for row in table.rows if isinstance(cell := row.cells[0], int)), default=0) or 1
    rows = [(row.label, in_words(row.cells[0]), _share(row.cells[0], most)) for row in table.rows[:limit]]
    if len(table.rows) <= limit:
        return rows
    return [*rows, (say("figures.longer_elsewhere", count=limit, all=len(table.rows)), "", 0.0)]


def _share(cell: Cell, most: int) -> float:
    return cell / most if isinstance(cell, int) else 0.0


def _spread(table: Table, label: str, cells: tuple[Cell, ...]) -> list[tuple[str, str, float]]:
    """A line of many columns as lines: the share in time, and the times."""
    names = choices("figures_columns")
    wanted = [
        (name, cell) for name, cell in zip(table.columns, cells, strict=True) if name in ("share", "median", "most")
    ]
    return [(f"{label}: {names[name].lower()}", in_words(cell), 0.0) for name, cell in wanted]
