"""Small misspellings: which words of prison names a word may have been meant for."""

from collections import defaultdict
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Shorter words have too many neighbours in ordinary English.
SHORTEST = 5
# From this length on a second slip is forgiven.
LONG = 8


class Slips:
    """Looks up misspelt words. The first letter has to be right; words in `never` are no slips."""

    def __init__(self, vocabulary: Iterable[str], never: frozenset[str]) -> None:
        self._never = never
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        self._known = {word for word in vocabulary if len(word) >= SHORTEST and word.isalpha()}
        for word in sorted(self._known):
            self._by_letter[word[0]].append(word)
        self._seen: dict[str, tuple[str, ...]] = {}

    def meant_by(self, word: str) -> tuple[str, ...]:
        """The nearest words, all equally near; none for a word that is right or that is nothing like a name."""
        if len(word) < SHORTEST or word in self._known or word in self._never or not word.isalpha():
            return ()
        if word not in self._seen:
            if len(self._seen) > 50_000:
                self._seen.clear()
            self._seen[word] = self._nearest(word)
        return self._seen[word]

    def _nearest(self, word: str) -> tuple[str, ...]:
        allowed = 2 if len(word) >= LONG else 1
        near = process.extract(
            word, self._by_letter.get(word[0], ()), scorer=OSA.distance, score_cutoff=allowed, limit=4, processor=None
        )
        # A name of five to seven letters is not two slips away, however long what was written.
        fair = [(name, slips) for name, slips, _ in near if slips == 1 or len(name) >= LONG]
        return tuple(name for name, slips in fair if slips == fair[0][1])
