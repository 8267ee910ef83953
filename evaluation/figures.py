"""A figure: so many of so many, its 95% interval and the goal that was set for it. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import sqrt
from typing import TypeVar

# The standard normal deviate of a 95% interval.
_Z = 1.959964

Thing = TypeVar("Thing")


def wilson(count: int, of: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share; the whole range where nothing was counted."""
    if not of:
        return 0.0, 1.0
    share, spread = count / of, _Z**2 / of
    middle, half = share + spread / 2, _Z * sqrt(share * (1 - share) / of + spread / (4 * of))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


@dataclass(frozen=True)
class Goal:
    """What a share should be at the least or, where it counts faults, at the most."""

    share: float
    most: bool = False

    def __str__(self) -> str:
        return f"{'≤' if self.most else '≥'} {_percent(self.share)}"

    def is_met(self, share: float) -> bool:
        return share <= self.share if self.most else share >= self.share


def at_least(share: float) -> Goal:
    return Goal(share)


def at_most(share: float) -> Goal:
    return Goal(share, most=True)


@dataclass(frozen=True)
class Figure:
    """One line of the table. `part`: the heading it stands under."""

    part: str
    name: str
    count: int
    of: int
    goal: Goal | None = None

    @property
    def share(self) -> float | None:
        """None where there was nothing to count."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count, self.of)

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none, or nothing to count."""
        return None if self.goal is None or self.share is None else self.goal.is_met(self.share)

    def __str__(self) -> str:
        low, high = self.interval
        share = "    –" if self.share is None else f"{self.share:6.1%}"
        spread = f"({low:.1%} – {high:.1%})" if self.of else ""
        word = {True: "met", False: "NOT MET", None: ""}[self.met]
        told = f"{self.count:>5} of {self.of:<5}{share}  {spread:<18} {str(self.goal or ''):<8} {word}"
        return f"  {self.name:<45}{told}".rstrip()


def counted(
    part: str,
    name: str,
    things: Iterable[Thing],
    is_so: Callable[[Thing], bool],
    goal: Goal | None = None,
) -> Figure:
    """For how many of these things something is so."""
    answers = [is_so(thing) for thing in things]
    return Figure(part, name, sum(answers), len(answers), goal)


def grouped(
    part: str,
    things: Iterable[Thing],
    kind: Callable[[Thing], str],
    is_so: Callable[[Thing], bool],
    goals: dict[str, Goal] | None = None,
) -> list[Figure]:
    """The same for each kind of thing, in the order of their names."""
    things = list(things)
    return [
        counted(part, name, [thing for thing in things if kind(thing) == name], is_so, (goals or {}).get(name))
        for name in sorted({kind(thing) for thing in things})
    ]


def _percent(share: float) -> str:
    return f"{share * 100:g}%"
