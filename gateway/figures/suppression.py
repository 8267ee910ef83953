"""Small numbers are not shown: 1 to 4 could point to a person. What would give one away is hidden with it.

Everybody knows the rule, and the sum of a list may stand elsewhere. So the cells that are hidden are always all those
from 1 up to some size, and at least two of them differ: whoever swaps two of them gets another list that would be shown
in just the same way. Where that cannot be had, or nothing but noughts would be left, the whole list is hidden.
"""

from collections.abc import Sequence

FEWEST = 5


def shown(counts: Sequence[int]) -> list[int | None]:
    """The counts of one list with None for each that is hidden."""
    limit = FEWEST - 1
    while True:
        hidden = {count for count in counts if 1 <= count <= limit}
        if not hidden:
            return list(counts)
        left = [count for count in counts if count > limit]
        if not left:
            return [None] * len(counts)
        if len(hidden) > 1:
            return [None if 1 <= count <= limit else count for count in counts]
        limit = min(left)


def shown_total(count: int) -> int | None:
    """A number that stands alone, such as how many there were in all."""
    return None if 1 <= count < FEWEST else count
