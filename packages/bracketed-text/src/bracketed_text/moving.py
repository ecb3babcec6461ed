"""Find the variants that moved. The text of such a variant is now elsewhere and is no longer at its old place.

A variant that is between the same words as before has not moved. A variant that was lifted or dropped has not moved
either, even if another bracket contains the same words.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import cached_property

from bracketed_text.alignment import Block
from bracketed_text.alternatives import Form, Relation
from bracketed_text.footnotes import plain_words
from bracketed_text.labels import without_label
from bracketed_text.surroundings import Around
from bracketed_text.territory import BASE, DEEPEST, Survey, Territory

# A variant that moved has at least `MOVABLE` words. Two versions of a variant that moved and was reworded share at
# least `MOVABLE_REWORDED` words and the proportion `ALIKE` of all their words. Fewer words occur in too many places.
MOVABLE = 3
MOVABLE_REWORDED = 5
ALIKE = 0.7
# A word that occurs in more variants than this does not help to identify a variant. This number is also the maximum
# number of candidates examined.
TELLING = 6
# Two versions of one variant have at least this share of their characters in common.
SAME = 0.5

# Text within this distance of a bracket, in characters, is next to the bracket.
_NEAR = 25

# The number of common words around a bracket, before and after together, that identifies the bracket; and the maximum
# number of candidates for each adjacent word.
_COMMON_AROUND, _MOST_ALIKE = 5, 12

# The maximum distance, in characters, of a run from the expected place for it to be the same run; and the maximum
# number of runs compared.
_CLOSE, _MOST_RUNS = 1500, 60

# Brackets that begin at the same place with this many equal characters are the same.
_SAME_START = 40

# Negative likeness, tie-breaker, old variant, new variant. Sorting puts the best candidate first.
Candidate = tuple[float, int, int, int]


class Places:
    """The positions of old stretches in the new text, derived from the common blocks."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.starts = [block.old_start for block in blocks]
        self.ends = [block.old_start + block.length for block in blocks]

    def between(self, start: int, end: int) -> tuple[int, float]:
        """Return the bounds, in the new text, of the place that corresponds to the old `text[start:end]`.

        The bounds are the nearest common characters on each side. If no common character follows, the upper bound is
        infinite.
        """
        before, behind = bisect_right(self.starts, start) - 1, bisect_left(self.ends, end)
        first, last = 0, float("inf")
        if before >= 0:
            block = self.blocks[before]
            first = block.new_start + min(block.length, start - block.old_start)
        if behind < len(self.blocks):
            block = self.blocks[behind]
            last = block.new_start + max(0, end - block.old_start)
        return first, last

    def unchanged(self, start: int, end: int, around: int) -> bool:
        """Return whether the old `text[start:end]` and `around` characters on both sides remain in one piece."""
        at = bisect_right(self.starts, start - around) - 1
        return at >= 0 and self.ends[at] >= end + around

    def beside(self, start: int, end: int) -> bool:
        """Return whether any text next to the old `text[start:end]` remains in the new text."""
        near = self.blocks[bisect_right(self.ends, start - _NEAR) : bisect_left(self.starts, end + _NEAR)]
        return any(block.old_start < start or block.old_start + block.length > end for block in near)

    def scattered(self, start: int, end: int) -> bool:
        """Return whether the only remains of the old `text[start:end]` are short and widely scattered."""
        first = bisect_right(self.ends, start)
        pieces = [
            (
                block.new_start + max(0, start - block.old_start),
                block.new_start + min(block.length, end - block.old_start),
            )
            for block in self.blocks[first : bisect_left(self.starts, end)]
        ]
        if len(pieces) < 2:
            return False
        spread, longest = pieces[-1][1] - pieces[0][0], max(last - begin for begin, last in pieces)
        return spread > 3 * (end - start) and 2 * longest < end - start


class Moves:
    """The pairing of variants that the earlier rules left unpaired, and a record of the variants that moved.

    The methods add to `pairs` and `moved`. For each old variant, `stand` counts the characters that are still at the
    same place. For each new variant, `stood` counts the characters that were already at the same place. `lifted`
    contains the old variants of which at least half of the characters are base text in the new version. `bracketed`
    contains the new variants of which at least half of the characters were base text in the old version.
    """

    def __init__(
        self, old: Territory, new: Territory, pairs: dict[int, int], ended: Collection[int], blocks: Sequence[Block]
    ) -> None:
        self.old = old.survey
        self.new = new.survey
        self.pairs = pairs
        self.taken: set[int] = set()
        self.moved: dict[int, int] = {}
        self.ended = ended
        self.places = Places(blocks)
        self.stand: Counter[int] = Counter()
        self.stood: Counter[int] = Counter()
        self.lifted: set[int] = set()
        self.bracketed: set[int] = set()

    def count(
        self,
        old: Territory,
        new: Territory,
        kept: Counter[tuple[int, int]],
        letters: Sequence[int],
        new_letters: Sequence[int],
    ) -> None:
        """Compute `stand`, `stood`, `lifted` and `bracketed`.

        `letters` and `new_letters` contain the numbers of characters of the old and the new variants.
        """
        bare: Counter[int] = Counter()
        was_bare: Counter[int] = Counter()
        stand: Counter[tuple[int, int]] = Counter()
        stood: Counter[tuple[int, int]] = Counter()
        for (owner, twin), size in kept.items():
            stand.update(dict.fromkeys(((outer, twin) for outer in old.ancestry(owner)), size))
            stood.update(dict.fromkeys(((outer, owner) for outer in new.ancestry(twin)), size))
            if twin == BASE and owner != BASE:
                bare.update(dict.fromkeys(old.ancestry(owner), size))
            elif owner == BASE and twin != BASE:
                was_bare.update(dict.fromkeys(new.ancestry(twin), size))
        # Words that are scattered over several variants of the other version are not at their place.
        for counts, most in ((stand, self.stand), (stood, self.stood)):
            for (at, _), size in counts.items():
                most[at] = max(most[at], size)
        self.lifted.update(at for at, size in bare.items() if 2 * size >= letters[at])
        self.bracketed.update(at for at, size in was_bare.items() if 2 * size >= new_letters[at])

    def stands_bare(self, at: int, twin: int) -> bool:
        """Return whether the text of either variant is base text in the other version, so that they cannot match.

        The result is false for two labelled options without brackets: the end of an option is uncertain, and the base
        text next to an option may be part of it.
        """
        if self.old.variants[at].bracket is None and self.new.variants[twin].bracket is None:
            return False
        return at in self.lifted or twin in self.bracketed

    def pair_unchanged(self) -> None:
        """Pair the remaining variants that have the same words, together with their inner variants.

        Variants of three words or fewer must be at the same place or have the same names. Variants of exactly three
        words are also paired if no other bracket in either text has the same words.
        """
        ours, theirs = self._by_words(self.old, self._left_in_old()), self._by_words(self.new, self._left_in_new())
        for key in [key for key in ours if key and key in theirs]:
            for at in [at for at in ours[key] if at not in self.pairs]:
                for twin in sorted(theirs[key][:TELLING], key=lambda twin: not self._same_place(at, twin)):
                    if self._tells(key, at, twin) and self._pair(at, twin):
                        theirs[key].remove(twin)
                        break

    def pair_in_same_words(self) -> None:
        """Pair the remaining variants that have the same words and names, if the words around them are also the same.

        This rule recognises a short bracket in a sentence that moved or in a new option, and neighbours that exchanged
        places.
        """
        ours, theirs = self._by_words(self.old, self._left_in_old()), self._by_words(self.new, self._left_in_new())
        keys = [key for key in ours if key and key in theirs]
        if not keys:
            return
        around, new_around = self.surroundings
        candidates: list[Candidate] = []
        for key in keys:
            by_word: defaultdict[str, list[int]] = defaultdict(list)
            for twin in theirs[key]:
                for word in set(new_around.nearest(twin)):
                    by_word[word].append(twin)
            for at in ours[key]:
                names = self.old.variants[at].head.names()
                near = {twin for word in around.nearest(at) for twin in by_word.get(word, ())[:_MOST_ALIKE]}
                for twin in near:
                    common = around.common(at, new_around, twin)
                    if common >= _COMMON_AROUND and names == self.new.variants[twin].head.names():
                        candidates.append((-common, abs(self._off(at, twin)), at, twin))
        for _, _, at, twin in sorted(candidates):
            if at in self.pairs or twin in self.taken or self._stands(at, twin):
                continue
            self.pairs[at] = twin
            self.taken.add(twin)

    def pair_in_runs(self) -> None:
        """Pair each remaining bracket of a run with the nearest bracket in an equal run close to the expected place.

        The alignment may have matched "[shall][should]" in one paragraph with the run in a neighbouring paragraph. It
        then leaves one run in each text without a counterpart. These two runs correspond: neither was dropped or
        opened.
        """
        ours, theirs = _in_runs(self.old, self._left_in_old()), _in_runs(self.new, self._left_in_new())
        candidates = sorted(
            (abs(self._off(at, twin)), at, twin)
            for key in ours.keys() & theirs.keys()
            for at in ours[key][:_MOST_RUNS]
            for twin in theirs[key][:_MOST_RUNS]
        )
        for off, at, twin in candidates:
            if off <= _CLOSE and at not in self.pairs and twin not in self.taken:
                self.pairs[at] = twin
                self.taken.add(twin)

    def _off(self, at: int, twin: int) -> int:
        """Return the signed distance, in characters, of the new variant from the expected place of the old variant."""
        return self.new.begins[twin] - self.places.between(self.old.begins[at], self.old.untils[at])[0]

    def _tells(self, key: tuple[str, ...], at: int, twin: int) -> bool:
        """Return whether two variants with the same words are certain to be the same variant.

        `key` contains these words.
        """
        names = self.old.variants[at].head.names()
        if self._same_place(at, twin) or (names and names == self.new.variants[twin].head.names()):
            return True
        if len(key) != MOVABLE or key not in self._said_once:
            return len(key) > MOVABLE
        around, new_around = self.surroundings
        return around.common(at, new_around, twin) > 0

    @cached_property
    def surroundings(self) -> tuple[Around, Around]:
        """The words around the old and the new variants."""
        return Around(self.old), Around(self.new)

    def _by_words(self, side: Survey, left: list[int]) -> dict[tuple[str, ...], list[int]]:
        by_words: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for at in left:
            by_words[tuple(plain_words(without_label(side.words(at))))].append(at)
        return by_words

    @cached_property
    def _said_once(self) -> set[tuple[str, ...]]:
        """The word sequences that form exactly one variant in each text."""
        once: list[set[tuple[str, ...]]] = []
        for side in (self.old, self.new):
            shallow = [at for at, variant in enumerate(side.variants) if variant.depth <= DEEPEST]
            once.append({key for key, having in self._by_words(side, shallow).items() if len(having) == 1})
        return once[0] & once[1]

    def pair_at_start(self) -> None:
        """Pair the remaining brackets that begin at the same place with the same words, regardless of where they end.

        This rule is needed if a "]" is lost, because the bracket then extends to the end of the text.
        """
        beginning = {self.new.begins[twin]: twin for twin in self._left_in_new()}
        for at in self._left_in_old() if beginning and self.places.blocks else ():
            begin = self.old.begins[at]
            block = self.places.blocks[max(0, bisect_right(self.places.starts, begin) - 1)]
            twin = beginning.get(begin + block.new_start - block.old_start, -1)
            if twin < 0 or twin in self.taken or block.old_start + block.length < begin + _SAME_START:
                continue
            if min(self.old.untils[at] - begin, self.new.untils[twin] - self.new.begins[twin]) >= _SAME_START:
                self.pairs[at] = twin
                self.taken.add(twin)

    def pair_reworded(self) -> None:
        """Pair the remaining variants that share at least five words and 70% of all their words."""
        bags = {twin: Counter(plain_words(self.new.words(twin))) for twin in self._left_in_new()}
        having: defaultdict[str, list[int]] = defaultdict(list)
        for twin, bag in bags.items():
            for word in bag:
                having[word].append(twin)
        candidates: list[Candidate] = []
        for at in self._left_in_old() if bags else ():
            bag = Counter(plain_words(self.old.words(at)))
            near = {twin for word in bag if len(having.get(word, ())) <= TELLING for twin in having.get(word, ())}
            for twin in near:
                size, common = bag.total() + bags[twin].total(), (bag & bags[twin]).total()
                if common >= MOVABLE_REWORDED and 2 * common >= ALIKE * size:
                    candidates.append((-2 * common / size, -common, at, twin))
        for _, _, at, twin in sorted(candidates):
            self._pair(at, twin)

    def pair_in_place(self, among: dict[int, tuple[int, int]], new_among: dict[int, tuple[int, int]]) -> None:
        """Pair each remaining variant with the only variant that has the same place, position in its group and names.

        `among` and `new_among` give the position of each variant in its group and the size of the group.
        """
        left = self._left_in_new()
        begins = [self.new.begins[twin] for twin in left]
        for at in self._left_in_old() if left else ():
            names = self.old.variants[at].head.names()
            if at not in among and not names:
                continue
            first, last = self.places.between(self.old.begins[at], self.old.untils[at])
            near = left[max(0, bisect_left(begins, first) - 1) : bisect_right(begins, last)][:TELLING]
            twins = [
                twin
                for twin in near
                if self._same_place(at, twin)
                and (self.old.variants[at].form is Form.OPTION) == (self.new.variants[twin].form is Form.OPTION)
                and not self.stands_bare(at, twin)
                and among.get(at) == new_among.get(twin)
                and names == self.new.variants[twin].head.names()
            ]
            if len(twins) == 1:
                self._pair(at, twins[0])

    def _left_in_old(self) -> list[int]:
        if len(self.pairs) == len(self.old.variants):
            return []
        left = [at for at in range(len(self.old.variants)) if at not in self.pairs and at not in self.ended]
        return [at for at in left if self.old.variants[at].depth <= DEEPEST]

    def _left_in_new(self) -> list[int]:
        taken = self.taken = set(self.pairs.values())
        if len(taken) == len(self.new.variants):
            return []
        return [
            at for at in range(len(self.new.variants)) if at not in taken and self.new.variants[at].depth <= DEEPEST
        ]

    def _same_place(self, at: int, twin: int) -> bool:
        first, last = self.places.between(self.old.begins[at], self.old.untils[at])
        return self.new.begins[twin] <= last and first <= self.new.untils[twin]

    def _pair(self, at: int, twin: int) -> bool:
        """Pair two variants if possible, and return whether they were paired.

        Variants at different places are not paired if the text of either remained at its place. If the texts of the two
        variants are identical, their inner variants are also paired.
        """
        if at in self.pairs or twin in self.taken:
            return False
        moved = not self._same_place(at, twin)
        if moved and self._stands(at, twin):
            return False
        self.pairs[at] = twin
        self.taken.add(twin)
        if moved:
            around, new_around = self.surroundings
            moved = around.common(at, new_around, twin) < _COMMON_AROUND  # otherwise, it is still in its sentence
        if moved:
            self.moved[at] = at
        if self.old.words(at) == self.new.words(twin):
            self._take_along(at, twin, moved)
        return True

    def _stands(self, at: int, twin: int) -> bool:
        """Return whether at least half of one of the variants is at the same place in both versions.

        This is the case if half of the old variant is still at its place, or if half of the new variant already was.
        """
        letters, twins = len(self.old.words(at)), len(self.new.words(twin))
        return self.stand[at] >= SAME * letters or self.stood[twin] >= SAME * twins

    def _take_along(self, at: int, twin: int, moved: bool) -> None:
        inners, twins = within(self.old, at), within(self.new, twin)
        for inner, inner_twin in zip(inners, twins, strict=False):
            if inner not in self.pairs and inner not in self.ended and inner_twin not in self.taken:
                self.pairs[inner] = inner_twin
                self.taken.add(inner_twin)
                if moved:
                    self.moved[inner] = at


def _in_runs(side: Survey, left: list[int]) -> defaultdict[tuple[int, str, str], list[int]]:
    """Return the variants in `left` that belong to a run, grouped by position in the run, by text and by head."""
    runs = {
        member.start: (number, side.tree.text[group.members[0].start : group.members[-1].end].casefold())
        for group in side.groups
        if group.relation is Relation.RUN and len(group.members) > 1
        for number, member in enumerate(group.members)
    }
    by_run: defaultdict[tuple[int, str, str], list[int]] = defaultdict(list)
    for at in left:
        bracket = side.variants[at].bracket
        if bracket is not None and bracket.start in runs and not side.variants[at].inside:
            by_run[*runs[bracket.start], str(sorted(side.variants[at].head.names()))].append(at)
    return by_run


def within(side: Survey, variant: int) -> range:
    """Return the indices of the variants inside `variant`, which directly follow its own index."""
    last = variant + 1
    while last < len(side.variants) and side.variants[last].begin < side.variants[variant].end:
        last += 1
    return range(variant + 1, last)
