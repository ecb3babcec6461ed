"""Which variant of the old version is which of the new one.

The rule, in this order; a variant that is matched is not looked at again:
0. A variant that stands wholly in a block that both texts have in common is the one that stands there.
1. Two variants match that share words at the same place: at least half of the letters of both (Dice coefficient,
   L. R. Dice, Ecology 26, 1945) stand in blocks that the alignment of both texts calls the same. Best first.
2. A variant whose words stand in another place has moved: the same words, three at least, or fewer under the
   same names; or any, where five words around are the same too, in another sentence or beside another neighbour.
3. Brackets whose marks stand at the same place match although they share no words, where the same member is named
   in both, or nobody in either; not where the words of one are base text of the other version, for then the one was
   lifted and the other opened.
4. What is left has moved and is reworded where half of its words (five at least) are the same.

The cost is that of the alignment; each step looks at a bounded number of candidates for each variant.
"""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from bracketed_text.alignment import Block
from bracketed_text.alternatives import Form
from bracketed_text.moving import SAME, Candidate, Moves, Places
from bracketed_text.territory import BASE, Survey, Territory, divide


class Matching(NamedTuple):
    """Pairs of old and new variants; which of them moved; and where the words of each old one went.

    `moved` gives for each old variant that moved the outermost one that took it along. `kept[old, new]` counts
    the letters of old words that stand in the words of new, `BASE` for base text.
    """

    pairs: dict[int, int]
    moved: dict[int, int]
    kept: Counter[tuple[int, int]]
    places: Places


def match(
    one: Survey, other: Survey, blocks: list[Block], ended: Collection[int] = ()
) -> tuple[Matching, Territory, Territory]:
    """Return which variant of `one` is which of `other`, and both texts divided among those that are not unchanged.

    `blocks` are what both texts have in common. Variants of `one` that are known to have `ended` match nothing.
    """
    pairs = _unchanged(one, other, blocks, ended)
    taken = set(pairs.values())
    old = divide(one, [at for at in range(len(one.variants)) if at not in pairs])
    new = divide(other, [at for at in range(len(other.variants)) if at not in taken])
    shared, kept, marks = _shared(old, new, blocks)
    letters, new_letters = _letters(old), _letters(new)
    _best_first(_alike(shared, letters, new_letters), pairs, ended)
    moves = Moves(old, new, pairs, ended, blocks)
    moves.count(old, new, kept, letters, new_letters)
    moves.pair_unchanged()
    moves.pair_in_same_words()
    marks = Counter({pair: size for pair, size in marks.items() if not moves.stands_bare(*pair)})
    _same_marks(one, other, marks, pairs, ended)
    moves.pair_reworded()
    moves.pair_in_place(_places_in_groups(one), _places_in_groups(other))
    return Matching(pairs, moves.moved, kept, moves.places), old, new


def _unchanged(one: Survey, other: Survey, blocks: list[Block], ended: Collection[int]) -> dict[int, int]:
    """Pair the variants that stand wholly in a block, marks and separator included."""
    pairs: dict[int, int] = {}
    places = {begin: at for at, begin in enumerate(other.begins)}
    waiting = iter(blocks)
    start, first, length = next(waiting, Block(0, 0, 0))
    for at, (begin, until) in enumerate(zip(one.begins, one.untils, strict=True)):
        while start + length < begin:
            block = next(waiting, None)
            if block is None:
                return pairs
            start, first, length = block
        if start <= begin and until <= start + length and at not in ended:
            twin = places.get(begin + first - start)
            if twin is None or other.untils[twin] != until + first - start:
                continue
            variant, twin_variant = one.variants[at], other.variants[twin]
            in_brackets = variant.bracket is not None and twin_variant.bracket is not None
            if variant.form is twin_variant.form or (in_brackets and variant.form is Form.OPTION):
                pairs[at] = twin
    return pairs


def _shared(
    old: Territory, new: Territory, blocks: list[Block]
) -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]], Counter[tuple[int, int]]]:
    """Return how many letters each old and new variant share: with all within, of their own words, of their marks."""
    own: Counter[tuple[int, int]] = Counter()
    marks: Counter[tuple[int, int]] = Counter()
    one = other = 0
    _, here_end, here_owner, here_marks = old.stretches[0] if old.stretches else (0, 0, BASE, False)
    _, there_end, there_owner, there_marks = new.stretches[0] if new.stretches else (0, 0, BASE, False)
    for start, first, length in blocks:
        end, offset = start + length, first - start
        while start < end:
            while here_end <= start:
                one += 1
                _, here_end, here_owner, here_marks = old.stretches[one]
            while there_end <= start + offset:
                other += 1
                _, there_end, there_owner, there_marks = new.stretches[other]
            until = min(end, here_end, there_end - offset)
            if here_owner != BASE or there_owner != BASE:
                if not (here_marks or there_marks):
                    own[here_owner, there_owner] += until - start
                elif here_marks and there_marks:
                    marks[here_owner, there_owner] += until - start
            start = until
    return _with_all_around(old, new, own), own, marks


def _with_all_around(old: Territory, new: Territory, own: Counter[tuple[int, int]]) -> Counter[tuple[int, int]]:
    """Return `own` with what variants share counted for all around them as well."""
    whole: Counter[tuple[int, int]] = Counter()
    for (inner, inner_twin), size in own.items():
        if inner == BASE or inner_twin == BASE:
            continue
        if old.parents[inner] == new.parents[inner_twin] == BASE:
            whole[inner, inner_twin] += size
            continue
        for outer in old.ancestry(inner):
            for twin in new.ancestry(inner_twin):
                whole[outer, twin] += size
    return whole


def _letters(side: Territory) -> list[int]:
    """Return how many letters the words of each variant have, with all within."""
    total = [0] * len(side.parents)
    for start, end, owner, marks in side.stretches:
        if owner != BASE and not marks:
            total[owner] += end - start
    for variant in range(len(total) - 1, -1, -1):  # what stands within comes later
        if side.parents[variant] != BASE:
            total[side.parents[variant]] += total[variant]
    return total


def _alike(shared: Counter[tuple[int, int]], one: list[int], other: list[int]) -> list[Candidate]:
    """Return those that share enough."""
    found = []
    for (old, new), size in shared.items():
        likeness = 2 * size / (one[old] + other[new])
        if likeness >= SAME:
            found.append((-likeness, -size, old, new))
    return found


def _best_first(candidates: list[Candidate], pairs: dict[int, int], ended: Collection[int]) -> None:
    """Pair the best candidates with each other."""
    taken = set(pairs.values())
    candidates.sort()
    for _, _, old, new in candidates:
        if old not in pairs and new not in taken and old not in ended:
            pairs[old] = new
            taken.add(new)


def _places_in_groups(side: Survey) -> dict[int, tuple[int, int]]:
    """Return for each variant that stands beside others which one of how many it is."""
    at = {variant.begin: number for number, variant in enumerate(side.variants)}
    return {
        at[member.start]: (number, len(group.members))
        for group in side.groups
        for number, member in enumerate(group.members)
        if member.start in at and len(group.members) > 1
    }


def _same_marks(
    old: Survey, new: Survey, marks: Counter[tuple[int, int]], pairs: dict[int, int], ended: Collection[int]
) -> None:
    """Pair the brackets whose marks stand at the same place."""
    candidates: list[Candidate] = []
    among, new_among = _places_in_groups(old), _places_in_groups(new)
    for (one, other), size in marks.items():
        if one not in pairs and one != BASE and other != BASE and among.get(one) == new_among.get(other):
            names, twins = old.variants[one].head.names(), new.variants[other].head.names()
            if names & twins or not (names or twins or size < 2):
                candidates.append((0.0, -size, one, other))
    _best_first(candidates, pairs, ended)
