"""The small language in which the safeguarding rules are written, and how it is turned into spaCy matchers.

Words in standard spelling (see spellings.yml) in their order. `a|b` one or the other (`picked_on` counts as one),
`@list` any entry of a word list, `word?` may be missing, `...` up to four words of any kind, `...7` up to seven.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from bot.components.safeguarding_text import Spellings, words_of

_ORDINARY_GAP = 4
_LONGEST_GAP = 10  # the matcher's time doubles with every few words more
_MOST_VARIANTS = 400
# Words that most messages have: a pattern is looked up by another of its words where it can be.
_COMMON = frozenset(
    "a all am an and are at be been can do for from get got had has have he her him his i in is it me my no "
    "not of off on "
    "or our out she so someone son that the them they this to up was what when will with you".split()
)
_GAP = re.compile(r"\.\.\.(\d*)")

_ODD = frozenset(["'s", "£"])  # stand in messages after a noun or before a number, never alone

Entry = tuple[str, ...]
Token = dict[str, Any]


class RuleError(ValueError):
    """A rule file says something that cannot be meant."""


class WordLists:
    """The named lists that patterns may use."""

    def __init__(self, lists: Mapping[str, Any], spellings: Spellings, where: str) -> None:
        self._spellings = spellings
        self._entries: dict[str, list[Entry]] = {}
        for name, entries in lists.items():
            self._entries[name] = list(self._read(entries, f"{where}: the word list {name!r}"))

    def _read(self, entries: Any, where: str) -> Iterator[Entry]:
        """A list is written `[one, two words, @another list]` or, for single words only, as one line of text."""
        for entry in entries.split() if isinstance(entries, str) else entries:
            if str(entry).startswith("@"):
                yield from self.choice(str(entry), where)
            else:
                yield self._readable(tuple(str(entry).split()), where)

    def choice(self, choice: str, where: str) -> list[Entry]:
        if not choice:
            raise RuleError(f"{where}: nothing stands beside a '|' or before a '?'")
        if not choice.startswith("@"):
            return [self._readable(tuple(choice.split("_")), where)]
        if choice[1:] not in self._entries:
            raise RuleError(f"{where}: there is no word list {choice!r}; known are {', '.join(sorted(self._entries))}")
        return self._entries[choice[1:]]

    def _readable(self, entry: Entry, where: str) -> Entry:
        """A word that no message has after its spelling is put right would wait for ever."""
        read = words_of(" ".join(entry), self._spellings)
        if _ODD.isdisjoint(entry) and tuple(read) != entry:
            raise RuleError(f"{where}: {' '.join(entry)!r} is read as {' '.join(read)!r}; write that")
        return entry


@dataclass(frozen=True)
class Step:
    """One place of a pattern: the ways to fill it as matcher tokens, and the words of which one must be there."""

    ways: list[list[Token]]
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pattern:
    """One pattern, compiled when a text first has the words that it needs."""

    owner: str
    text: str
    steps: list[Step] = field(repr=False)
    vocab: Vocab = field(repr=False)

    @cached_property
    def needs(self) -> list[frozenset[str]]:
        """Sets of words of each of which one must be in the text; the rarest comes first."""
        needs = (step.needs for step in self.steps if step.needs)
        return sorted(needs, key=lambda words: (bool(words & _COMMON), len(words)))

    @cached_property
    def _matcher(self) -> Matcher:
        matcher = Matcher(self.vocab)
        matcher.add(
            self.owner, [list(itertools.chain(*ways)) for ways in itertools.product(*(s.ways for s in self.steps))]
        )
        return matcher

    def spans(self, doc: Doc) -> list[tuple[int, int]]:
        """The longest match from each start."""
        longest: dict[int, int] = {}
        for _, start, end in self._matcher(doc):
            longest[start] = max(end, longest.get(start, 0))
        return sorted(longest.items())


class PatternSet:
    """Many patterns, of which only those are tried on a text whose words it has."""

    def __init__(self, vocab: Vocab, lists: WordLists) -> None:
        self._vocab, self._lists = vocab, lists
        self._by_word: dict[str, list[Pattern]] = defaultdict(list)

    def add(self, owner: str, patterns: Sequence[Any], where: str) -> None:
        for text in patterns:
            pattern = self._compile(owner, str(text), f"{where}: pattern {text!r}")
            for word in pattern.needs[0]:
                self._by_word[word].append(pattern)

    def find(self, words: Sequence[str]) -> Iterable[tuple[Pattern, int, int]]:
        """Each match of each pattern, as a range of the words."""
        there = set(words)
        doc = None
        for pattern in self._candidates(there):
            doc = doc if doc is not None else Doc(self._vocab, words=list(words))
            for start, end in pattern.spans(doc):
                yield pattern, start, end

    def _candidates(self, there: Set[str]) -> list[Pattern]:
        found = {id(pattern): pattern for word in there for pattern in self._by_word.get(word, ())}
        return [pattern for pattern in found.values() if not any(need.isdisjoint(there) for need in pattern.needs[1:])]

    def _compile(self, owner: str, text: str, where: str) -> Pattern:
        pattern = Pattern(owner, text, [self._step(step, where) for step in text.split()], self._vocab)
        variants = 1
        for step in pattern.steps:
            variants *= len(step.ways)
        if variants > _MOST_VARIANTS:
            raise RuleError(f"{where} has {variants} variants; write it shorter")
        if not pattern.needs:
            raise RuleError(f"{where} would match anything")
        return pattern

    def _step(self, step: str, where: str) -> Step:
        if gap := _GAP.fullmatch(step):
            words = int(gap[1] or _ORDINARY_GAP)
            if not 0 < words <= _LONGEST_GAP:
                raise RuleError(f"{where}: the gap {step} must be of 1 to {_LONGEST_GAP} words")
            return Step([[{"OP": f"{{0,{words}}}"}]])
        optional, step = step.endswith("?"), step.rstrip("?")
        entries = [entry for choice in step.split("|") for entry in self._lists.choice(choice, where)]
        endings: dict[Entry, set[str]] = defaultdict(set)
        for entry in entries:
            endings[entry[:-1]].add(entry[-1])
        ways = [
            [*({"ORTH": word} for word in start), {"ORTH": {"IN": sorted(last)}}] for start, last in endings.items()
        ]
        return Step(ways + [[]] * optional, frozenset() if optional else frozenset(entry[0] for entry in entries))
