#!/usr/bin/env python3
"""Check an export of the gateway log: was anything edited, deleted, cut off, swapped, rewritten or back-dated?

    python3 verify_log.py EXPORT [--anchors FILE] [--key KEY]

Needs Python 3.10 or later and nothing else: no service, no database, no other file. EXPORT is what `gateway audit
export` wrote, one JSON object a line. FILE holds anchors, one JSON object a line, not younger than the export; lines
copied from mails will do. KEY is the operator's LOG_KEY; without it the seals are not checked.
Ends with 0 when nothing is wrong, 1 when something is, 2 when it could not read what it was given.
"""

import argparse
import hashlib
import hmac
import json
import re
import sys
import time
from datetime import datetime, timedelta

# The first row follows on from this.
GENESIS = "0" * 64
# {"hash":"…","hmac":"…","row":[…]}: the hash is the SHA-256 of the array as it stands there, whose values are
# previous_hash, id, happened_at, event, actor, concern_id, message_id, delivery_id, details.
LINE = re.compile(r'\{"hash":"(.*?)","hmac":"(.*?)","row":(\[.*\])\}\n?', re.ASCII)
ANCHORED = ("count", "position", "hash", "at")
# The machines that write do not agree to the second.
TOLERANCE = timedelta(seconds=5)

SENTENCES = {
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


class Unreadable(Exception):
    """A file that is not what it should be."""


def seal(text, key):
    sealed = key.copy()
    sealed.update(text.encode())
    return sealed.hexdigest()


def read_rows(path):
    """Each row as (its text, the hash before it, its position, its time, hash, hmac)."""
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                digest, sealed, text = LINE.fullmatch(line).groups()
                before, position, at, *_ = json.loads(text)
                if type(position) is not int or type(at) is not str:
                    raise TypeError
                yield text, before, position, at, digest, sealed
            except (ValueError, TypeError, AttributeError):
                raise Unreadable(f"Line {number} of {path} is no row of the log.") from None


def read_anchors(path, key, fault):
    """The anchors by position."""
    found = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                anchor = json.loads(line)
                count, position, digest, at, sealed = (anchor[name] for name in (*ANCHORED, "hmac"))
                if [type(value) for value in (count, position, digest, at)] != [int, int, str, str]:
                    raise TypeError
            except (ValueError, KeyError, TypeError):
                fault("anchor unreadable", number)
                continue
            found.setdefault(position, []).append((count, digest, at))
            if key and sealed != seal(json.dumps([count, position, digest, at], separators=(",", ":")), key):
                fault("anchor seal", position)
    return found


def set_back(before, at):
    try:
        return datetime.fromisoformat(before) - datetime.fromisoformat(at) > TOLERANCE
    except (ValueError, TypeError):
        return True


def compare(anchors, count, position, digest, at, fault):
    """Hold the anchors of one position against the row that stands there; gives the latest time seen."""
    for counted, anchored, when in anchors:
        if anchored != digest:
            fault("anchor", position)
        if counted != count:
            fault("count", position)
        if when < at and set_back(at, when):
            fault("clock", position)
        at = max(at, when)
    return at


def check(rows, anchors, key, fault):
    """Read the rows once and report each fault. Gives how many there were."""
    sha256 = hashlib.sha256
    count, position, previous, latest = 0, 0, GENESIS, ""
    compare(anchors.pop(0, []), 0, 0, GENESIS, "", fault)
    for text, before, here, at, digest, sealed in rows:
        if here > position + 1:
            fault("missing", position + 1, here - 1)
        elif here <= position:
            fault("twice", here)
        if before != previous:
            fault("link", here)
        if sha256(text.encode()).hexdigest() != digest:
            fault("edited", here)
        if key and seal(digest, key) != sealed:
            fault("seal", here)
        if at < latest and set_back(latest, at):
            fault("clock", here)
        count, position, previous, latest = count + 1, here, digest, at
        if here in anchors:
            latest = compare(anchors.pop(here), count, here, digest, at, fault)
    furthest = max(anchors, default=0)
    if furthest > position:
        fault("cut", position + 1, furthest)
    return count


class Faults:
    """Collects what is wrong; the same fault at positions that follow on from each other is told once."""

    def __init__(self):
        self.ranges = {}

    def __call__(self, kind, first, last=None):
        ranges = self.ranges.setdefault(kind, [])
        if ranges and ranges[-1][0] <= first <= ranges[-1][1] + 1:
            ranges[-1][1] = max(ranges[-1][1], last or first)
        else:
            ranges.append([first, last or first])

    def lines(self):
        found = sorted((first, kind, last) for kind, ranges in self.ranges.items() for first, last in ranges)
        for first, kind, last in found:
            what = "line" if kind == "anchor unreadable" else "position"
            where = f"{what} {first}" if first == last else f"{what}s {first} to {last}"
            yield f"{where}: {SENTENCES[kind]}"


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("export", help="what `gateway audit export` wrote")
    options.add_argument("--anchors", help="a file of anchors, not younger than the export")
    options.add_argument("--key", help="the operator's LOG_KEY")
    given = options.parse_args()
    faults, began = Faults(), time.perf_counter()
    key = hmac.new(given.key.encode(), digestmod="sha256") if given.key else None
    try:
        anchors = read_anchors(given.anchors, key, faults) if given.anchors else {}
        count = check(read_rows(given.export), anchors, key, faults)
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        print(error, file=sys.stderr)
        return 2
    took = time.perf_counter() - began
    print(f"{count} rows in {took:.2f} s ({count / took:.0f} a second).")
    if not given.anchors:
        print("Without anchors nobody can tell whether the end of the log was cut off or all of it was rewritten.")
    if not key:
        print("Without the key nobody can tell who made the hashes.")
    wrong = list(faults.lines())
    print("\n".join(wrong) if wrong else "Nothing is wrong with what could be checked.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
