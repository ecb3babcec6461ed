"""Match variants: find the new variant that corresponds to each old variant.

The rules are applied in this order. A variant that has been matched is not examined again.

0. A variant that is wholly in a common block matches the variant at the corresponding place.
1. Two variants match if they share at least half of their characters (Dice coefficient: L. R. Dice, Ecology 26, 1945).
   The most similar pairs are matched first.
2. Two variants with the same words match if they are at the same place, have the same names, or have more than three
   words (or exactly three words that no other variant has). Shorter variants without names match if five of the words
   around them are also the same, or if their sentences are alike (`contexts`). In a run or choice of which a bracket is
   already matched, the other brackets match those with the same words, perhaps with a different ending (`siblings`).
3. Brackets whose marks are at the same place match even without common words, if both name the same member or neither
   names a member. They do not match if the text of either is base text in the other version: in that case, one bracket
   was lifted and the other opened.
4. Two variants match if they share at least five words and 70% of all their words.
5. A variant matches the only new variant that has the same place, names and position in its group.

Finally, variants of one or two words are separated if their sentences have almost nothing in common.

A variant that matches under rule 2 or 4 has moved, unless it is at the same place or was identified by the words around
it. Each step examines a bounded number of candidates for each variant, so matching costs no more than the alignment.
"""

from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from bracketed_text.alignment import Block
from bracketed_text.alternatives import Form
from bracketed_text.contexts import Contexts
from bracketed_text.exchanges import Exchanges
from bracketed_text.moving import SAME, Candidate, Moves, Places
from bracketed_text.siblings import pair_siblings
from bracketed_text.territory import BASE, Survey, Territory, divide, overlaps

# The likeness of an option and a bracket counts for less, by this factor, than that of two options or two brackets.
_LESS = 0.8


class Matching(NamedTuple):
    """The pairs of old and new variants, the variants that moved, and the places at which the old text is now.

    `moved` maps each old variant that moved to the outermost variant that moved with it. `kept[old, new]` is the number
    of characters of variant `old` that are now in variant `new`. Inner variants are not counted. `BASE` stands for base
    text. `displaced` contains the old variants whose original counterpart is now paired with another variant.
    """

    pairs: dict[int, int]
    moved: dict[int, int]
    kept: Counter[tuple[int, int]]
    places: Places
    displaced: set[int]


def match(
    old: Survey, new: Survey, blocks: list[Block], ended: Collection[int] = ()
) -> tuple[Matching, Territory, Territory]:
    """Return the matching, and the old and new texts divided among the variants that changed.

    `blocks` are the common blocks. The old variants in `ended` are known to have ended and remain unmatched.
    """
    pairs = _unchanged(old, new, blocks, ended)
    taken = set(pairs.values())
    old_territory = divide(old, [at for at in range(len(old.variants)) if at not in pairs])
    new_territory = divide(new, [at for at in range(len(new.variants)) if at not in taken])
    shared, kept, marks = _shared(old_territory, new_territory, blocks)
    sizes, new_sizes = _sizes(old_territory), _sizes(new_territory)
    moves = Moves(old_territory, new_territory, pairs, ended, blocks)
    moves.pair_at_start()
    _best_first(_alike(shared, old_territory, new_territory, (sizes, new_sizes)), pairs, ended)
    moves.count(old_territory, new_territory, kept, sizes, new_sizes)
    moves.pair_unchanged()
    moves.pair_in_same_words()
    exchanges = Exchanges(old, new, moves, ended)
    exchanges.make()
    contexts = Contexts(exchanges)
    exchanges.displaced |= contexts.pair() | pair_siblings(contexts, moves)
    marks = Counter({pair: size for pair, size in marks.items() if not moves.stands_bare(*pair)})
    _same_marks(old, new, marks, pairs, ended)
    moves.pair_reworded()
    moves.pair_in_runs()
    moves.pair_in_place(_places_in_groups(old), _places_in_groups(new))
    exchanges.make()
    if exchanges.displaced:
        moves.pair_in_runs()
    exchanges.displaced |= contexts.pair() | pair_siblings(contexts, moves)
    return (
        Matching(pairs, moves.moved, kept, moves.places, exchanges.displaced - pairs.keys()),
        old_territory,
        new_territory,
    )


def _unchanged(old: Survey, new: Survey, blocks: list[Block], ended: Collection[int]) -> dict[int, int]:
    """Return the pairs of variants that are wholly in a block, including their marks and separators."""
    pairs: dict[int, int] = {}
    places = {begin: at for at, begin in enumerate(new.begins)}
    waiting = iter(blocks)
    start, first, length = next(waiting, Block(0, 0, 0))
    for at, (begin, until) in enumerate(zip(old.begins, old.untils, strict=True)):
        while start + length < begin:
            block = next(waiting, None)
            if block is None:
                return pairs
            start, first, length = block
        if start <= begin and until <= start + length and at not in ended:
            twin = places.get(begin + first - start)
            if twin is None or new.untils[twin] != until + first - start:
                continue
            variant, twin_variant = old.variants[at], new.variants[twin]
            in_brackets = variant.bracket is not None and twin_variant.bracket is not None
            if variant.form is twin_variant.form or (in_brackets and variant.form is Form.OPTION):
                pairs[at] = twin
    return pairs


_Counts = Counter[tuple[int, int]]  # numbers of characters by old and new variant


def _shared(old: Territory, new: Territory, blocks: list[Block]) -> tuple[_Counts, _Counts, _Counts]:
    """Return three counts of the characters that each old variant shares with each new variant.

    The first count includes inner variants, the second excludes inner variants, and the third counts only marks.
    """
    own: _Counts = Counter()
    marks: _Counts = Counter()
    for old_stretch, new_stretch, size in overlaps(old.stretches, new.stretches, blocks):
        if old_stretch.owner == new_stretch.owner == BASE:
            continue
        if old_stretch.marks and new_stretch.marks:
            marks[old_stretch.owner, new_stretch.owner] += size
        elif not (old_stretch.marks or new_stretch.marks):
            own[old_stretch.owner, new_stretch.owner] += size
    return _with_all_around(old, new, own), own, marks


def _with_all_around(old: Territory, new: Territory, own: Counter[tuple[int, int]]) -> Counter[tuple[int, int]]:
    """Return `own`, with each shared character also counted for all surrounding variants."""
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


def _sizes(side: Territory) -> list[int]:
    """Return the number of characters of each variant, including its inner variants but excluding marks."""
    total = [0] * len(side.parents)
    for start, end, owner, marks in side.stretches:
        if owner != BASE and not marks:
            total[owner] += end - start
    for variant in range(len(total) - 1, -1, -1):  # inner variants have higher indices
        if side.parents[variant] != BASE:
            total[side.parents[variant]] += total[variant]
    return total


def _alike(
    shared: Counter[tuple[int, int]], old_territory: Territory, new_territory: Territory, sizes: tuple[list[int], ...]
) -> list[Candidate]:
    """Return the pairs that share at least half of their characters.

    A labelled option has about the same text as the bracket that fills it, so that two options or two brackets come
    before an option and a bracket.
    """
    old_sizes, new_sizes = sizes
    ours, theirs = old_territory.survey.variants, new_territory.survey.variants
    candidates = []
    for (old, new), size in shared.items():
        likeness = 2 * size / (old_sizes[old] + new_sizes[new])
        if likeness >= SAME:
            differ = (ours[old].bracket is None) is not (theirs[new].bracket is None)
            candidates.append((-likeness * (_LESS if differ else 1), -size, old, new))
    return candidates


def _best_first(candidates: list[Candidate], pairs: dict[int, int], ended: Collection[int]) -> None:
    """Add the candidates to `pairs`, starting with the best candidate.

    Variants that are already paired or have ended are skipped.
    """
    taken = set(pairs.values())
    candidates.sort()
    for _, _, old, new in candidates:
        if old not in pairs and new not in taken and old not in ended:
            pairs[old] = new
            taken.add(new)


def _places_in_groups(side: Survey) -> dict[int, tuple[int, int]]:
    """Return the position of each variant in its group, and the size of the group.

    The keys are the indices of the variants.
    """
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
    """Pair the brackets whose marks are at the same place in both texts."""
    candidates: list[Candidate] = []
    among, new_among = _places_in_groups(old), _places_in_groups(new)
    for (old_variant, new_variant), size in marks.items():
        if (
            old_variant not in pairs
            and old_variant != BASE
            and new_variant != BASE
            and among.get(old_variant) == new_among.get(new_variant)
        ):
            names, twins = old.variants[old_variant].head.names(), new.variants[new_variant].head.names()
            if names & twins or not (names or twins or size < 2):
                candidates.append((0.0, -size, old_variant, new_variant))
    _best_first(candidates, pairs, ended)
