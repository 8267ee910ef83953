"""Which of the prisons on offer an answer picks: "2", "the second one", "under 18", "the womens one", a name."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from gateway.prisons.finder import PrisonFinder
from gateway.prisons.kinds import Kinds
from gateway.prisons.names import NameRules, Place
from gateway.prisons.words import phrase

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
_NUMBERS = ("one", "two", "three", "four", "five", "six")
_POSITION = re.compile(
    rf"^(?:(?:its|it is|i think|the|number|no|option|answer) )*"
    rf"(?P<which>\d|{'|'.join(_ORDINALS)}|last|{'|'.join(_NUMBERS)}|(?:[1-6](?:st|nd|rd|th)))"
    rf"(?: (?:one|option|please|prison|thanks|i think|on the list))*$"
)
_AROUND_A_NAME = frozenset("its it is hes shes in at he she hmp hm yoi prison jail the i think please there".split())
_PARTS = re.compile(r"[.!;,\n]+")
_REFUSAL = frozenset({"not", "none", "neither", "isnt", "both", "all", "any", "either", "dont", "nor"})


def choose(text: str, options: Sequence[Place], finder: PrisonFinder, rules: NameRules) -> str | None:
    """The id of the option that is picked, or None when the answer does not pick exactly one."""
    words = phrase(text)
    ids = [option.id for option in options]
    by_id = {option.id.lower(): option.id for option in options}
    if text.strip().lower() in by_id:
        return by_id[text.strip().lower()]
    position = _position(words, len(options))
    if position is not None:
        return ids[position]
    named = [id_ for id_ in finder.find(text) if id_ in ids]
    if len(named) == 1:
        return named[0]
    # Who says "Liverpool" again, having been asked which one, means the prison of that name.
    if words in rules.ask and rules.ask[words].named in ids:
        return rules.ask[words].named
    if _REFUSAL & set(words):
        return None
    return _by_kind(words, options, rules) or _by_word(words, options)


def likely_meant(text: str, ids: Collection[str], rules: NameRules) -> str | None:
    """The id of the prison that an answer or a part of it names: «portland», «yes i am. hes at portland»."""
    if "or" in phrase(text):
        return None
    named = {known.named for part in _PARTS.split(text) if (known := rules.ask.get(_bare(part)))}
    meant = named & set(ids)
    return meant.pop() if len(named) == len(meant) == 1 else None


def _bare(text: str) -> tuple[str, ...]:
    return tuple(word for word in phrase(text) if word not in _AROUND_A_NAME)


def _position(words: Sequence[str], count: int) -> int | None:
    """The place in the list that an answer counts out, from 0."""
    match = _POSITION.match(" ".join(words))
    if not match:
        return None
    which = match["which"]
    if which == "last":
        return count - 1
    spelt = which in _NUMBERS and (_NUMBERS.index(which) + 1) or which in _ORDINALS and (_ORDINALS.index(which) + 1)
    number = spelt or int(which[0])
    return number - 1 if 1 <= number <= count else None


def _by_kind(words: Sequence[str], options: Sequence[Place], rules: NameRules) -> str | None:
    kinds = Kinds(options, rules)
    said = kinds.spoken_of(list(words)) or _bare_age(words)
    fitting = kinds.fitting([option.id for option in options], said)
    return fitting[0] if len(fitting) == 1 else None


def _bare_age(words: Sequence[str]) -> set[str]:
    """An answer that is only an age, such as "16" or "he is 16"."""
    ages = [int(word) for word in words if word.isdigit() and len(word) == 2]
    return {"under_18" if ages[0] < 18 else "adult"} if len(ages) == 1 and len(words) <= 4 else set()


def _by_word(words: Sequence[str], options: Sequence[Place]) -> str | None:
    """The option that alone has one of the words in its name, an alias or its town: "salford", "the A one"."""
    of_option = {option.id: _own_words(option) for option in options}
    shared = Counter(word for own in of_option.values() for word in own)
    said = {word for word in words if shared[word] == 1 and (len(word) > 2 or len(words) <= 3)}
    picked = {id_ for id_, own in of_option.items() if own & said}
    return picked.pop() if len(picked) == 1 else None


def _own_words(option: Place) -> set[str]:
    names = (option.name, *option.aliases, option.town or "")
    return {word for name in names for word in phrase(name)} - {
        "the",
        "hmp",
        "yoi",
        "prison",
        "hmyoi",
        "jail",
        "in",
        "i",
    }
