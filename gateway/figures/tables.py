"""The figures as tables: their words, their order, and what is hidden in them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from gateway.db import now
from gateway.figures.counts import KINDS, answers_given, concerns_by_kind, scores
from gateway.figures.period import Period
from gateway.figures.scope import Scope
from gateway.figures.suppression import FEWEST, shown, shown_total
from gateway.figures.waits import Waits, waited
from gateway.spoken import UK, spoken_day
from gateway.wording import choices, say

ASKED_SHOWN = 20
# With less the database sorts on its disk what it counts, several times over.
ROOM = text("SET LOCAL work_mem = '64MB'")
SCORES = (1, 2, 3, 4, 5)

# A number, words, or None for what is hidden.
Cell = int | str | None


@dataclass(frozen=True)
class Row:
    """One line: what it is about, then a cell for each further column."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """One list of figures. `drawn`: its first column of numbers as bars, as columns, or not at all."""

    key: str
    columns: tuple[str, ...]  # names of `figures_columns`
    rows: Sequence[Row]
    drawn: str | None = "bars"
    remark: str = ""

    @property
    def title(self) -> str:
        """What it shows."""
        return choices("figures_tables")[self.key]

    @property
    def note(self) -> str:
        """What must be known to read it right."""
        return " ".join(filter(None, (choices("figures_notes").get(self.key), self.remark)))

    @property
    def hides(self) -> bool:
        """Whether something in it is not shown."""
        return any(cell is None for row in self.rows for cell in row.cells)


@dataclass(frozen=True)
class Figures:
    """Everything that the page, the spreadsheet and the sheet of paper show."""

    period: Period
    scope: Scope
    total: int | None
    tables: Sequence[Table]

    @property
    def title(self) -> str:
        """For which months."""
        first, last = f"{self.period.first:%B %Y}", f"{self.period.last:%B %Y}"
        return say("figures.one_month" if first == last else "figures.title", first=first, last=last)

    @property
    def prisons(self) -> str:
        """Whose concerns are counted."""
        names = [prison.name for prison in self.scope.prisons]
        if not names:
            return say("figures.unrouted" if self.scope.unrouted else "figures.no_prisons")
        few = ", ".join(names) if len(names) <= 3 else say("figures.all_prisons", count=len(names))
        return say("figures.and_unrouted", prisons=few) if self.scope.unrouted else few

    @property
    def total_in_words(self) -> str:
        """How many concerns were opened."""
        return say("figures.total", count=in_words(self.total))


def figures(session: Session, scope: Scope, period: Period) -> Figures:
    """Count everything. Nothing is decrypted for it."""
    session.execute(ROOM)
    counted = concerns_by_kind(session, scope, period)
    waits = waited(session, scope, period)
    urgencies = _visible(counted["urgency"], list(choices("urgencies")))
    tables = [
        *(_concerns(kind, counted[kind], scope, period) for kind in KINDS if kind != "prison" or _several(scope)),
        _waited("read", waits.to_read, urgencies),
        _waited("close", waits.to_close, urgencies),
        _asked(answers_given(session, scope, period)),
        _scored(scores(session, scope, period)),
    ]
    return Figures(period, scope, shown_total(counted["urgency"].total()), tables)


def made_now() -> str:
    """When this was counted, with the whole day: a file is read later."""
    local = now().astimezone(UK)
    return say("figures.made", clock=f"{local:%H:%M}", day=f"{spoken_day(local)} {local.year}")


def in_words(cell: Cell) -> str:
    """A cell as it is read."""
    return say("figures.hidden") if cell is None else str(cell)


def _several(scope: Scope) -> bool:
    return len(scope.prisons) + scope.unrouted > 1


def _visible(counted: Counter[Any], sorts: Sequence[Any]) -> dict[Any, int | None]:
    """The counts of a list in a fixed order, which tells nothing of those that are hidden."""
    return dict(zip(sorts, shown([counted[sort] for sort in sorts]), strict=True))


def _concerns(kind: str, counted: Counter[Any], scope: Scope, period: Period) -> Table:
    names = _sorts(kind, scope, period)
    # What no list of ours names any more still counts.
    names |= {sort: str(sort) for sort in sorted(set(counted) - set(names), key=str)}
    rows = [Row(names[sort], (count,)) for sort, count in _visible(counted, list(names)).items()]
    return Table(kind, ("count",), rows, "columns" if kind == "hour" else "bars")


def _sorts(kind: str, scope: Scope, period: Period) -> dict[Any, str]:
    """Every sort of a kind with its words, also those of which there is none."""
    rows = choices("figures_rows")
    if kind == "month":
        return {month: f"{month:%B %Y}" for month in period.months}
    if kind == "prison":
        known = {prison.id: prison.name for prison in scope.prisons}
        return known | ({None: rows["unknown_prison"]} if scope.unrouted else {})
    if kind == "hour":
        return {hour: f"{hour:02}:00" for hour in range(24)}
    if kind == "channel":
        return {channel: rows[channel] for channel in ("sms", "web")}
    if kind == "repeat":
        return {sort: rows[sort] for sort in ("first", "repeat")}
    if kind == "relationship":
        return choices("relationship_groups") | {None: rows["unknown_relationship"]}  # type: ignore[dict-item]
    if kind == "outcome":
        return choices("outcomes") | {None: rows["unknown_outcome"]}  # type: ignore[dict-item]
    return dict(choices({"urgency": "urgencies", "category": "categories"}[kind]))


def _waited(key: str, found: dict[str, Waits], urgencies: dict[str, int | None]) -> Table:
    """How many of each urgency is known from another table, so each line is a list of its own."""
    columns = ("in_time", "late", "running", "share", "median", "most")
    rows = [
        Row(words, _waited_cells(found.get(urgency), known=urgencies[urgency] is not None))
        for urgency, words in choices("urgencies").items()
    ]
    return Table(key, columns, rows, drawn=None)


def _waited_cells(waited: Waits | None, *, known: bool) -> tuple[Cell, ...]:
    if not known:
        return (None,) * 6
    if waited is None:
        return (0, 0, 0, *(say("figures.none"),) * 3)
    in_time, late, running = shown([waited.in_time, waited.late, waited.running])
    times = [_how_long(seconds, waited.done) for seconds in (waited.median, waited.most)]
    return (in_time, late, running, _share(in_time, late), *times)


def _share(in_time: int | None, late: int | None) -> Cell:
    if in_time is None or late is None:
        return None
    if in_time + late == 0:
        return say("figures.none")
    return say("figures.share", percent=round(100 * in_time / (in_time + late)))


def _how_long(seconds: float | None, of: int) -> Cell:
    """A time in words; of fewer than five it would be one family's own."""
    if seconds is None:
        return say("figures.none")
    if of < FEWEST:
        return None
    minutes = round(seconds / 60)
    if minutes < 1:
        return say("figures.under_a_minute")
    if minutes < 60:
        return say("figures.minutes", minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return say("figures.hours", hours=hours, minutes=minutes)
    return say("figures.days", days=hours // 24, hours=hours % 24)


def _asked(given: Counter[str]) -> Table:
    """What was asked often. How many other questions there were is not said: it would give small numbers away."""
    often = sorted(((answer, count) for answer, count in given.items() if count >= FEWEST), key=_most_first)
    return Table("asked", ("count",), [Row(_question(answer), (count,)) for answer, count in often[:ASKED_SHOWN]])


def _most_first(asked: tuple[str, int]) -> tuple[int, str]:
    return -asked[1], asked[0]


def _question(answer: str) -> str:
    """`visits/book_visit` as it is read."""
    subject, _, question = answer.partition("/")
    return say("figures.answer", subject=_plain(subject).capitalize(), question=_plain(question))


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _scored(counted: Counter[int]) -> Table:
    visible = _visible(counted, SCORES)
    rows = [Row(str(score), (count,)) for score, count in visible.items()]
    return Table("scores", ("count",), rows, remark=_average(visible.values(), counted))


def _average(visible: Iterable[int | None], counted: Counter[int]) -> str:
    """Only where nothing is hidden: an average and the other counts would tell the hidden ones."""
    if None in visible or not counted:
        return ""
    return say("figures.average", average=f"{sum(s * n for s, n in counted.items()) / counted.total():.1f}")
