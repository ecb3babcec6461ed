"""The effect of an entry on the text. It is derived from the entry's operations or, if there are none, by comparison.

An operation determines the outcome of each variant that it removes. Because the remaining wording does not always show
this outcome, it is stored with the entry (`Revision.performed`). The keys are positions in the text that the entry
follows. All data computed from the record later (the index, the history and the activity reports) use the stored
outcomes and are therefore consistent.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bracketed_text import Comparison, Tree, compare
from bracketed_text.advanced import Act
from issues.models import Revision

# The outcomes of variants. The keys are the positions of their first characters in the previous text.
Endings = Mapping[int, Act]


def endings_of(entry: Revision) -> dict[int, Act]:
    """Return the outcomes of the variants that an entry's operations ended.

    The keys are positions in the text that the entry follows.
    """
    return {at: Act(act) for at, act in (entry.performed or {}).get("outcomes", ())}


def performed_json(base: int, operations: list[dict[str, Any]], endings: Endings) -> dict[str, Any]:
    """Return the stored form of `operations` on the text of revision `base`, with the outcomes in `endings`."""
    outcomes = [[at, act.value] for at, act in sorted(endings.items())]
    return {"on": base, "operations": operations, "outcomes": outcomes}


def endings_in(endings: Endings, before: Tree, after: Tree) -> Endings:
    """Return `endings` with the positions in `before` replaced by the corresponding positions in `after`.

    Variants that `after` does not contain are omitted.
    """
    return {new: endings[old] for old, new in places_in(endings, before, after).items()}


def places_in(positions: Iterable[int], before: Tree, after: Tree) -> dict[int, int]:
    """Return the positions in `after` of the variants of `before` that begin at `positions`.

    The keys of the result are positions in `before`. Variants that `after` does not contain are omitted.
    """
    requested = set(positions)
    if not requested or before.text == after.text:
        return {position: position for position in requested}
    comparison = compare(before, after)
    pairs = (
        (comparison.old_variants[old].begin, comparison.new_variants[new].begin) for old, new in comparison.same.items()
    )
    return {old: new for old, new in pairs if old in requested}


def acting_in(revision: Revision) -> tuple[str, ...]:
    """Return a tuple that contains the code of the member in whose name `revision` was recorded.

    If it was not recorded in the name of a member, the tuple is empty.
    """
    return (revision.on_behalf_of.code,) if revision.on_behalf_of else ()


def compared(earlier: Revision | None, later: Revision, old: Tree, new: Tree) -> Comparison:
    """Return the comparison of two entries of one text, whose trees are `old` and `new`.

    `earlier` is None if `later` is the first entry. Recorded outcomes are used if `later` directly follows `earlier`.
    """
    follows = earlier is not None and earlier.number == later.follows_number
    return compare(old, new, endings_of(later) if follows else None)


def by_effect(entries: Iterable[Revision]) -> list[tuple[Revision, Revision]]:
    """Return the successive texts of a provision in order of date, each with the entry responsible for it.

    `entries` must be in numerical order. A late entry is placed according to its date. An entry that carries a late
    entry forward replaces the text in force on a later date. However, the entry that was responsible for the replaced
    text remains responsible.
    """
    line: list[tuple[Revision, Revision]] = []
    for entry in entries:
        end = bisect_right(line, entry.made_on, key=lambda pair: pair[0].made_on)
        if entry.carries_id is None:
            line.insert(end, (entry, entry))
        else:
            start = bisect_left(line, entry.made_on, key=lambda pair: pair[0].made_on)
            responsible = line[end - 1][1] if end else entry
            line[start:end] = [(entry, responsible)]
    return line


def in_effect(revisions: Iterable[Revision]) -> Iterator[Revision]:
    """Yield the revisions whose text was in effect at some time, beginning with the first.

    When a late entry is recorded, the later revisions are recorded again on the basis of its text. Of all these texts,
    only the last has been in effect.
    """
    waiting: Revision | None = None
    for index, revision in enumerate(revisions):
        if waiting is not None and (index == 1 or revision.carries_id is None):
            yield waiting
        waiting = revision
    if waiting is not None:
        yield waiting
