"""By what a concern is found, as keyed hashes: the words that families wrote, names, numbers, telephones, prisons.

A name is also put down with each of its letters left out and as it sounds, so that a slip of one letter in what is
stored or in what is looked for finds it all the same.
"""

from collections.abc import Iterable
from functools import cache

import jellyfish
import phonenumbers
import snowballstemmer
import yaml
from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher

from gateway.config import settings
from gateway.prisons.words import phrase, words_of
from gateway.privacy.blind import find_token

Tokens = frozenset[int]

SHORTEST_WORD = 3
# A part of a name that is shorter would be like too many others without one of its letters.
SHORTEST_TO_SHORTEN = 4
SHORTEST_SOUND = 2


def of_name(name: str) -> list[Tokens]:
    """For each part of a name what it is found by. A slip of one letter leaves something that both have."""
    return [_tokens("name", _spellings(part)) for part in name_parts(name)]


def name_parts(name: str) -> list[str]:
    """The parts of a name without capitals, accents and initials."""
    return [part for part in phrase(name) if len(part) > 1 and part.isalpha()]


def _spellings(part: str) -> set[str]:
    found = {part}
    if len(part) >= SHORTEST_TO_SHORTEN:
        found |= {part[:place] + part[place + 1 :] for place in range(len(part))}
    sound = jellyfish.metaphone(part) if part.isascii() else ""
    # In capitals, so that a sound is never taken for a spelling.
    return found | {sound.replace(" ", "")} if len(sound) >= SHORTEST_SOUND else found


def of_words(text: str) -> list[Tokens]:
    """For each word of a text what it is found by, whatever its ending: hurt, hurts and hurting are one."""
    return [_tokens("word", {word}) for word in searched_words(text)]


def searched_words(text: str) -> list[str]:
    """The words of a text by which it can be found, each once, without their endings."""
    said = dict.fromkeys(word.stem for word in words_of(text))
    telling = [word for word in said if len(word) >= SHORTEST_WORD and word not in _too_common()]
    # Made anew each time: one cannot be used by two threads.
    return list(dict.fromkeys(snowballstemmer.stemmer("english").stemWords(telling)))


@cache
def _too_common() -> frozenset[str]:
    raw = yaml.safe_load((settings().data_dir / "find.yml").read_text(encoding="utf-8"))
    return frozenset(raw["too_common"].split())


def of_number(number: str) -> list[Tokens]:
    """A prison number, however its letters and spaces were written."""
    plain = "".join(sign for sign in number.upper() if sign.isalnum())
    return [_tokens("number", {plain})] if plain else []


def of_telephones(text: str) -> list[Tokens]:
    """Every telephone number in a text."""
    return [_tokens("telephone", {number}) for number in telephones(text)]


def telephones(text: str) -> list[str]:
    """Every telephone number in a text, as +44..."""
    found = PhoneNumberMatcher(text, "GB", leniency=Leniency.POSSIBLE)
    return [phonenumbers.format_number(match.number, PhoneNumberFormat.E164) for match in found]


def of_prisons(ids: Iterable[str]) -> Tokens:
    """Any of these prisons."""
    return _tokens("prison", ids)


def _tokens(kind: str, values: Iterable[str]) -> Tokens:
    return frozenset(find_token(kind, value) for value in values)
