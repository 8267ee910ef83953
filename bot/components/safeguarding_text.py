"""What a text message says in standard spelling, and its sentences. Pure: no model, no Rasa."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from spacy.matcher import levenshtein

# A text message has at most 1,600 characters and a chat message 4,000; more is read from both ends.
MOST_CHARACTERS = 4_000
STOP = "."  # stands for every mark that ends a sentence
PAUSE = ","
_WORD = re.compile(r"[^\W_]+(?:['*][^\W_]+)*|&|[.!?;:,\n()\u2013\u2014\u2026]|£")
_STOPS = frozenset(".!?;\n\u2026")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_SHORT_FORMS = {"n't": "not", "'ll": "will", "'re": "are", "'ve": "have", "'m": "am", "'d": "would"}
_IRREGULAR = {"can't": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not", "y'all": "you all"}
# After these words 's is "is"; after any other it may also mean belonging, and is left standing as a word of its own.
_BEFORE_IS = frozenset("he she it that what who there here where how everyone someone somebody everybody it".split())
_SHORTEST_FORGIVEN = 6


@dataclass(frozen=True)
class Spellings:
    """The standard form of what people write, and the risk words for which one wrong letter is forgiven."""

    standard: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    forgiven: tuple[str, ...] = ()
    right: frozenset[str] = frozenset()
    longest: int = 1

    @classmethod
    def of(
        cls,
        spellings: Mapping[str, Iterable[str]],
        often_misspelt: Iterable[str] = (),
        written_right: Iterable[str] = (),
    ) -> Spellings:
        standard = {}
        for right, variants in spellings.items():
            for variant in variants:
                standard[tuple(_pieces(str(variant)))] = tuple(str(right).split())
        forgiven = tuple(often_misspelt)
        longest = max((len(key) for key in standard), default=1)
        return cls(standard, forgiven, frozenset([*forgiven, *written_right]), longest)

    def nearest(self, word: str) -> str:
        """The risk word that differs from `word` by one letter, else `word` itself."""
        if len(word) < _SHORTEST_FORGIVEN or word in self.right:
            return word
        for right in self.forgiven:
            if abs(len(right) - len(word)) <= 1 and right[0] == word[0] and levenshtein(word, right, 1) <= 1:
                return right
        return word


def words_of(text: str, spellings: Spellings) -> list[str]:
    """The words of a message in standard spelling; sentence ends are `.` and pauses `,`."""
    return [spellings.nearest(word) for word in _standardise(_pieces(text), spellings)]


def _pieces(text: str) -> list[str]:
    return [piece for raw in _WORD.findall(_clean(text)) for piece in _expand(raw)]


def _clean(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS // 2] + "\n" + text[-MOST_CHARACTERS // 2 :]
    text = unicodedata.normalize("NFKC", text).lower()
    text = text.replace("\u2019", "'").replace("\u2018", "'").replace("`", "'")
    return _STRETCHED.sub(r"\1\1", text)


def _expand(piece: str) -> list[str]:
    if piece in _STOPS:
        return [STOP]
    if not piece[0].isalnum() and piece not in "&£":
        return [PAUSE]
    if piece in _IRREGULAR:
        return _IRREGULAR[piece].split()
    for ending, word in _SHORT_FORMS.items():
        if piece.endswith(ending) and len(piece) > len(ending):
            return [piece[: -len(ending)], word]
    if piece.endswith("'s"):
        return [piece[:-2], "is" if piece[:-2] in _BEFORE_IS else "'s"]
    return [piece.replace("'", "").replace("*", "")]


def _standardise(pieces: Sequence[str], spellings: Spellings) -> list[str]:
    words: list[str] = []
    at = 0
    while at < len(pieces):
        for length in range(min(spellings.longest, len(pieces) - at), 0, -1):
            right = spellings.standard.get(tuple(pieces[at : at + length]))
            if right is not None:
                words.extend(right)
                at += length
                break
        else:
            words.append(pieces[at])
            at += 1
    return words


def sentences_of(words: Sequence[str]) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, as ranges of words."""
    stops = [-1, *(at for at, word in enumerate(words) if word == STOP), len(words)]
    return [(before + 1, stop) for before, stop in itertools.pairwise(stops) if stop > before + 1]
