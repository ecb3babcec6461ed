"""How an entry in the record changed its text, derived from the entry's operations or, if it has none, by comparison.

An operation determines how each variant that it removes ends; the remaining words do not always show this. These
outcomes are stored with the entry (`Revision.performed`), by position in the text that the entry follows. Everything
computed from the record later (index, history, activity) uses the stored outcomes and is therefore consistent.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from bracketed_text import Comparison, Tree, compare
from bracketed_text.advanced import Act
from issues.models import Revision

# How variants ended, by the position of their first character in the previous text.
Endings = Mapping[int, Act]


def endings_of(entry: Revision) -> dict[int, Act]:
    """Return how variants ended by the operations of an entry, by position in the text that it follows."""
    return {at: Act(act) for at, act in (entry.performed or {}).get("outcomes", ())}


def performed_json(base: int, operations: list[dict[str, Any]], endings: Endings) -> dict[str, Any]:
    """Return the stored form of `operations` on the text of revision `base`, and of the variants that they ended."""
    outcomes = [[at, act.value] for at, act in sorted(endings.items())]
    return {"on": base, "operations": operations, "outcomes": outcomes}


def endings_in(endings: Endings, before: Tree, after: Tree) -> Endings:
    """Return `endings`, given by position in `before`, by position in `after`, for the variants that both contain."""
    return {new: endings[old] for old, new in places_in(endings, before, after).items()}


def places_in(positions: Iterable[int], before: Tree, after: Tree) -> dict[int, int]:
    """Return, for each of `positions` at which a variant of `before` begins, where that variant begins in `after`.

    Variants that `after` does not contain are left out.
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
    """Return the code of the member in whose name `revision` was recorded, as a tuple of one or none."""
    return (revision.on_behalf_of.code,) if revision.on_behalf_of else ()


def compared(earlier: Revision | None, later: Revision, old: Tree, new: Tree) -> Comparison:
    """Return the comparison of two entries of one text, whose trees are `old` and `new`.

    `earlier` is None for the first entry. Recorded endings are used if `later` follows `earlier` directly.
    """
    follows = earlier is not None and earlier.number == later.follows_number
    return compare(old, new, endings_of(later) if follows else None)


def by_effect(entries: Iterable[Revision]) -> list[tuple[Revision, Revision]]:
    """Return the successive texts of one provision in the order of their days, each with the entry responsible for it.

    `entries` are in the order of their numbers. A late entry takes its place by its date. An entry that carries it
    forward replaces the text that was in force at the end of a later day; the entry responsible for the replaced text
    remains responsible.
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
