"""Whether the log is as it was written. scripts/verify_log.py comes to the same verdicts without the gateway."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from gateway.audit.anchors import Anchor, BadAnchor
from gateway.audit.chain import GENESIS, Row, digest, seal, sealing

# Several machines write, and their clocks differ a little.
CLOCKS_DIFFER_BY = timedelta(seconds=5)

WORDS = {
    "edited": "what is written there does not match its hash: it was edited, or put in the place of another",
    "link": "it does not follow from the row before: rows were taken out, put in, swapped or rewritten",
    "missing": "there is no such row: it was deleted",
    "twice": "the position is given twice",
    "seal": "not sealed with the service's key: written or rewritten by somebody else",
    "clock": "older than what came before: a clock was set back, or the time was changed",
    "anchor": "an anchor saw another row there: the log was rewritten",
    "count": "an anchor counted another number of rows up to there",
    "cut": "an anchor saw these rows, and they are gone: the end of the log was cut off",
    "anchor seal": "the anchor of this position is not sealed with the service's key: the anchors were changed",
    "anchor unreadable": "this line of the anchors cannot be read",
}


class Fault(NamedTuple):
    """Something that is wrong from one position to another."""

    kind: str
    first: int
    last: int

    def __str__(self) -> str:
        what = "line" if self.kind == "anchor unreadable" else "position"
        where = f"{what} {self.first}" if self.first == self.last else f"{what}s {self.first} to {self.last}"
        return f"{where}: {WORDS[self.kind]}"


@dataclass
class Report:
    """What was read and what is wrong with it."""

    count: int = 0
    last: int = 0
    first_at: str = ""
    last_at: str = ""
    anchors: int = 0
    _ranges: dict[str, list[list[int]]] = field(default_factory=dict)

    def add(self, kind: str, first: int, last: int | None = None) -> None:
        """Note a fault; those of a kind that follow on from each other become one."""
        ranges = self._ranges.setdefault(kind, [])
        if ranges and ranges[-1][0] <= first <= ranges[-1][1] + 1:
            ranges[-1][1] = max(ranges[-1][1], last or first)
        else:
            ranges.append([first, last or first])

    @property
    def faults(self) -> list[Fault]:
        """In the order of their positions."""
        found = [Fault(kind, *ends) for kind, ranges in self._ranges.items() for ends in ranges]
        return sorted(found, key=lambda fault: (fault.first, fault.kind))


def verify(rows: Iterable[Row], anchors: Iterable[Anchor | BadAnchor], key: bytes) -> Report:
    """Read the log once, from its first row to its last. The anchors must have been read before the rows."""
    report, keyed = Report(), sealing(key)
    ahead = _by_position(anchors, key, report)
    previous, position, before = GENESIS, 0, ""
    _look_at(ahead.pop(0, []), report, GENESIS)
    for row in rows:
        at_position, at, hashed = row[1], row[2], row[9]
        if at_position != position + 1:
            _jump(position, at_position, report)
        if row[0] != previous:
            report.add("link", at_position)
        if digest(row[:9]) != hashed:
            report.add("edited", at_position)
        if seal(str(hashed), keyed) != row[10]:
            report.add("seal", at_position)
        if at < before and _is_set_back(before, at):
            report.add("clock", at_position)
        report.count += 1
        report.first_at, report.last_at = report.first_at or at, at
        previous, position, before = hashed, at_position, at
        if at_position in ahead:
            before = _look_at(ahead.pop(at_position), report, hashed, at_position, at)
    report.last = position
    _never_met(ahead, position, report)
    return report


def _by_position(anchors: Iterable[Anchor | BadAnchor], key: bytes, report: Report) -> dict[int, list[Anchor]]:
    found: dict[int, list[Anchor]] = {}
    for anchor in anchors:
        report.anchors += 1
        if isinstance(anchor, BadAnchor):
            report.add("anchor unreadable", anchor.args[0])
            continue
        found.setdefault(anchor.position, []).append(anchor)
        if not anchor.is_sealed_with(key):
            report.add("anchor seal", anchor.position)
    return found


def _jump(position: int, to: int, report: Report) -> None:
    if to > position:
        report.add("missing", position + 1, to - 1)
    else:
        report.add("twice", to)


def _look_at(anchors: list[Anchor], report: Report, hashed: str, position: int = 0, at: str = "") -> str:
    """Compare what was seen at a position with what stands there. Gives the latest time that is known of by then."""
    for anchor in anchors:
        if anchor.hash != hashed:
            report.add("anchor", position)
        if anchor.count != report.count:
            report.add("count", position)
        if anchor.at < at and _is_set_back(at, anchor.at):
            report.add("clock", position)
        at = max(at, anchor.at)
    return at


def _is_set_back(before: str, at: str) -> bool:
    try:
        return datetime.fromisoformat(before) - datetime.fromisoformat(at) > CLOCKS_DIFFER_BY
    except (ValueError, TypeError):
        return True  # no time at all


def _never_met(ahead: dict[int, list[Anchor]], last: int, report: Report) -> None:
    """Anchors of rows that are not there: beyond the end they tell of a cut, before it of a deletion found already."""
    furthest = max(ahead, default=0)
    if furthest > last:
        report.add("cut", last + 1, furthest)
