"""Whether a reply says what it must: texts compared as a reader would, not sign by sign."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import permutations
from typing import Any

_SIGNS = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2010": "-", "\u2013": "-", "\u2014": "-"}
)
# An alternative as short as `no` must be a word of its own, or `know` and `now` would do for it.
_SHORT = 3


@cache
def normalised(text: str) -> str:
    """One form for capitals, quotation marks, dashes and any run of spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_SIGNS).casefold().split())


def says(text: str, alternatives: str) -> bool:
    """Whether one of the alternatives, split by `|`, stands in the text. A number must stand there as a whole."""
    return any(_pattern(one).search(normalised(text)) for one in alternatives.split("|") if one.strip())


@cache
def _pattern(alternative: str) -> re.Pattern[str]:
    sought = normalised(alternative)
    alone = r"\w" if len(sought) <= _SHORT and sought.isalpha() else None
    before = rf"(?<!{alone})" if alone else (r"(?<!\d)(?<!\d[.,])" if sought[0].isdigit() else "")
    after = rf"(?!{alone})" if alone else (r"(?![.,]?\d)" if sought[-1].isdigit() else "")
    return re.compile(before + re.escape(sought) + after)


def missing(text: str, expect: Iterable[str]) -> list[str]:
    """What should be said and is not."""
    return [alternatives for alternatives in expect if not says(text, alternatives)]


def differences(expected: Sequence[dict[str, Any]], found: Sequence[dict[str, Any]]) -> list[str]:
    """How the concerns in the log differ from those expected, in whatever order they were opened."""
    if len(expected) != len(found):
        kinds = [concern["category"] for concern in found]
        return [f"{len(found)} concerns in the log instead of {len(expected)}: {kinds}"]
    trials = [
        [line for want, have in zip(expected, order, strict=True) for line in _concern_differs(want, have)]
        for order in permutations(found)
    ]
    return min(trials, key=len)


def _concern_differs(expected: dict[str, Any], found: dict[str, Any]) -> list[str]:
    pairs = {("prison_name" if name == "prison" else name): value for name, value in expected.items()}
    return [
        f"{name}: {found.get(name)!r} instead of {value!r}"
        for name, value in pairs.items()
        if not _agrees(name, value, found.get(name))
    ]


def _agrees(name: str, expected: Any, found: Any) -> bool:
    if isinstance(expected, str) and found is not None:
        if isinstance(found, list) or name in ("summary", "reporter_relationship"):
            return says(" ".join(found) if isinstance(found, list) else found, expected)
        if name in ("prisoner_name", "reporter_name"):  # more of a name than was expected is right as well
            return any(set(_plain(one).split()) <= set(_plain(found).split()) for one in expected.split("|"))
        return any(_plain(one) == _plain(str(found)) for one in expected.split("|"))
    return bool(expected == found)


def _plain(value: str) -> str:
    """A value as it is compared: a prison's name without the kind of place before it, a number without its spaces."""
    if re.fullmatch(r"[+\d ]{10,}", value):
        return re.sub(r"^(\+44|0)", "", value.replace(" ", ""))
    return re.sub(r"^(hmp/yoi|hmp & yoi|hmp|hmyoi|yoi) ", "", normalised(value))
