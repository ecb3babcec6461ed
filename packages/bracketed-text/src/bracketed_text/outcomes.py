"""Record the variants that an operation ends. The operation declares the endings, so they need not be inferred.

An operation declares the intended ending of each variant that it is meant to end. All other variants must still be in
the resulting text, at the offsets to which their characters moved. `ended` verifies this by parsing both texts.
"""

from collections import Counter
from collections.abc import Mapping

from bracketed_text.alternatives import variants
from bracketed_text.events import Act
from bracketed_text.patches import Patch, inverse
from bracketed_text.tree import Tree

# The offset at which each ended variant began, and its ending, in text order.
Outcomes = tuple[tuple[int, Act], ...]


def within(tree: Tree, start: int, end: int, act: Act) -> dict[int, Act]:
    """Return a mapping that gives `act` as the ending of every variant that begins in `text[start:end]`."""
    return {variant.begin: act for variant in variants(tree) if start <= variant.begin < end}


def ended(before: Tree, after: Tree, changes: Patch, meant: Mapping[int, Act]) -> tuple[Outcomes, bool]:
    """Return the endings of the variants of `before`, and whether any variant outside `meant` ended.

    If a variant outside `meant` ended, its text remains but is no longer recognised as a variant. Its bracket therefore
    counts as lifted.
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
    """Return the starts of those variants in the span `old` of `before` that occur again in the span `new` of `after`.

    Such a variant has the same text and head as before, and is inside the bracket that replaced the outer variants.
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
    """Return the endings of the variants of `text` after two consecutive edits.

    `changes` are the changes of the first edit. A variant that the first edit opened and the second edit ended is left
    out, because it was never in `text`. If alternatives were merged and the resulting bracket was dropped, the
    alternatives count as dropped.
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
    """Return the offset to which `changes` move the character at `offset`, or None if they delete it."""
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
