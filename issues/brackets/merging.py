"""Two edits made on the same text, put together.

Operations on different brackets, and changes of base text in different places, combine. They conflict where

- both change the same characters, or characters that touch, unless both make the same change;
- both do something to the same bracket, whatever it is;
- one puts a bracket around words, or takes one away, and the other changes words that stand directly in it.

Then nothing is decided: each conflict holds what both made of the place.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from issues.brackets.comparison import Act, Comparison, Hunk, compare
from issues.brackets.parsing import parse
from issues.brackets.patches import Patch, Replacement, apply_patch
from issues.brackets.tree import Tree


class Conflict(NamedTuple):
    """A place, `base.text[start:end]`, that both changed: what stood there, and what each made of it."""

    start: int
    end: int
    base: str
    mine: str
    theirs: str


class Merge(NamedTuple):
    """Both edits together as `tree`, or, where that is None, the conflicts, in order of the text."""

    tree: Tree | None
    conflicts: tuple[Conflict, ...]


def merge(base: Tree, mine: Tree, theirs: Tree) -> Merge:
    """Return `mine` and `theirs`, both made on `base`, as one; which is which makes no difference to the text."""
    if mine.text == theirs.text or theirs.text == base.text:
        return Merge(mine, ())
    if mine.text == base.text:
        return Merge(theirs, ())
    one, other = _Side(base, mine), _Side(base, theirs)
    regions = _united(sorted(_regions(one, other)), (one, other))
    if not regions:
        tree = parse(apply_patch(base.text, _together(one, other)), base.register)
        known = {finding.code for side in (base, mine, theirs) for finding in side.errors}
        if all(finding.code in known for finding in tree.errors):
            return Merge(tree, ())
        regions = [(0, len(base.text))]
    return Merge(
        None,
        tuple(
            Conflict(start, end, base.text[start:end], one.made_of(start, end), other.made_of(start, end))
            for start, end in regions
        ),
    )


class _Side:
    """What one side did: its hunks, the base variants that it did something to, and the brackets put around words."""

    def __init__(self, base: Tree, changed: Tree) -> None:
        self.base = base
        self.comparison: Comparison = compare(base, changed)
        self.hunks: list[Hunk] = self.comparison.hunks
        self.starts = [hunk.start for hunk in self.hunks]
        self.touched: dict[int, tuple[int, int]] = {}
        opened: dict[int, tuple[int, int]] = {}
        for hunk in self.hunks:
            event = self.comparison.events[hunk.event]
            if event.old is not None:
                self.touched[event.old] = _hull(self.touched.get(event.old), hunk)
            elif event.act is Act.OPENED and event.new is not None:
                opened[event.new] = _hull(opened.get(event.new), hunk)
        self.opened = list(opened.values())

    def between(self, start: int, end: int) -> list[Hunk]:
        """Return the hunks that overlap or touch `start` to `end`."""
        at = bisect_left(self.starts, start)
        while at and self.hunks[at - 1].end >= start:
            at -= 1
        found = []
        while at < len(self.hunks) and self.hunks[at].start <= end:
            if self.hunks[at].end >= start:
                found.append(self.hunks[at])
            at += 1
        return found

    def made_of(self, start: int, end: int) -> str:
        """Return what this side made of `start` to `end`, which cuts no hunk."""
        parts: list[str] = []
        for hunk in self.between(start, end):
            parts += (self.base.text[start : hunk.start], hunk.text)
            start = hunk.end
        return "".join((*parts, self.base.text[start:end]))


def _hull(known: tuple[int, int] | None, hunk: Hunk) -> tuple[int, int]:
    return (min(known[0], hunk.start), max(known[1], hunk.end)) if known else (hunk.start, hunk.end)


def _together(one: _Side, other: _Side) -> Patch:
    """Return what both did, what is the same once; each side's own order is kept where it changed one place twice."""
    same = {hunk[:3] for hunk in one.hunks}
    more = [hunk for hunk in other.hunks if hunk[:3] not in same]
    return tuple(Replacement(*hunk[:3]) for hunk in sorted([*one.hunks, *more], key=lambda hunk: hunk.start))


def _regions(one: _Side, other: _Side) -> Iterator[tuple[int, int]]:
    """Yield the places at which both did something that does not combine."""
    for hunk in one.hunks:
        for rival in other.between(hunk.start, hunk.end):
            if hunk[:3] != rival[:3]:
                yield min(hunk.start, rival.start), max(hunk.end, rival.end)
    for variant in one.touched.keys() & other.touched.keys():
        ours, theirs = one.touched[variant], other.touched[variant]
        if one.between(*ours) != other.between(*theirs):
            yield min(ours[0], theirs[0]), max(ours[1], theirs[1])
    yield from _enclosed(one, other)
    yield from _enclosed(other, one)


def _enclosed(side: _Side, rival: _Side) -> Iterator[tuple[int, int]]:
    """Yield where `side` puts a bracket around words or takes one away, and `rival` changes words directly in it."""
    brackets = [variant.bracket for variant in side.comparison.old_variants if variant.bracket]
    ended = [
        side.touched[event.old]
        for event in side.comparison.events
        if event.act in (Act.LIFTED, Act.CHOSEN, Act.MERGED) and event.old is not None and event.old in side.touched
    ]
    for start, end in (*side.opened, *ended):
        for hunk in rival.between(start, end):
            if any(hunk[:3] == mine[:3] for mine in side.between(hunk.start, hunk.end)):
                continue
            # What happens in a bracket that stands within is that bracket's own affair.
            within = (one for one in brackets if start < one.start < hunk.start and hunk.end < one.end < end)
            if next(within, None) is None:
                yield min(start, hunk.start), max(end, hunk.end)


def _united(regions: list[tuple[int, int]], sides: tuple[_Side, _Side]) -> list[tuple[int, int]]:
    """Return `regions` as one where they overlap, each widened so that it cuts nothing that either side did."""
    found: list[tuple[int, int]] = []
    for start, end in regions:
        if found and start <= found[-1][1]:
            start, end = found[-1][0], max(end, found.pop()[1])
        widened = True
        while widened:
            hunks = [hunk for side in sides for hunk in side.between(start, end)]
            wide = min([start, *(hunk.start for hunk in hunks)]), max([end, *(hunk.end for hunk in hunks)])
            widened = wide != (start, end)
            start, end = wide
            while found and start <= found[-1][1]:
                start, end = min(start, found[-1][0]), max(end, found.pop()[1])
                widened = True
        found.append((start, end))
    return found
