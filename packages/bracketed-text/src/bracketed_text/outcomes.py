"""How variants end by an operation: known from what was done, not guessed from the words that are left.

An operation says which variants it means to end and how. What it does not mean to end must still be there in the text
that it gives, at the place to which its characters moved. `ended` checks this by reading both texts.
"""

from collections import Counter
from collections.abc import Mapping

from bracketed_text.alternatives import variants
from bracketed_text.events import Act
from bracketed_text.patches import Patch, inverse
from bracketed_text.tree import Tree

# For each variant that ended, the offset at which it began, and how; in order of the text.
Outcomes = tuple[tuple[int, Act], ...]


def within(tree: Tree, start: int, end: int, act: Act) -> dict[int, Act]:
    """Return `act` as the ending of every variant that begins in `text[start:end]`."""
    return {variant.begin: act for variant in variants(tree) if start <= variant.begin < end}


def ended(before: Tree, after: Tree, changes: Patch, meant: Mapping[int, Act]) -> tuple[Outcomes, bool]:
    """Return how each variant of `before` ended that is gone, and whether one is gone that was not `meant` to end.

    The words of such a one stay, but are no longer read as a variant: its bracket was lifted.
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
    """Return where those variants begin, within the brackets of `before` from `old` on, that `after` has in `new`.

    They stand there with the same words under the same head, within the bracket that took the others' place.
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
    """Return how the variants of `text` end by two edits after each other; `changes` are those of the first.

    What the first one opened and the later one ends was never in `text`. Where alternatives were merged and the
    bracket that took their place is dropped, they are.
    """
    back = inverse(text, changes)
    outcomes = dict(first)
    for place, act in later:
        origin = place_after(back, place)
        if origin is not None:
            outcomes.setdefault(origin, act)
        elif act is Act.DROPPED:
            start, end = _replaced(changes, back, place)
            outcomes |= {at: act for at, how in first if how is Act.MERGED and start <= at < end}
    return tuple(sorted(outcomes.items(), key=lambda outcome: outcome[0]))


def place_after(changes: Patch, offset: int) -> int | None:
    """Return where the character at `offset` stands once `changes` are made, or None where it is gone."""
    shift = 0
    for start, end, added in changes:
        if offset < start:
            break
        if offset < end:
            return None
        shift += len(added) - (end - start)
    return offset + shift


def _replaced(changes: Patch, back: Patch, place: int) -> tuple[int, int]:
    """Return from where to where those characters stood in whose place the one at `place` was added."""
    return next(
        (change.start, change.end)
        for change, undone in zip(changes, back, strict=True)
        if undone.start <= place < undone.end
    )
