"""Exchange the counterpart of a bracket if an unmatched bracket with the same words fits better.

Words such as "[shall][should]" occur in almost every paragraph. If a paragraph was removed, the alignment may match its
brackets with those of the next paragraph. The comparison would then report the brackets of the next paragraph as
dropped, although they remain. The words around the brackets decide which brackets correspond.
"""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from bracketed_text.alignment import Block
from bracketed_text.alternatives import Group, Relation
from bracketed_text.moving import Moves, Places
from bracketed_text.territory import DEEPEST, Survey
from bracketed_text.words import words

# The number of words compared on each side of a bracket. Then, the number of equal words that must be gained to replace
# an existing pair, and the number of equal words that are required if neither bracket has a counterpart.
_AROUND, _MORE, _ENOUGH = 12, 2, 8
# The compared words are within this distance of the bracket, in characters.
_FAR = 160
# The maximum length of a bracket, in characters, because longer brackets seldom have equal words. Then, the number of
# candidates examined on each side of the expected place.
_LONGEST, _MOST_ALIKE = 80, 6
# In a group of more members, variants are compared only with the neighbours directly beside them.
_LONGEST_RUN = 12

_END_OF_SENTENCE = re.compile(r"[.;]\s")

# The words of a variant, and its names.
_Key = tuple[str, frozenset[str]]


class Exchanges:
    """An exchange of counterparts in `pairs`.

    `displaced` contains the old variants that it leaves without a counterpart.
    """

    def __init__(self, old: Survey, new: Survey, moves: Moves, ended: Collection[int]) -> None:
        blocks = moves.places.blocks
        back = Places([Block(new_start, old_start, length) for old_start, new_start, length in blocks])
        self.old, self.new = Side(old, moves.places), Side(new, back)
        self.pairs, self.moved = moves.pairs, moves.moved
        self.back: dict[int, int] = {}
        self.ended = ended
        self.displaced: set[int] = set()

    def make(self) -> None:
        """Exchange the counterparts of old variants, and then those of new variants."""
        if not self.pairs:
            return
        self.back = {twin: at for at, twin in self.pairs.items()}
        left = [at for at in range(len(self.old.keys)) if at not in self.pairs and at not in self.ended]
        self._exchange(left, self.old, self.new, self.pairs, self.back)
        left = [at for at in range(len(self.new.keys)) if at not in self.back]
        self._exchange(left, self.new, self.old, self.back, self.pairs)
        self.displaced = {at for at in self.displaced if at not in self.pairs}

    def _exchange(
        self, left: list[int], side: "Side", opposite: "Side", pairs: dict[int, int], back: dict[int, int]
    ) -> None:
        waiting = left[::-1]
        for _ in range(2 * len(left)):
            if not waiting:
                return
            at = waiting.pop()
            best = max(self._gains(at, side, opposite, back), default=(0, 0))
            if best[0] < _MORE:
                continue
            twin = best[1]
            former = back.get(twin)
            pairs[at], back[twin] = twin, at
            if former is None:
                continue
            del pairs[former]
            if side is self.old:
                self.displaced.add(former)
            waiting.append(former)

    def _gains(self, at: int, side: "Side", opposite: "Side", back: dict[int, int]) -> list[tuple[int, int]]:
        """Return, for each candidate, the number of equal words gained if `at` is paired with it, and its index.

        The gain is relative to the candidate's present pair or, if the candidate has no counterpart, to the required
        number of equal words.
        """
        key = side.keys[at]
        if not key[0]:
            return []
        gains = []
        for twin in opposite.nearest(key, side.expected(at)):
            former = back.get(twin)
            if not side.may_be(at, opposite, twin):
                continue
            if former is None:
                if not (opposite is self.old and twin in self.ended):
                    gains.append((side.common(at, opposite, twin) - _ENOUGH + _MORE, twin))
            elif side.keys[former] == key and (former if side is self.old else twin) not in self.moved:
                gains.append((side.common(at, opposite, twin) - side.common(former, opposite, twin), twin))
        return gains


class Side:
    """The variants of one text, indexed by their words and names, with the words around each variant."""

    def __init__(self, survey: Survey, places: Places) -> None:
        self.places = places
        self.survey = survey
        self.keys: list[_Key] = []
        self.having: defaultdict[_Key, list[int]] = defaultdict(list)
        self.neighbours = dict(_neighbours(survey))
        self.spans = {
            member.start: (group.members[0].start, group.members[-1].end)
            for group in survey.groups
            if group.relation is not Relation.OPTIONS
            for member in group.members
        }
        for at, variant in enumerate(survey.variants):
            short = variant.depth <= DEEPEST and variant.end - variant.start <= _LONGEST
            own = survey.words(at).strip().casefold() if short else ""
            key = (own, frozenset(variant.head.names()))
            self.keys.append(key)
            if key[0]:
                self.having[key].append(at)
        self.runs = {member.start: texts for group, texts in _texts_of_runs(survey) for member in group.members}
        self._bags: dict[int, tuple[Counter[str], Counter[str]]] = {}

    def expected(self, at: int) -> int:
        """Return the offset in the other text at which the counterpart of variant `at` is expected."""
        return self.places.between(self.survey.begins[at], self.survey.untils[at])[0]

    def nearest(self, key: _Key, offset: int) -> list[int]:
        """Return the variants with this key that are nearest to `offset`."""
        having = self.having.get(key, [])
        middle = bisect_left(having, offset, key=lambda at: self.survey.begins[at])
        return having[max(0, middle - _MOST_ALIKE) : middle + _MOST_ALIKE]

    def may_be(self, at: int, opposite: "Side", twin: int) -> bool:
        """Return whether the two variants have a neighbour in common, or neither has a neighbour.

        This condition is necessary because brackets such as "[other]" occur in many runs.
        """
        ours = self.neighbours.get(self.survey.variants[at].begin, frozenset())
        theirs = opposite.neighbours.get(opposite.survey.variants[twin].begin, frozenset())
        return not ours.isdisjoint(theirs) or ours == theirs

    def share_a_neighbour(self, at: int, opposite: "Side", twin: int) -> bool:
        """Return whether the groups of the two variants share a second variant, wherever it is in each group."""
        ours = self.runs.get(self.survey.variants[at].begin, frozenset())
        theirs = opposite.runs.get(opposite.survey.variants[twin].begin, frozenset())
        return len(ours & theirs) > 1

    def span(self, at: int) -> tuple[int, int]:
        """Return the span of the variant or its group."""
        begin = self.survey.variants[at].begin
        return self.spans.get(begin, (begin, self.survey.untils[at]))

    def around(self, at: int, most: int, *, in_sentence: bool = False) -> tuple[Counter[str], Counter[str]]:
        """Return the words before and after the variant or its group, at most `most` on each side.

        With `in_sentence`, only words of the same sentence are returned.
        """
        text, (start, end) = self.survey.tree.text, self.span(at)
        before, behind = text[max(0, start - _FAR) : start], text[end : end + _FAR]
        if in_sentence:
            before, behind = _END_OF_SENTENCE.split(before)[-1], _END_OF_SENTENCE.split(behind, maxsplit=1)[0]
        return Counter(words(before)[-most:]), Counter(words(behind)[:most])

    def common(self, at: int, opposite: "Side", twin: int) -> int:
        """Return the number of words before and after the two variants that are the same."""
        (before, behind), (twin_before, twin_behind) = self._bags_of(at), opposite._bags_of(twin)
        return (before & twin_before).total() + (behind & twin_behind).total()

    def _bags_of(self, at: int) -> tuple[Counter[str], Counter[str]]:
        if at not in self._bags:
            self._bags[at] = self.around(at, _AROUND)
        return self._bags[at]


def _neighbours(survey: Survey) -> Iterator[tuple[int, frozenset[tuple[bool, str]]]]:
    """Yield the start of each variant that has neighbours, and the texts of the neighbours before and after it.

    Each text has a flag that is true if the neighbour follows the variant.
    """
    for group in survey.groups:
        texts = [survey.tree.text[member.start : member.end].casefold() for member in group.members]
        for number, member in enumerate(group.members):
            before = [(False, text) for text in texts[max(0, number - 1) : number]]
            yield member.start, frozenset([*before, *((True, text) for text in texts[number + 1 : number + 2])])


def _texts_of_runs(survey: Survey) -> Iterator[tuple[Group, frozenset[str]]]:
    """Yield each group of a few brackets with the texts of its members."""
    text = survey.tree.text
    for group in survey.groups:
        if len(group.members) <= _LONGEST_RUN:
            yield group, frozenset(text[member.start : member.end].casefold() for member in group.members)
