"""Makes more of each message: as thumbs, haste and dictation would write it, and among other things said.

Everything is drawn from one seeded generator, so that the same seed gives the same training texts.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.training.messages import Labelled

# The shares of messages that a change is made to, in each pass over them.
_TYPOS, _PLAIN, _SHORT_FORMS, _OTHER_PERSON, _RECENT = 0.45, 0.2, 0.25, 0.1, 0.2
# The same for being put among other texts: first to learn what a worry is, then to find it wherever it stands.
JOINED, JOINED_LATE = 0.2, 0.5
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORT = {
    "you": "u", "your": "ur", "are": "r", "to": "2", "for": "4", "because": "cos", "and": "n", "with": "wiv",
    "please": "pls",
    "tonight": "2nite", "said": "sed", "what": "wot", "about": "bout", "his": "is", "them": "em", "going to": "gonna",
    "want to": "wanna", "people": "ppl", "someone": "sum1", "something": "summat", "nothing": "nowt", "before": "b4",
    "anyone": "any1", "know": "kno", "through": "thru", "though": "tho", "my": "me", "the": "da", "that": "dat",
    "tomorrow": "tmrw", "message": "msg", "brother": "bro", "just": "jus", "think": "fink", "prison": "jail",
}  # fmt: skip
_OTHER = {
    "he": "she", "his": "her", "him": "her", "himself": "herself", "son": "daughter", "brother": "sister",
    "husband": "wife", "boyfriend": "girlfriend", "dad": "mum", "father": "mother", "grandson": "granddaughter",
    "nephew": "niece", "he's": "she's", "hes": "shes", "man": "woman", "lad": "girl",
}  # fmt: skip
_JOINTS = (" ", ". ", " and ", " also ", "\n", ", ", " anyway ", "... ", " btw ", " one more thing ")


class Augmenter:
    """Varies labelled messages; `harmless` are texts that may stand beside any other without changing its meaning."""

    def __init__(self, harmless: Sequence[str], seed: int) -> None:
        self._harmless = harmless
        self._random = random.Random(seed)

    def vary(self, message: Labelled, joined: float = JOINED) -> Labelled:
        """One variation of a message, with the same labels; `joined` is how often it stands among other texts."""
        text = message.text
        if self._chance(_OTHER_PERSON):
            text = _replace_words(text, _OTHER, self._random, 1.0)
        if self._chance(joined):
            text = self._among_others(text)
        if self._chance(_SHORT_FORMS):
            text = _replace_words(text, _SHORT, self._random, 0.6)
        if self._chance(_PLAIN):
            text = re.sub(r"[^\w\s£]", "", text).lower()
        if self._chance(_TYPOS):
            text = self._mistype(text)
        return replace(message, text=text, recent=self._after_others(message.recent))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _among_others(self, text: str) -> str:
        """A worry is often one clause in a long text about other things."""
        parts = [text, *self._random.sample(self._harmless, self._random.choice((1, 1, 2, 3)))]
        self._random.shuffle(parts)
        return self._random.choice(_JOINTS).join(parts)

    def _after_others(self, recent: tuple[str, ...]) -> tuple[str, ...]:
        if recent or not self._chance(_RECENT):
            return recent
        return tuple(self._random.sample(self._harmless, self._random.randint(1, 2)))

    def _mistype(self, text: str) -> str:
        for _ in range(1 + len(text) // 60):
            text = self._slip(text)
        return text

    def _slip(self, text: str) -> str:
        """One slip of the thumb in one of the letters."""
        places = [at for at in range(1, len(text) - 1) if text[at].isalpha()]
        if not places:
            return text
        at = self._random.choice(places)
        kind = self._random.choice(("drop", "double", "swap", "beside"))
        if kind == "drop":
            return text[:at] + text[at + 1 :]
        if kind == "double":
            return text[:at] + text[at] + text[at:]
        if kind == "swap":
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        return text[:at] + self._beside(text[at]) + text[at + 1 :]

    def _beside(self, letter: str) -> str:
        for row in _KEYBOARD:
            at = row.find(letter.lower())
            if at >= 0:
                return self._random.choice(row[max(0, at - 1) : at] + row[at + 1 : at + 2])
        return letter


def _replace_words(text: str, words: dict[str, str], chosen: random.Random, share: float) -> str:
    def other(match: re.Match[str]) -> str:
        right = words.get(match.group().lower())
        return right if right and chosen.random() < share else match.group()

    return re.sub(r"[A-Za-z']+", other, text)
