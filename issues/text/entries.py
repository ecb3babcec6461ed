"""What one entry did to the text that it changed: by its operations, where it was made by some, else by comparison.

An operation knows how each variant ends that it takes away; the words that are left do not tell. What it knew is stored
with the entry, by place in the text that the entry follows, so that whatever is computed from the record later says the
same: the index, the history, the activity.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

from bracketed_text import Comparison, Tree, compare
from bracketed_text.advanced import Act
from issues.models import Revision

Endings = Mapping[int, Act]


def endings_of(entry: Revision) -> dict[int, Act]:
    """Return how variants ended by the operations of an entry, by place in the text that it follows."""
    return {at: Act(how) for at, how in (entry.performed or {}).get("outcomes", ())}


def performed_json(base: int, operations: list[dict[str, Any]], endings: Endings) -> dict[str, Any]:
    """Return what is stored of `operations`, done on the text of revision `base`, and of what they ended."""
    outcomes = [[at, act.value] for at, act in sorted(endings.items())]
    return {"on": base, "operations": operations, "outcomes": outcomes}


def endings_in(endings: Endings, before: Tree, after: Tree) -> Endings:
    """Return by place in `after` what `endings` say by place in `before`, of the variants that stand in both."""
    return {place: endings[at] for at, place in places_in(endings, before, after).items()}


def places_in(places: Iterable[int], before: Tree, after: Tree) -> dict[int, int]:
    """Return where those variants begin in `after` that begin at `places` in `before`, by these places."""
    sought = set(places)
    if not sought or before.text == after.text:
        return {at: at for at in sought}
    found = compare(before, after)
    begins = ((found.old_variants[old].begin, found.new_variants[new].begin) for old, new in found.same.items())
    return {at: place for at, place in begins if at in sought}


def acting_in(revision: Revision) -> tuple[str, ...]:
    """Return the code of the member in whose name `revision` was recorded, if any."""
    return (revision.on_behalf_of.code,) if revision.on_behalf_of else ()


def compared(earlier: Revision | None, later: Revision, old: Tree, new: Tree) -> Comparison:
    """Return what changed between two entries of one text, which say `old` and `new`; None is before the first."""
    follows = earlier is not None and earlier.number == later.follows_number
    return compare(old, new, endings_of(later) if follows else None)


def by_effect(entries: Iterable[Revision]) -> list[tuple[Revision, Revision]]:
    """Return the texts of one provision as they stood after each other, each with the entry on whose account it is.

    `entries` are in order of their numbers. A late one stands on its day. What carries it forward takes the place of
    what stood at the end of a later day, and is on the account of the entry that had made that.
    """
    line: list[tuple[Revision, Revision]] = []
    for entry in entries:
        behind = bisect_right(line, entry.made_on, key=lambda pair: pair[0].made_on)
        if entry.carries_id is None:
            line.insert(behind, (entry, entry))
        else:
            first = bisect_left(line, entry.made_on, key=lambda pair: pair[0].made_on)
            account = line[behind - 1][1] if behind else entry
            line[first:behind] = [(entry, account)]
    return line
