"""Break the service on purpose and balance the books.

    .venv/bin/python -m faults [--faults 10000] [--seed 1] [--only "web killed at a boundary"]

Ends with 1 when anything was lost or doubled. The same seed draws the same faults, though not at the same moments.
"""

import argparse
import sys
import time
from collections import Counter

from faults.books import Balance, balance, newest_delivery
from faults.scenes import SCENES, Stage
from faults.world import World, made

HEAD = f"{'fault':32}{'times':>7}{'texts':>7}{'lost':>6}{'doubled':>9}{'explained':>11}{'silence':>9}{'took':>7}"


def main() -> int:
    given = _options()
    began = time.monotonic()
    with made(given.seed) as world:
        print(HEAD, flush=True)
        stage = Stage(world)
        found = [_play(stage, name, given.faults) for name in given.only or SCENES]
        _deaths(world)
    total, wrong = sum(times for times, _ in found), sum(one.lost + one.doubled for _, one in found)
    print(
        f"\n{total} faults in {time.monotonic() - began:.0f} s: {'the books balance' if not wrong else 'NOT BALANCED'}"
    )
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m faults", description="Break the service; balance the books.")
    options.add_argument("--faults", type=int, default=10_000, help="how many in all")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", nargs="+", choices=list(SCENES), metavar="FAULT", help="only these kinds")
    return options.parse_args()


def _play(stage: Stage, name: str, faults: int) -> tuple[int, Balance]:
    scene, share = SCENES[name]
    stage.twilio.accepted = {}
    began, after = time.monotonic(), newest_delivery(stage.world)
    try:
        times = scene(stage, max(1, round(faults * share)))
        stage.service.drain()
    finally:
        stage.service.end_all()
    found = balance(stage.world, stage.twilio.accepted, after)
    print(
        f"{name:32}{times:7}{found.accepted:7}{found.lost:6}{found.doubled:9}{found.explained:11}"
        f"{found.silence:8.1f}s{time.monotonic() - began:6.0f}s",
        flush=True,
    )
    return times, found


def _deaths(world: World) -> None:
    """At which boundaries the processes died."""
    if world.notes.exists():
        print("\nkilled at")
        for name, times in Counter(world.notes.read_text().splitlines()).most_common():
            print(f"  {name:30}{times:7}")


if __name__ == "__main__":
    sys.exit(main())
