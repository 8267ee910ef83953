"""Check what families read; ends with 1 and a line for each fault.

.venv/bin/python -m scripts.content [--today 2027-12-01]
"""

import argparse
import sys
from datetime import date
from pathlib import Path

from scripts.content.check import faults
from scripts.content.texts import all_texts
from scripts.content.words import load

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="content-check", description=__doc__.splitlines()[0])
    parser.add_argument("--today", type=date.fromisoformat, default=date.today(), help="as if it were this day")
    today = parser.parse_args().today
    texts = all_texts(ROOT)
    found = faults(texts, load(ROOT / "data" / "glossary.yml"), today)
    for fault in found:
        print(fault)
    print(f"{len(texts)} texts, {len(found)} faults", file=sys.stderr if found else sys.stdout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
