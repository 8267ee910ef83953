"""Which of the next calls on a stand-in goes wrong, and how: drawn by chance from a seed, counted."""

import random
import threading
from collections import Counter


class Mishaps:
    """Nothing goes wrong until `plan` says so. Safe for many threads."""

    def __init__(self, seed: int) -> None:
        self._random, self._lock = random.Random(seed), threading.Lock()
        self._kinds: tuple[str, ...] = ()
        self._chance, self._left = 0.0, 0
        self.happened: Counter[str] = Counter()

    def plan(self, kinds: tuple[str, ...], chance: float, most: int) -> None:
        """From here on each call goes wrong with this chance, in one of these ways, `most` times in all."""
        with self._lock:
            self._kinds, self._chance, self._left = kinds, chance, most

    def draw(self) -> str | None:
        """How this call goes wrong, or None."""
        with self._lock:
            if not self._left or self._random.random() >= self._chance:
                return None
            self._left -= 1
            kind = self._random.choice(self._kinds)
            self.happened[kind] += 1
            return kind

    @property
    def left(self) -> int:
        """How many are still to happen."""
        with self._lock:
            return self._left
