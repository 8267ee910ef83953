"""Whether the words around a name make it a prison: "in Hull" does, "I live in Hull" and "Hull station" do not."""

from collections.abc import Sequence, Set

from gateway.prisons.names import Caution, NameRules, Phrase
from gateway.prisons.words import Word, trusts_capitals

_LONGEST_CUE = 4


class Surroundings:
    """One text, asked about the name that stands at `start:end` of its words."""

    def __init__(self, words: Sequence[Word], rules: NameRules, named: Set[int]) -> None:
        """`named` are the places of all words that may be a prison's name."""
        self._words = words
        self._texts = [word.text for word in words]
        self._cues = rules.cues
        self._cue_words = rules.cue_words
        self._capitals = trusts_capitals(words)
        rest = [at for at in range(len(words)) if at not in named]
        self._little_else = self._only(rest, "filler")
        self._nothing_else = self._only(rest, "filler_beware") and not self._says_i_do()

    def _only(self, places: Sequence[int], cue: str) -> bool:
        return all((self._texts[at],) in self._cues[cue] for at in places)

    def _says_i_do(self) -> bool:
        """ "I send" is no answer to "which prison?", "I think Send" is."""
        after_i = (self._texts[at + 1] for at, text in enumerate(self._texts[:-1]) if text == "i")
        return any((text,) not in self._cues["opinion"] for text in after_i)

    def make_a_prison_of(self, start: int, end: int, caution: Caution) -> bool:
        """The question of this class, for a name that needs so much caution."""
        if self.are_sure(start, end, caution):
            return True
        if self._is_elsewhere(start, end):
            return False
        if caution == Caution.NONE:
            return True
        if self._nothing_else or (self._little_else and caution == Caution.CUE):
            return True
        if caution == Caution.BEWARE:
            return self._has_clear_cue(start)
        return self._follows(start, "before") or self._calls_a_prison(start) or self._is_a_proper_name(start, end)

    def are_sure(self, start: int, end: int, caution: Caution = Caution.NONE) -> bool:
        """HMP stands before it, or "prison", "jail" or the like after it."""
        if self._is(self._before(start), "prison"):
            return True
        if not self._is(end, "after") or self._words[end].after_stop:
            return False
        return caution < Caution.BEWARE or not self._is(start - 1, "doing")

    def exclude(self, start: int) -> bool:
        """It is the one that is not meant: "not Leeds", "moved from Leeds"."""
        place = start
        while place > 0 and self._is(place - 1, "between") and not self._words[place].after_stop:
            place -= 1
        if not self._stops_between(place, start) and self._ends_with(place, "not"):
            return True
        before = self._before(start)
        if self._is(before, "left"):
            return True
        return before > 0 and self._texts[before] == "from" and self._moved(before)

    def _moved(self, before: int) -> bool:
        """To another prison: who is moved to a hospital still belongs to the prison."""
        return "hospital" not in self._texts and any(self._is(at, "moves") for at in range(max(0, before - 4), before))

    def _stops_between(self, start: int, end: int) -> bool:
        return any(word.after_stop for word in self._words[start:end])

    def _is_elsewhere(self, start: int, end: int) -> bool:
        if self._is(end, "elsewhere") and not self._words[end].after_stop:
            return True
        return self._ends_with(start, "home") or self._is(start - 1, "titles")

    def _has_clear_cue(self, start: int) -> bool:
        """ "He is in Reading", "visits at Send", "moved to Send"; but not "good at reading" or "asked him to send"."""
        before = self._before(start)
        if not self._is(before, "clear"):
            return False
        word = self._texts[before]
        if word == "to":
            return self._is(before - 1, "travels")
        if self._capitals and self._words[start].capital:
            return True
        return self._is(before - 1, "travels" if word == "from" else "person") or word == "inside"

    def _follows(self, start: int, cue: str) -> bool:
        return self._is(self._before(start), cue)

    def _calls_a_prison(self, start: int) -> bool:
        """ "The prison is Hull", "his jail is called Hull"."""
        near = range(max(0, start - 4), start)
        return self._is(start - 1, "being") and any(self._is(at, "after") for at in near)

    def _is_a_proper_name(self, start: int, end: int) -> bool:
        """A capital inside a sentence, but not as a part of somebody's name."""
        word = self._words[start]
        if not self._capitals or not word.capital or word.opens or self._is(start - 1, "people"):
            return False
        return not (self._is_a_name(start - 1) or (end < len(self._words) and self._is_a_name(end)))

    def _is_a_name(self, at: int) -> bool:
        word = self._words[at]
        return word.capital and word.text.isalpha() and len(word.text) > 1 and word.text not in self._cue_words

    def _before(self, start: int) -> int:
        """The place of the word before a name, leaving out "the"; -1 when there is none."""
        place = start - 1
        while place >= 0 and self._texts[place] == "the":
            place -= 1
        return place

    def _is(self, at: int, cue: str) -> bool:
        return 0 <= at < len(self._texts) and (self._texts[at],) in self._cues[cue]

    def _ends_with(self, end: int, cue: str) -> bool:
        """Whether a cue of one or more words stands right before a place."""
        listed: Set[Phrase] = self._cues[cue]
        return any(tuple(self._texts[end - n : end]) in listed for n in range(1, min(_LONGEST_CUE, end) + 1))
