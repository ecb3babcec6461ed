"""Merge two edits of the same text.

Changes to different brackets are combined, and so are changes to base text at different places. Two changes conflict in
any of the following cases:

- Both change the same characters, or adjacent characters, and the changes differ.
- Both change adjacent words of base text. For example, one replaces “shall” by “may”, and the other by “shall not”.
- Both change the same bracket in different ways.
- One encloses text in a bracket or removes the bracket around it, and the other changes text directly inside.
- Together they result in an error, such as crossing brackets.

A conflict concerns a whole unit, such as the two marks of a bracket, a rewording at several places, or text that moved.
The unit is always taken from one side. The result includes all changes that do not conflict, regardless of the side
that is taken:

    >>> from bracketed_text import Register, merge, parse
    >>> from bracketed_text.advanced import Side
    >>> base, mine, theirs = (
    ...     parse(text, Register())
    ...     for text in ("Each Member shall act.", "Every Member may act.", "Each Member must act at once.")
    ... )
    >>> merged = merge(base, mine, theirs)
    >>> [(conflict.base, conflict.mine, conflict.theirs) for conflict in merged.conflicts]
    [('shall', 'may', 'must')]
    >>> merged.text([Side.MINE]), merged.text([Side.THEIRS])
    ('Every Member may act at once.', 'Every Member must act at once.')
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from bracketed_text.comparison import compare
from bracketed_text.events import Act, Comparison, Hunk
from bracketed_text.parsing import parse
from bracketed_text.patches import Replacement, apply_patch
from bracketed_text.tree import Tree

# The number of attempts to resolve errors by turning nearby changes into conflicts. After that, all changes become one
# conflict.
_MOST_REPAIRS = 8


class Side(Enum):
    """The side whose text is taken at a conflict."""

    MINE = "mine"
    THEIRS = "theirs"


class Conflict(NamedTuple):
    """A span, `base.text[start:end]`, in which the two edits conflict.

    The conflict contains the original text and the result of each edit. These three texts exclude changes in the span
    that are not part of the conflict.
    """

    start: int
    end: int
    base: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Merge:
    """The result of a merge.

    `tree` is the merged text, or None if there are conflicts. `conflicts` contains the conflicts in text order.
    """

    tree: Tree | None
    conflicts: tuple[Conflict, ...] = ()
    base: str = ""
    # The replacements that do not conflict, and, for each conflict, the replacements of each side.
    combined: tuple[Replacement, ...] = ()
    clashes: tuple[dict[Side, tuple[Replacement, ...]], ...] = ()

    def text(self, taken: Sequence[Side]) -> str:
        """Return the text with all changes that do not conflict and, for each conflict, the side given in `taken`."""
        if self.tree is not None:
            return self.tree.text
        chosen = [change for clash, side in zip(self.clashes, taken, strict=True) for change in clash[side]]
        return apply_patch(self.base, _in_order([*self.combined, *chosen]))


def merge(base: Tree, mine: Tree, theirs: Tree) -> Merge:
    """Return the result of merging `mine` and `theirs`, which are both edits of `base`.

    Exchanging `mine` and `theirs` does not change the merged text.
    """
    if mine.text == theirs.text or theirs.text == base.text:
        return Merge(mine)
    if mine.text == base.text:
        return Merge(theirs)
    return _Merging(base, mine, theirs).merged()


def retaken(merged: Merge, edited: Tree, before: Sequence[Side], after: Sequence[Side]) -> str:
    """Return `edited` with the sides in `after` taken instead of those in `before`.

    `edited` was derived from `merged.text(before)`, and all other edits in it remain. At a conflict whose side changes,
    the text of the new side replaces the present text.
    """
    was, becomes = (parse(merged.text(sides), edited.register) for sides in (before, after))
    again = merge(was, edited, becomes)
    return again.text([Side.THEIRS] * len(again.conflicts))


class _Edits:
    """The hunks of one side, grouped by event, by variant of the base, and by the bracket that the hunks open."""

    def __init__(self, base: Tree, changed: Tree) -> None:
        self.comparison: Comparison = compare(base, changed)
        self.hunks: list[Hunk] = self.comparison.hunks
        self.starts = [hunk.start for hunk in self.hunks]
        self.changes = {hunk[:3] for hunk in self.hunks}
        self.by_event: dict[int, list[int]] = {}
        self.touched: dict[int, list[int]] = {}
        opened: dict[int, list[int]] = {}
        for index, hunk in enumerate(self.hunks):
            event = self.comparison.events[hunk.event]
            if event.act is not Act.RESPELLED:
                self.by_event.setdefault(hunk.event, []).append(index)
            if event.old is not None:
                self.touched.setdefault(event.old, []).append(index)
            elif event.act is Act.OPENED and event.new is not None:
                opened.setdefault(event.new, []).append(index)
        self.opened = list(opened.values())
        self.surplus = [_surplus(hunk.text) - _surplus(base.text[hunk.start : hunk.end]) for hunk in self.hunks]

    def bound_together(self) -> Iterator[list[int]]:
        """Yield the groups of hunks that form a unit.

        Such a group consists of the hunks of an event, of adjacent hunks, or of the marks of a bracket. For adjacent
        brackets, the comparison may report that a different mark was removed than the one intended. If the hunks of an
        event open and close different numbers of brackets, they are grouped with the hunks that restore the balance.
        """
        uneven = set(range(len(self.hunks))) - {index for indices in self.by_event.values() for index in indices}
        for indices in self.by_event.values():
            yield indices
            if sum(self.surplus[index] for index in indices):
                uneven.update(indices)
        for index in range(1, len(self.hunks)):
            if self.hunks[index - 1].end == self.hunks[index].start:
                yield [index - 1, index]
        open_marks, members = 0, list[int]()
        for index in sorted(uneven):
            if self.surplus[index]:
                members.append(index)
                open_marks += self.surplus[index]
                if not open_marks:
                    yield members
                    members = []
        if members:
            yield members

    def near(self, start: int, end: int) -> Iterator[int]:
        """Yield the indices of the hunks that overlap or touch the span from `start` to `end`."""
        index = bisect_left(self.starts, start)
        while index and self.hunks[index - 1].end >= start:
            index -= 1
        while index < len(self.hunks) and self.hunks[index].start <= end:
            if self.hunks[index].end >= start:
                yield index
            index += 1

    def is_base_text(self, index: int) -> bool:
        """Return whether a hunk changes words outside brackets."""
        return self.comparison.events[self.hunks[index].event].act is Act.BASE_TEXT

    def said_of(self, variant: int) -> set[tuple[int, int, str]]:
        """Return the changes that this side made to a variant of the base."""
        return {self.hunks[index][:3] for index in self.touched[variant]}


class _Merging:
    """The hunks of both sides, grouped into units, some of which conflict.

    A hunk is identified by its index. The indices of `theirs` follow those of `mine`.
    """

    def __init__(self, base: Tree, mine: Tree, theirs: Tree) -> None:
        self.base = base
        self.known = {finding.code for side in (base, mine, theirs) for finding in side.errors}
        self.mine, self.theirs = _Edits(base, mine), _Edits(base, theirs)
        self.behind = len(self.mine.hunks)
        self.parent = list(range(self.behind + len(self.theirs.hunks)))
        self.conflicting: set[int] = set()
        self._gather()

    def merged(self) -> Merge:
        """Return the merge. If the result contains a new error, the changes next to the error become a conflict."""
        for attempt in range(_MOST_REPAIRS + 2):
            merge = self._parted()
            sides = tuple(Side) if merge.conflicts else (Side.MINE,)
            trees = {side: parse(merge.text([side] * len(merge.conflicts)), self.base.register) for side in sides}
            everything = attempt == _MOST_REPAIRS
            if not any(self._separate(merge, side, tree, everything=everything) for side, tree in trees.items()):
                break
        return merge if merge.conflicts else Merge(trees[Side.MINE])

    def _gather(self) -> None:
        for offset, side in ((0, self.mine), (self.behind, self.theirs)):
            for indices in side.bound_together():
                self._join([offset + index for index in indices])
        self._meet_at_places()
        for variant in self.mine.touched.keys() & self.theirs.touched.keys():
            if self.mine.said_of(variant) != self.theirs.said_of(variant):
                theirs = [self.behind + index for index in self.theirs.touched[variant]]
                self._join([*self.mine.touched[variant], *theirs], conflict=True)
        for members in (
            *self._enclosed(0, self.mine, self.theirs),
            *self._enclosed(self.behind, self.theirs, self.mine),
        ):
            self._join(members, conflict=True)

    def _meet_at_places(self) -> None:
        """Record the changes that the two sides made at the same place or next to each other."""
        for index, hunk in enumerate(self.mine.hunks):
            for rival in self.theirs.near(hunk.start, hunk.end):
                self._meet(index, rival)
            if self.mine.is_base_text(index):
                for rival in self.theirs.near(*_with_blanks(self.base.text, hunk)):
                    if self.theirs.is_base_text(rival):
                        self._meet(index, rival)

    def _meet(self, index: int, rival: int) -> None:
        """Record that a hunk of `mine` and a hunk of `theirs` overlap or touch."""
        mine, theirs = self.mine.hunks[index][:3], self.theirs.hunks[rival][:3]
        if mine == theirs:
            self._join([index, self.behind + rival])
        elif not (mine in self.theirs.changes and theirs in self.mine.changes):
            self._join([index, self.behind + rival], conflict=True)

    def _enclosed(self, offset: int, side: _Edits, rival: _Edits) -> Iterator[list[int]]:
        """Yield lists of hunks that conflict because `side` changes the bracket around text that `rival` changes.

        `side` either encloses the text or removes the bracket around it. Changes inside an inner bracket do not
        conflict.
        """
        brackets = [variant.bracket for variant in side.comparison.old_variants if variant.bracket]
        ended = [
            side.touched[event.old]
            for event in side.comparison.events
            if event.act in (Act.LIFTED, Act.CHOSEN, Act.MERGED) and event.old is not None and event.old in side.touched
        ]
        for members in (*side.opened, *ended):
            start = min(side.hunks[index].start for index in members)
            end = max(side.hunks[index].end for index in members)
            for index in rival.near(start, end):
                hunk = rival.hunks[index]
                if hunk[:3] in side.changes:
                    continue
                # A change inside an inner bracket affects only that bracket.
                within = (
                    bracket
                    for bracket in brackets
                    if start < bracket.start < hunk.start and hunk.end < bracket.end < end
                )
                if next(within, None) is None:
                    yield [*(offset + own for own in members), self.behind - offset + index]

    def _join(self, members: Sequence[int], *, conflict: bool = False) -> None:
        first = self._root(members[0])
        for member in members[1:]:
            root = self._root(member)
            if root != first:
                self.parent[root] = first
                if root in self.conflicting:
                    self.conflicting.add(first)
        if conflict:
            self.conflicting.add(first)

    def _root(self, member: int) -> int:
        while self.parent[member] != member:
            self.parent[member] = self.parent[self.parent[member]]
            member = self.parent[member]
        return member

    def _parted(self) -> Merge:
        """Return the merge that results from the current units.

        Its tree is always None, even if there is no conflict.
        """
        clashes: dict[int, dict[Side, list[Replacement]]] = {}
        combined: list[Replacement] = []
        for member in range(len(self.parent)):
            side = Side.MINE if member < self.behind else Side.THEIRS
            change = Replacement(*self._hunk(member)[:3])
            root = self._root(member)
            if root in self.conflicting:
                clashes.setdefault(root, {Side.MINE: [], Side.THEIRS: []})[side].append(change)
            elif side is Side.MINE or change not in self.mine.changes:
                combined.append(change)
        different = []
        for clash in sorted(clashes.values(), key=_extent):
            conflict = self._conflict(clash)
            if conflict.mine == conflict.theirs:
                combined += clash[Side.MINE]
            else:
                different.append((conflict, {side: tuple(changes) for side, changes in clash.items()}))
        return Merge(
            None,
            tuple(conflict for conflict, _ in different),
            self.base.text,
            tuple(combined),
            tuple(clash for _, clash in different),
        )

    def _conflict(self, clash: dict[Side, list[Replacement]]) -> Conflict:
        start, end = _extent(clash)
        text = self.base.text[start:end]
        mine, theirs = (
            apply_patch(text, tuple(Replacement(at - start, to - start, added) for at, to, added in _in_order(changes)))
            for changes in (clash[Side.MINE], clash[Side.THEIRS])
        )
        return Conflict(start, end, text, mine, theirs)

    def _hunk(self, member: int) -> Hunk:
        return self.mine.hunks[member] if member < self.behind else self.theirs.hunks[member - self.behind]

    def _separate(self, merge: Merge, side: Side, tree: Tree, *, everything: bool) -> bool:
        """Turn the changes of both sides next to the errors of `tree` into conflicts.

        `tree` is the merged text with `side` taken at each conflict. If `everything` is true, all changes become a
        single conflict. Return False if there is no new error, or if all changes already conflict.
        """
        errors = [finding.start for finding in tree.errors if finding.code not in self.known]
        if not errors or all(self._root(member) in self.conflicting for member in range(len(self.parent))):
            return False
        if everything:
            self._join(range(len(self.parent)), conflict=True)
            return True
        changes = _in_order([*merge.combined, *(change for clash in merge.clashes for change in clash[side])])
        for offset in errors:
            before = _before(offset, changes)
            self._join(
                [self._nearest(before, 0, self.mine), self._nearest(before, self.behind, self.theirs)], conflict=True
            )
        return True

    def _nearest(self, position: int, offset: int, side: _Edits) -> int:
        """Return the index of the hunk of `side` nearest to `position`, preferring hunks without a conflict."""
        free = [index for index in range(len(side.hunks)) if self._root(offset + index) not in self.conflicting]

        def distance(index: int) -> int:
            hunk = side.hunks[index]
            return max(hunk.start - position, position - hunk.end, 0)

        return offset + min(free or range(len(side.hunks)), key=distance)


def _with_blanks(text: str, hunk: Hunk) -> tuple[int, int]:
    """Return the span of a hunk, extended by the blanks next to it."""
    start, end = hunk.start, hunk.end
    while start and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t":
        end += 1
    return start, end


def _surplus(text: str) -> int:
    """Return the number of opening marks in `text` minus the number of closing marks."""
    return text.count("[") - text.count("]")


def _in_order(changes: Iterable[Replacement]) -> tuple[Replacement, ...]:
    """Return `changes` in text order. Changes at the same place remain in their original order."""
    return tuple(sorted(changes, key=lambda change: change.start))


def _extent(clash: dict[Side, list[Replacement]]) -> tuple[int, int]:
    changes = [change for side in clash.values() for change in side]
    return min(change.start for change in changes), max(change.end for change in changes)


def _before(offset: int, changes: Iterable[Replacement]) -> int:
    """Return the offset in the base that corresponds to `offset` in the changed text."""
    shift = 0
    for start, end, added in changes:
        if start + shift + len(added) > offset:
            return min(max(offset - shift, start), end) if start + shift <= offset else offset - shift
        shift += len(added) - (end - start)
    return offset - shift
