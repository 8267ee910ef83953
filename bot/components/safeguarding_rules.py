"""The written half of safeguarding: word patterns that people can read and change in data/safeguarding/rules.yml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import spacy
import yaml

from bot.components.risk_network import CATEGORIES, LIKELY, POSSIBLE, SUBJECTS, URGENCIES
from bot.components.safeguarding_patterns import PatternSet, RuleError, WordLists
from bot.components.safeguarding_text import PAUSE, STOP, Spellings, sentences_of, words_of

LEVELS = (POSSIBLE, LIKELY)
BESIDE = ("exclusions.yml", "words.yml", "spellings.yml")
# Where a clause ends that an exclusion takes out whole.
_CLAUSE_ENDS = frozenset([STOP, PAUSE, "but", "because", "also", "anyway", "just", "and", "then", "so"])
# A text without full stops is read in stretches of this many words, which overlap by the second number.
_LONGEST_STRETCH, _OVERLAP = 60, 20
# A rule is withdrawn by words that stand at most so many words away: in a run-on message the next thought is not far.
_NEAR = 5
_RULE_KEYS = frozenset("name category urgency level who if_soon sure patterns not_if why".split())
# What an exclusion takes out: its words, the clause they stand in, or a message that says nothing else.
_CUTS = ("words", "clause", "message")
_EXCLUSION_KEYS = frozenset("name patterns cut why".split())


@dataclass(frozen=True)
class Rule:
    """What a pattern means when it is found."""

    name: str
    category: str
    urgency: str
    level: str = LIKELY
    who: str | None = None  # None: told from the words around
    if_soon: str | None = None  # the urgency when the same sentence says that it is happening now
    sure: bool = False  # stands whatever the learned model makes of the message


@dataclass(frozen=True)
class Hit:
    """A rule found in a message, as a range of its words; `pattern` is for whoever looks after the rules."""

    rule: Rule
    start: int
    end: int
    pattern: str


@dataclass(frozen=True)
class Findings:
    """What the rules found, and the words that are left when harmless turns of phrase are taken out."""

    hits: tuple[Hit, ...]
    words: tuple[str, ...]
    cuts: tuple[str, ...]


class RuleBook:
    """All rules and exclusions, ready to read messages."""

    def __init__(
        self,
        rules: Sequence[Mapping[str, Any]],
        exclusions: Sequence[Mapping[str, Any]],
        lists: Mapping[str, Any],
        spellings: Spellings,
        where: str = "rules",
    ) -> None:
        self.spellings = spellings
        self._where = where
        self._rules: dict[str, Rule] = {}
        self._cuts: dict[str, str] = {}
        vocab, words = spacy.blank("en").vocab, WordLists(lists, spellings, where)
        self._found, self._excused, self._cut, self._soon = (PatternSet(vocab, words) for _ in range(4))
        for given in rules:
            self._add_rule(given)
        for given in exclusions:
            self._add_exclusion(given)
        if "soon" in lists:
            self._soon.add("soon", ["@soon"], where)

    @classmethod
    def load(cls, path: Path) -> RuleBook:
        """Read rules.yml and the files beside it."""
        rules, exclusions, words, spellings = (
            _read(file) for file in (path, *(path.with_name(name) for name in BESIDE))
        )
        return cls(
            rules.get("signs") or [],
            exclusions.get("exclusions") or [],
            words.get("words") or {},
            Spellings.of(*(spellings.get(part) or {} for part in ("spellings", "often_misspelt", "written_right"))),
            str(path),
        )

    def find(self, text: str) -> Findings:
        """Everything the rules see in a message."""
        left, cuts = self._without_harmless(words_of(text, self.spellings))
        hits: dict[tuple[str, int], Hit] = {}
        for start, end in _stretches(left):
            for hit in self._hits(left[start:end], start):
                known = hits.get((hit.rule.name, hit.start))
                if known is None or _weight(hit) > _weight(known):
                    hits[hit.rule.name, hit.start] = hit
        return Findings(tuple(sorted(hits.values(), key=lambda hit: hit.start)), tuple(left), tuple(cuts))

    def _hits(self, words: list[str], offset: int) -> list[Hit]:
        excuses = [(pattern.owner, start, end) for pattern, start, end in self._excused.find(words)]
        soon = any(True for _ in self._soon.find(words))
        hits = []
        for pattern, start, end in self._found.find(words):
            if any(owner == pattern.owner and _are_near((start, end), excuse) for owner, *excuse in excuses):
                continue
            rule = self._rules[pattern.owner]
            if soon and rule.if_soon:
                rule = replace(rule, urgency=rule.if_soon)
            hits.append(Hit(rule, start + offset, end + offset, pattern.text))
        return hits

    def _without_harmless(self, words: list[str]) -> tuple[list[str], list[str]]:
        gone, cuts = set(), []
        for first, last in _stretches(words):
            for pattern, start, end in self._cut.find(words[first:last]):
                start, end = start + first, end + first
                if self._cuts[pattern.owner] == "message" and not _is_all(words, start, end):
                    continue
                if self._cuts[pattern.owner] == "clause":
                    start, end = _clause(words, start, end)
                gone.update(range(start, end))
                cuts.append(pattern.owner)
        left = [PAUSE if at in gone else word for at, word in enumerate(words)]
        return [word for at, word in enumerate(left) if word != PAUSE or at == 0 or left[at - 1] != PAUSE], cuts

    def _add_rule(self, given: Mapping[str, Any]) -> None:
        name = self._named(given, _RULE_KEYS)
        allowed = {"category": CATEGORIES, "urgency": URGENCIES, "level": LEVELS, "who": SUBJECTS, "if_soon": URGENCIES}
        for key, values in allowed.items():
            if (key in ("category", "urgency") or key in given) and given.get(key) not in values:
                told = f"{key} is {given.get(key)!r}; it must be one of {', '.join(values)}"
                raise RuleError(f"{self._where}: rule {name!r}: {told}")
        values = {key: given[key] for key in allowed if key in given}
        self._rules[name] = Rule(name=name, sure=bool(given.get("sure")), **values)
        self._found.add(name, given["patterns"], f"{self._where}: rule {name!r}")
        self._excused.add(name, given.get("not_if") or (), f"{self._where}: rule {name!r}")

    def _add_exclusion(self, given: Mapping[str, Any]) -> None:
        name = self._named(given, _EXCLUSION_KEYS)
        self._cuts[name] = given.get("cut", "words")
        if self._cuts[name] not in _CUTS:
            told = f"cut is {given['cut']!r}; it must be one of {', '.join(_CUTS)}"
            raise RuleError(f"{self._where}: exclusion {name!r}: {told}")
        self._cut.add(name, given["patterns"], f"{self._where}: exclusion {name!r}")

    def _named(self, given: Any, keys: frozenset[str]) -> str:
        name = given.get("name") if isinstance(given, Mapping) else None
        if not name:
            raise RuleError(f"{self._where}: every rule and exclusion needs a name; this one has none: {given!r}")
        if name in self._rules or name in self._cuts:
            raise RuleError(f"{self._where}: the name {name!r} is used twice")
        if unknown := sorted(set(given) - keys):
            raise RuleError(
                f"{self._where}: {name!r}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(keys))}"
            )
        if not isinstance(given.get("patterns"), list) or not given["patterns"]:
            raise RuleError(f"{self._where}: {name!r}: patterns must be a list with at least one pattern")
        return str(name)


class _Loader(yaml.SafeLoader):
    """Of two parts with the same name the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands here twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except yaml.YAMLError as error:
        raise RuleError(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise RuleError(f"{path} must hold named parts, such as `signs:`")
    return content


def _are_near(one: Sequence[int], other: Sequence[int]) -> bool:
    return one[0] - other[1] <= _NEAR and other[0] - one[1] <= _NEAR


def _weight(hit: Hit) -> tuple[int, int]:
    return URGENCIES.index(hit.rule.urgency), hit.end - hit.start


def _stretches(words: Sequence[str]) -> list[tuple[int, int]]:
    """Sentences, and pieces of very long ones."""
    stretches = []
    for start, end in sentences_of(words):
        for at in range(start, max(end - _OVERLAP, start + 1), _LONGEST_STRETCH - _OVERLAP):
            stretches.append((at, min(at + _LONGEST_STRETCH, end)))
    return stretches


def _is_all(words: Sequence[str], start: int, end: int) -> bool:
    """Whether nothing else is said."""
    return all(word in (STOP, PAUSE) for word in [*words[:start], *words[end:]])


def _clause(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    ends: Callable[[str], bool] = _CLAUSE_ENDS.__contains__
    while start > 0 and not ends(words[start - 1]):
        start -= 1
    while end < len(words) and not ends(words[end]):
        end += 1
    return start, end
