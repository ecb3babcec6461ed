"""Pair short brackets by the sentences around them.

Brackets such as "[shall]" occur in almost every paragraph, so that only the sentence identifies them. Two sentences are
alike if most of the words around the brackets are the same, where a rare word counts for more than a common word
(K. Spärck Jones, Journal of Documentation 28, 1972). In contrast to `moving` and `exchanges`, the order of these words
is irrelevant.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from math import log2

from bracketed_text.exchanges import Exchanges
from bracketed_text.words import words

# The least likeness of two brackets that are the same and at most `_NEAR` characters from the expected place: if the
# brackets directly beside them are also the same, and otherwise; and the least likeness of brackets farther away.
_ALIKE, _ALIKE_ALONE, _ALIKE_FAR, _NEAR = 0.2, 0.27, 0.35, 8_000
# From this likeness on, a pair is not reconsidered. A present pair has this advantage over others.
_SURELY_ALIKE, _PRESENT = 0.5, 0.1
# Below this likeness, brackets of at most `_FEW` words differ, if at least `_TELLING` words are on each side of both.
_UNLIKE, _FEW, _TELLING = 0.16, 2, 2
# A bracket is not examined if so many characters before and after it are unchanged.
_SURE = 24
# The number of words compared on each side of a bracket.
_AROUND = 14
# Only brackets with a rare word in common are compared. A rare word occurs at most `_RARE` times in the two texts. For
# each rare word, at most `_MOST` brackets are considered, of which those with most rare words in common are compared.
_RARE, _MOST, _MOST_ALIKE = 40, 24, 12

_Bags = tuple[Counter[str], Counter[str]]  # the words before and after a bracket


class Contexts:
    """Pairs the short brackets that have no counterpart yet."""

    def __init__(self, exchanges: Exchanges) -> None:
        self.old, self.new = exchanges.old, exchanges.new
        self.pairs, self.moved, self.ended = exchanges.pairs, exchanges.moved, exchanges.ended
        self._bags: dict[tuple[bool, int], _Bags] = {}

    def pair(self) -> set[int]:
        """Pair brackets with the same words and names whose sentences are alike. The most similar are paired first.

        Pairs whose sentences have little in common are reconsidered. The old brackets that are left without a
        counterpart are returned.
        """
        doubtful = dict(self._doubtful())
        candidates = [
            (-self.likeness(at, twin) - _PRESENT, at, twin)
            for at, twin in doubtful.items()
            if not self._are_unlike(at, twin)
        ]
        for at in doubtful:
            del self.pairs[at]
        taken = set(self.pairs.values())
        for key, ours in self.old.having.items():
            left = [at for at in ours if at not in self.pairs and at not in self.ended]
            twins = [twin for twin in self.new.having.get(key, ()) if twin not in taken] if left else []
            if twins:
                candidates += self._candidates(left, twins)
        for _, at, twin in sorted(candidates):
            if at not in self.pairs and twin not in taken:
                self.pairs[at] = twin
                taken.add(twin)
        return doubtful.keys() - self.pairs.keys()

    def _doubtful(self) -> Iterator[tuple[int, int]]:
        """Yield the pairs of brackets with the same words whose sentences have little in common."""
        for at, twin in self.pairs.items():
            key = self.old.keys[at]
            if not key[0] or key != self.new.keys[twin] or at in self.moved:
                continue
            if not self.old.places.unchanged(*self.old.span(at), _SURE) and self.likeness(at, twin) < _SURELY_ALIKE:
                yield at, twin

    def _are_unlike(self, at: int, twin: int) -> bool:
        """Return whether a bracket of a few words is in a sentence that replaced another.

        For example, the alignment may find the same "[shall][should]" in both sentences.
        """
        sides = (*self._around(at), *self._around(twin, is_new=True))
        if len(self.old.keys[at][0].split()) > _FEW or min(bag.total() for bag in sides) < _TELLING:
            return False
        return self.likeness(at, twin) < _UNLIKE

    def _candidates(self, left: list[int], twins: list[int]) -> list[tuple[float, int, int]]:
        """Return the pairs that are alike, with their negative likeness."""
        by_word: defaultdict[tuple[bool, str], list[int]] = defaultdict(list)
        for twin in twins:
            for word in self._rare(twin, is_new=True):
                by_word[word].append(twin)
        candidates = []
        for at in left:
            near = Counter(twin for word in self._rare(at) for twin in islice(by_word.get(word, ()), _MOST))
            for twin, _ in near.most_common(_MOST_ALIKE):
                have_neighbours = self.old.may_be(at, self.new, twin)
                if have_neighbours or self.old.share_a_neighbour(at, self.new, twin):
                    likeness = self.likeness(at, twin)
                    is_near = abs(self.new.survey.begins[twin] - self.old.expected(at)) <= _NEAR
                    if likeness >= ((_ALIKE if have_neighbours else _ALIKE_ALONE) if is_near else _ALIKE_FAR):
                        candidates.append((-likeness, at, twin))
        return candidates

    def likeness(self, at: int, twin: int) -> float:
        """Return the share of the words around an old and a new bracket that are the same, by weight."""
        (before, behind), (twin_before, twin_behind) = self._around(at), self._around(twin, is_new=True)
        common = self._sum((before & twin_before) + (behind & twin_behind))
        total = self._sum(before) + self._sum(behind) + self._sum(twin_before) + self._sum(twin_behind)
        return 2 * common / total if total else 0.0

    def _sum(self, bag: Counter[str]) -> float:
        return sum(self._weights[word] * count for word, count in bag.items())

    def _rare(self, at: int, *, is_new: bool = False) -> list[tuple[bool, str]]:
        """Return the rare words around a bracket, and whether each is behind it."""
        before, behind = self._around(at, is_new=is_new)
        return [
            (side, word)
            for side, bag in ((False, before), (True, behind))
            for word in bag
            if 0 < self._counts[word] <= _RARE
        ]

    def _around(self, at: int, *, is_new: bool = False) -> _Bags:
        if (is_new, at) not in self._bags:
            self._bags[is_new, at] = (self.new if is_new else self.old).around(at, _AROUND, in_sentence=True)
        return self._bags[is_new, at]

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(words(self.old.survey.tree.text)) + Counter(words(self.new.survey.tree.text))

    @cached_property
    def _weights(self) -> Counter[str]:
        total = self._counts.total()
        return Counter({word: log2(1 + total / count) for word, count in self._counts.items()})
