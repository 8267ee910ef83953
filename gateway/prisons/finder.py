"""Which prisons a free text names. Pure: give it the rows, ask it texts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from gateway.prisons.cues import Surroundings
from gateway.prisons.kinds import Kinds
from gateway.prisons.names import Caution, Known, NameRules, Phrase, Place, known_names
from gateway.prisons.slips import LONG, Slips
from gateway.prisons.words import Word, phrase, words_of

_REMEMBERED_TEXTS = 2048
# Nobody means more; it keeps a message of nothing but names from taking long.
_MOST_MENTIONS = 20


@dataclass(frozen=True)
class Mention:
    """A name in a text, at `start:end` of its words."""

    start: int
    end: int
    known: Known
    name: Phrase


class PrisonFinder:
    """Built once from all places; the same text is looked at once."""

    def __init__(self, places: Iterable[Place], rules: NameRules) -> None:
        places = list(places)
        self._rules = rules
        self._names = known_names(places, rules)
        self._longest_first = _by_first_word(self._names)
        open_names = known_names([place for place in places if place.active], rules)
        words = {word for name in open_names for word in name}
        self._slips = Slips(words - rules.exact, never=rules.no_slip)
        self._towns = {place.id: phrase(place.town or "") for place in places}
        self._kinds = Kinds(places, rules)
        self._found = lru_cache(_REMEMBERED_TEXTS)(self._find)

    def find(self, text: str) -> list[str]:
        """The ids of what the text names: none, the one that is meant, or several to ask about."""
        return list(self._found(text))

    def _find(self, text: str) -> tuple[str, ...]:
        words = words_of(text)
        seen = self._mentions(words)
        if not seen:
            return ()
        around = Surroundings(words, self._rules, {at for m in seen for at in range(m.start, m.end)})
        counted = [m for m in seen if m.known.ids and around.make_a_prison_of(m.start, m.end, m.known.caution)]
        meant = self._without_towns(words, _not_excluded(words, counted, around))
        return _decided([self._narrowed(words, m, around) for m in meant[:_MOST_MENTIONS]])

    def _mentions(self, words: Sequence[Word]) -> list[Mention]:
        found: list[Mention] = []
        at = 0
        while at < len(words):
            mention = self._mention_at(words, at)
            if mention:
                found.append(mention)
            at = mention.end if mention else at + 1
        return found

    def _mention_at(self, words: Sequence[Word], at: int) -> Mention | None:
        """The longest name that starts here, spelt right rather than wrong."""
        for slips in (False, True):
            for first in self._ways(words[at], slips):
                for name in self._longest_first.get(first, ()):
                    if self._reads(words, at, name, slips):
                        return Mention(at, at + len(name), self._cautious(name, slips), name)
        return None

    def _reads(self, words: Sequence[Word], at: int, name: Phrase, slips: bool) -> bool:
        if at + len(name) > len(words) or any(word.after_stop for word in words[at + 1 : at + len(name)]):
            return False
        return all(part in self._ways(word, slips) for part, word in zip(name, words[at:], strict=False))

    def _ways(self, word: Word, slips: bool) -> tuple[str, ...]:
        """How a word may be read."""
        plain = (word.text,) if word.stem == word.text else (word.text, word.stem)
        return plain + self._slips.meant_by(word.stem) if slips else plain

    def _cautious(self, name: Phrase, slips: bool) -> Known:
        """What a phrase means; misspelt, a name needs more around it, unless it is a long one."""
        known = self._names[name]
        if not slips or (len("".join(name)) >= LONG and known.caution == Caution.NONE):
            return known
        return Known(known.ids, Caution(min(known.caution + 1, Caution.BEWARE)), known.named)

    def _without_towns(self, words: Sequence[Word], mentions: list[Mention]) -> list[Mention]:
        """Leave out what only says where another is: "Ashfield in Bristol"."""
        pairs = list(zip(mentions, mentions[1:], strict=False))
        towns = {id(town) for a, b in pairs for place, town in ((a, b), (b, a)) if self._is_town_of(words, place, town)}
        return [mention for mention in mentions if id(mention) not in towns]

    def _is_town_of(self, words: Sequence[Word], place: Mention, town: Mention) -> bool:
        if len(place.known.ids) != 1 or place.known.ids == town.known.ids:
            return False
        between = words[min(place.end, town.end) : max(place.start, town.start)]
        near = all((word.text,) in self._rules.cues["near"] for word in between)
        return near and self._towns[place.known.ids[0]] == town.name

    def _narrowed(self, words: Sequence[Word], mention: Mention, around: Surroundings) -> tuple[str, ...]:
        known = mention.known
        if known.named and around.are_sure(mention.start, mention.end):
            return (known.named,)
        return self._kinds.narrow(known.ids, words, mention.start, mention.end)


def _by_first_word(names: Iterable[Phrase]) -> dict[str, list[Phrase]]:
    grouped: dict[str, list[Phrase]] = defaultdict(list)
    for name in sorted(names, key=len, reverse=True):
        grouped[name[0]].append(name)
    return grouped


def _not_excluded(words: Sequence[Word], mentions: list[Mention], around: Surroundings) -> list[Mention]:
    """Without the names after "not"; "not Hull or Leeds" leaves out both."""
    kept: list[Mention] = []
    last_left_out: Mention | None = None
    for mention in mentions:
        joined = last_left_out and [w.text for w in words[last_left_out.end : mention.start]] in (["or"], ["nor"])
        if joined or around.exclude(mention.start):
            last_left_out = mention
        else:
            kept.append(mention)
    return kept


def _decided(groups: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """All that were named, once each; a certain one settles the question that a wider word raises."""
    certain = {ids[0] for ids in groups if len(ids) == 1}
    open_questions = [set(ids) for ids in groups if len(ids) > 1 and not certain & set(ids)]
    shared = set.intersection(*open_questions) if open_questions else set()
    wanted = certain | (shared or set().union(*open_questions))
    return tuple(dict.fromkeys(id_ for ids in groups for id_ in ids if id_ in wanted))
