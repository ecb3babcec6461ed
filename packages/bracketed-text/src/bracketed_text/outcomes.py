"""How variants end by an operation: known from the operation itself, not guessed from the remaining words.

An operation states which variants it means to end, and how. All others must still be in the resulting text, at the
place to which their characters moved. `ended` verifies this by reading both texts.
"""

from collections import Counter
from collections.abc import Mapping

from bracketed_text.alternatives import variants
from bracketed_text.events import Act
from bracketed_text.patches import Patch, inverse
from bracketed_text.tree import Tree

# For each variant that ended: the offset at which it began, and how it ended; in order of the text.
Outcomes = tuple[tuple[int, Act], ...]


def within(tree: Tree, start: int, end: int, act: Act) -> dict[int, Act]:
    """Return `act` as the ending of every variant that begins in `text[start:end]`."""
    return {variant.begin: act for variant in variants(tree) if start <= variant.begin < end}


def ended(before: Tree, after: Tree, changes: Patch, meant: Mapping[int, Act]) -> tuple[Outcomes, bool]:
    """Return how each variant of `before` that is gone ended, and whether one that was not `meant` to end is gone.

    The words of such a variant remain but are no longer read as a variant: its bracket was lifted.
    """
    still_read = {variant.begin for variant in variants(after)}
    outcomes: list[tuple[int, Act]] = []
    unmeant = False
    for variant in variants(before):
        act = meant.get(variant.begin)
        if act is None and place_after(changes, variant.begin) not in still_read:
            act, unmeant = Act.LIFTED, True
        if act is not None:
            outcomes.append((variant.begin, act))
    return tuple(outcomes), unmeant


def written_again(before: Tree, after: Tree, old: tuple[int, int], new: tuple[int, int]) -> set[int]:
    """Return the starts of variants in the span `old` of `before` that occur again in the span `new` of `after`.

    They have the same words under the same head, inside the bracket that replaced the others.
    """
    written = Counter(
        (variant.words(after.text).strip(), variant.head.claims)
        for variant in variants(after)
        if new[0] < variant.begin < new[1]
    )
    if not written:
        return set()
    replaced = [variant for variant in variants(before) if old[0] <= variant.begin < old[1]]
    again = set()
    for variant in replaced:
        key = variant.words(before.text).strip(), variant.head.claims
        if variant.depth > replaced[0].depth and written[key]:
            written[key] -= 1
            again.add(variant.begin)
    return again


def composed(text: str, first: Outcomes, changes: Patch, later: Outcomes) -> Outcomes:
    """Return how the variants of `text` end by two consecutive edits; `changes` are those of the first.

    A variant opened by the first edit and ended by the second was never in `text`. If alternatives were merged and the
    resulting bracket is dropped, the alternatives count as dropped.
    """
    back = inverse(text, changes)
    outcomes = dict(first)
    for offset, act in later:
        origin = place_after(back, offset)
        if origin is not None:
            outcomes.setdefault(origin, act)
        elif act is Act.DROPPED:
            start, end = _replaced(changes, back, offset)
            outcomes |= {at: act for at, how in first if how is Act.MERGED and start <= at < end}
    return tuple(sorted(outcomes.items(), key=lambda outcome: outcome[0]))


def place_after(changes: Patch, offset: int) -> int | None:
    """Return the offset of a character after `changes`, or None if it is deleted."""
    shift = 0
    for start, end, added in changes:
        if offset < start:
            break
        if offset < end:
            return None
        shift += len(added) - (end - start)
    return offset + shift


def _replaced(changes: Patch, back: Patch, offset: int) -> tuple[int, int]:
    """Return the span of the characters that were replaced by the insertion at `offset`."""
    return next(
        (change.start, change.end)
        for change, undone in zip(changes, back, strict=True)
        if undone.start <= offset < undone.end
    )
