"""The written half of safeguarding: word patterns that people can read and change in data/safeguarding/rules.yml.

How a pattern is written: words in standard spelling (see spellings.yml) in their order. `a|b` one or the other, `@list`
any entry of a word list, `word?` may be missing, `...` up to four words of any kind, `...7` up to seven. No pattern
reaches over the end of a sentence.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import spacy
import yaml
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.components.safeguarding_text import PAUSE, STOP, Spellings, words_of

CATEGORIES = (
    "self_harm_suicide", "violence_bullying", "debt_threats", "drugs", "mental_health", "physical_health",
    "missing_contact_worry", "food_refusal", "sexual_abuse", "staff_abuse", "child_safeguarding", "caller_risk",
    "threat_by_prisoner", "bereavement_news", "release_risk", "other",
)  # fmt: skip
URGENCIES = ("routine", "urgent", "emergency")
LEVELS = ("possible", "likely")
SUBJECTS = ("prisoner", "caller", "other")
_ORDINARY_GAP = 4
_MOST_VARIANTS = 400
_GAP = re.compile(r"\.\.\.(\d*)")
_CLAUSE_ENDS = frozenset([STOP, PAUSE, "but", "because", "also", "anyway", "just"])

Token = dict[str, Any]


class RuleError(ValueError):
    """A rule file says something that cannot be meant."""


@dataclass(frozen=True)
class Rule:
    """What a pattern means when it is found."""

    name: str
    category: str
    urgency: str
    level: str = "likely"
    who: str | None = None  # None: told from the words around
    if_soon: str | None = None  # the urgency when the same sentence says that it is happening now


@dataclass(frozen=True)
class Hit:
    """A rule found in a message, as a range of its words."""

    rule: Rule
    start: int
    end: int

    @property
    def urgency(self) -> str:
        return self.rule.urgency


@dataclass(frozen=True)
class Findings:
    """What the rules found, and the words that are left when harmless turns of phrase are taken out."""

    hits: tuple[Hit, ...]
    words: tuple[str, ...]
    cuts: tuple[str, ...]


class RuleBook:
    """All rules and exclusions, ready to read messages."""

    def __init__(
        self, rules: Sequence[Mapping[str, Any]], exclusions: Sequence[Mapping[str, Any]],
        lists: Mapping[str, Any], spellings: Spellings, where: str = "rules",
    ) -> None:  # fmt: skip
        self.spellings = spellings
        self._vocab = spacy.blank("en").vocab
        self._where = where
        self._lists = {name: _entries(words) for name, words in lists.items()}
        self._rules = {}
        self._whole_clause = {}
        self._finder, self._excuses, self._cutter = (Matcher(self._vocab) for _ in range(3))
        for given in rules:
            self._add_rule(given)
        for given in exclusions:
            self._add_exclusion(given)
        self._soon = Matcher(self._vocab)
        self._soon.add("soon", self._compile(["@soon"], "the list 'soon'") if "soon" in self._lists else [[{"ORTH": "now"}]])

    @classmethod
    def load(cls, path: Path) -> RuleBook:
        """Read rules.yml, and words.yml and spellings.yml beside it."""
        content = _read(path)
        words, spellings = _read(path.with_name("words.yml")), _read(path.with_name("spellings.yml"))
        return cls(
            content.get("rules") or [], content.get("exclusions") or [], words.get("words") or {},
            Spellings.of(spellings.get("spellings") or {}, spellings.get("often_misspelt") or ()), str(path),
        )  # fmt: skip

    def find(self, text: str) -> Findings:
        """Everything the rules see in a message."""
        return self.find_in(words_of(text, self.spellings))

    def find_in(self, words: Sequence[str]) -> Findings:
        left, cuts = self._without_harmless(list(words))
        if not left:
            return Findings((), (), tuple(cuts))
        doc = Doc(self._vocab, words=left)
        excused = [(name, start, end) for name, start, end in self._spans(self._excuses, doc)]
        soon = [start for _, start, _ in self._spans(self._soon, doc)]
        hits = []
        for name, start, end in self._spans(self._finder, doc):
            first, last = _sentence(left, start)
            if any(excuse == name and first <= at < last for excuse, at, _ in excused):
                continue
            rule = self._rules[name]
            if rule.if_soon and any(first <= at < last for at in soon):
                rule = replace(rule, urgency=rule.if_soon)
            hits.append(Hit(rule, start, end))
        return Findings(tuple(hits), tuple(left), tuple(cuts))

    def _without_harmless(self, words: list[str]) -> tuple[list[str], list[str]]:
        if not words:
            return [], []
        cuts = []
        gone = [False] * len(words)
        for name, start, end in self._spans(self._cutter, Doc(self._vocab, words=words)):
            if self._whole_clause[name]:
                start, end = _clause(words, start, end)
            gone[start:end] = [True] * (end - start)
            cuts.append(name)
        left = [PAUSE if gone[at] else word for at, word in enumerate(words)]
        return [word for at, word in enumerate(left) if word != PAUSE or at == 0 or left[at - 1] != PAUSE], cuts

    def _spans(self, matcher: Matcher, doc: Doc) -> list[tuple[str, int, int]]:
        """The longest match from each start."""
        longest: dict[tuple[str, int], int] = {}
        for key, start, end in matcher(doc):
            name = self._vocab.strings[key]
            longest[name, start] = max(end, longest.get((name, start), 0))
        return sorted(((name, start, end) for (name, start), end in longest.items()), key=lambda span: span[1])

    def _add_rule(self, given: Mapping[str, Any]) -> None:
        name = self._named(given, {"name", "category", "urgency", "level", "who", "if_soon", "patterns", "not_if", "why"})
        for key, allowed, needed in (
            ("category", CATEGORIES, True), ("urgency", URGENCIES, True), ("level", LEVELS, False),
            ("who", SUBJECTS, False), ("if_soon", URGENCIES, False),
        ):  # fmt: skip
            if (needed or key in given) and given.get(key) not in allowed:
                raise RuleError(f"{self._where}: rule {name!r}: {key} is {given.get(key)!r}; it must be one of {', '.join(allowed)}")
        fields = {key: given[key] for key in ("category", "urgency", "level", "who", "if_soon") if key in given}
        self._rules[name] = Rule(name=name, **fields)
        self._finder.add(name, self._compile(given["patterns"], name))
        if given.get("not_if"):
            self._excuses.add(name, self._compile(given["not_if"], name))

    def _add_exclusion(self, given: Mapping[str, Any]) -> None:
        name = self._named(given, {"name", "patterns", "cut", "why"})
        if given.get("cut", "words") not in ("words", "clause"):
            raise RuleError(f"{self._where}: exclusion {name!r}: cut is {given['cut']!r}; it must be words or clause")
        self._whole_clause[name] = given.get("cut") == "clause"
        self._cutter.add(name, self._compile(given["patterns"], name))

    def _named(self, given: Mapping[str, Any], keys: set[str]) -> str:
        name = given.get("name") if isinstance(given, Mapping) else None
        if not name:
            raise RuleError(f"{self._where}: every rule and exclusion needs a name; this one has none: {given!r}")
        if name in self._rules or name in self._whole_clause:
            raise RuleError(f"{self._where}: the name {name!r} is used twice")
        if unknown := set(given) - keys:
            raise RuleError(f"{self._where}: {name!r}: unknown key {', '.join(sorted(unknown))}; known are {', '.join(sorted(keys))}")
        if not isinstance(given.get("patterns"), list) or not given["patterns"]:
            raise RuleError(f"{self._where}: {name!r}: patterns must be a list with at least one pattern")
        return name

    def _compile(self, patterns: Sequence[Any], name: str) -> list[list[Token]]:
        compiled = []
        for pattern in patterns:
            steps = [self._step(step, f"{self._where}: {name!r}: pattern {pattern!r}") for step in str(pattern).split()]
            variants = [list(itertools.chain(*variant)) for variant in itertools.product(*steps)]
            if len(variants) > _MOST_VARIANTS:
                raise RuleError(f"{self._where}: {name!r}: pattern {pattern!r} has {len(variants)} variants; write it shorter")
            if not variants or any(all(token.get("OP") for token in variant) for variant in variants):
                raise RuleError(f"{self._where}: {name!r}: pattern {pattern!r} would match anything")
            compiled.extend(variants)
        return compiled

    def _step(self, step: str, where: str) -> list[list[Token]]:
        """The ways in which one step of a pattern can be met, each as Matcher tokens."""
        if gap := _GAP.fullmatch(step):
            most = int(gap[1] or _ORDINARY_GAP)
            return [[{"ORTH": {"NOT_IN": [STOP]}, "OP": f"{{0,{most}}}"}]]
        optional, step = step.endswith("?"), step.rstrip("?")
        single, several = [], []
        for choice in step.split("|"):
            for entry in self._choice(choice, where):
                (single if len(entry) == 1 else several).append(entry)
        ways = [[{"ORTH": word} for word in entry] for entry in several]
        if single:
            ways.append([{"ORTH": {"IN": sorted({entry[0] for entry in single})}} | ({"OP": "?"} if optional else {})])
        if optional and not single:
            ways.append([])
        return ways

    def _choice(self, choice: str, where: str) -> list[tuple[str, ...]]:
        if not choice:
            raise RuleError(f"{where}: nothing stands beside a '|' or before a '?'")
        if not choice.startswith("@"):
            return [(choice,)]
        if choice[1:] not in self._lists:
            raise RuleError(f"{where}: there is no word list {choice!r}; known are {', '.join(sorted(self._lists))}")
        return self._lists[choice[1:]]


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RuleError(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise RuleError(f"{path} must hold named parts, such as `rules:`")
    return content


def _entries(words: Any) -> list[tuple[str, ...]]:
    """A list is written `[one, two words]` or, for single words only, as one line of text."""
    return [tuple(str(word).split()) for word in (words.split() if isinstance(words, str) else words)]


def _sentence(words: Sequence[str], at: int) -> tuple[int, int]:
    return _stretch(words, at, at + 1, lambda word: word == STOP)


def _clause(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    return _stretch(words, start, end, lambda word: word in _CLAUSE_ENDS)


def _stretch(words: Sequence[str], start: int, end: int, ends: Callable[[str], bool]) -> tuple[int, int]:
    while start > 0 and not ends(words[start - 1]):
        start -= 1
    while end < len(words) and not ends(words[end]):
        end += 1
    return start, end
