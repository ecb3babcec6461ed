"""Check that a member changes only what is its own.

A member may take, change and withdraw its positions, insert words in brackets under its name, and reword a bracket that
it alone proposes. So the text without the member (`foreign`) must stay the same:

- A bracket that only the member proposes disappears with its words, unless others have taken positions within it.
- The "/" or "or" that makes this bracket an alternative disappears with it, and so does its line if it is alone on it.
- Brackets at which only the member takes another position may appear anywhere. Only those that it opened itself may
  disappear: in others, the words were contested before, and remain so when the last name is gone.
- Next to other names, only the member's name disappears; the rest of the head stays as written.
- The relations among others' brackets (alternatives, mirror pair, options) stay. The member's own bracket must not
  split a run, take words from an option or turn base text into an alternative.
- Alternatives inside a bracket may be divided into one bracket each, so that a member can take a position on one.

Every character counts, including blanks and line breaks, except those that came with the member's own brackets
(`blanks`).
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from bracketed_text.alternatives import CHOICES, Group, Relation, groups, mirrored, only_bracket
from bracketed_text.foreign import OPENING, Foreign, cuts_of, foreign
from bracketed_text.tree import Block, Bracket, Piece, Tree


class Trespass(NamedTuple):
    """The first difference in what is not the member's own; a side is None if it has nothing there.

    With `regroups`, the words are the same but the relation of brackets is not.
    """

    before: Foreign | None
    after: Foreign | None
    regroups: bool = False


def first_trespass(old: Tree, new: Tree, code: str, own: Collection[int] = ()) -> Trespass | None:
    """Return the first place at which `new` changes what is not `code`'s own, or None.

    `own` are the starts of the brackets in `old` that the member itself opened.
    """
    was, now = list(old.pieces()), list(new.pieces())
    # Which words an option holds depends on everything between its label and the next.
    first, last = (0, 0) if old.runs or new.runs else _untouched(old, was, new, now)
    before = foreign(old, code, own, pieces=was[first : len(was) - last], divisible=True)
    after = foreign(new, code, pieces=now[first : len(now) - last])
    pairs, old_count, new_count = _matched(before, after)
    if old_count < len(before) or new_count < len(after):
        removed = before[old_count] if old_count < len(before) else None
        return Trespass(removed, after[new_count] if new_count < len(after) else None)
    matched = [(before[at], after[to]) for at, to in pairs]
    same = {old_count.start: new_count.start for old_count, new_count in matched}
    same |= {old_count.start: new_count.start for old_count, new_count in matched if old_count.head is not None}
    alike = [*zip(was[:first], now, strict=False), *zip(was[len(was) - last :], now[len(now) - last :], strict=True)]
    same |= {piece.start: twin.start for piece, twin in alike if piece.role in ("open", "label")}
    cut = {old_count.start for old_count, _ in matched if old_count.token == OPENING and not old_count.mark}
    words = [(old_count.start, new_count.start) for old_count, new_count in matched if not old_count.blank]
    structure = _Structure(old, new, code, same, cut)
    at = structure.regrouped({token.start for token in after if token.optional}, words)
    return None if at is None else Trespass(None, Foreign("[", at, at + 1, mark=True), regroups=True)


# Base text with this many words separates what is to its left and right.
_ENOUGH = re.compile(r"(?:\w+\W+){3}")


def _untouched(old: Tree, was: list[Piece], new: Tree, now: list[Piece]) -> tuple[int, int]:
    """Return the number of pieces that both texts have in common at the start and at the end, outside all brackets."""

    def alike(left: Piece, right: Piece) -> bool:
        if left.role != right.role or old.text[left.start : left.end] != new.text[right.start : right.end]:
            return False
        return left.bracket is right.bracket or (
            left.bracket is not None and right.bracket is not None and left.bracket.head == right.bracket.head
        )

    def cut(pairs: list[tuple[Piece, Piece]]) -> int:
        for at in range(len(pairs) - 1, 0, -1):
            piece = pairs[at][0]
            if piece.bracket is None and piece.role == "text" and _ENOUGH.search(old.text, piece.start, piece.end):
                return at
        return 0

    first = cut(list(takewhile(lambda pair: alike(*pair), zip(was, now, strict=False))))
    behind = zip(reversed(was[first:]), reversed(now[first:]), strict=False)
    return first, cut(list(takewhile(lambda pair: alike(*pair), behind)))


# The number of attempts per token if optional tokens leave a choice; a text that needs more is refused.
_TRIES = 20


def _matched(before: list[Foreign], after: list[Foreign]) -> tuple[list[tuple[int, int]], int, int]:
    """Return which tokens match, and how far in both lists; optional tokens may be left out on either side."""
    first = _shared(before, after)
    last = _shared(before[first:][::-1], after[first:][::-1])
    end, until = len(before) - last, len(after) - last
    best = (first, first)
    parents: dict[tuple[int, int], tuple[int, int] | None] = {best: None}
    waiting = [best]
    tries = _TRIES * (end + until + 1)
    while waiting and tries:
        tries -= 1
        at = waiting.pop()
        best = max(best, at)
        if at == (end, until):
            break
        for step in _steps(before, after, *at, end, until):
            if step not in parents:
                parents[step] = at
                waiting.append(step)
    pairs = [(index, index) for index in range(first)]
    reached: tuple[int, int] | None = best
    while reached is not None and (parent := parents[reached]) is not None:
        if reached[0] > parent[0] and reached[1] > parent[1]:
            pairs.append(parent)
        reached = parent
    if best != (end, until):
        return pairs, *best
    return [*pairs, *((end + step, until + step) for step in range(last))], len(before), len(after)


def _shared(before: list[Foreign], after: list[Foreign]) -> int:
    """Return the number of tokens at the start of both lists that must match, whatever follows."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: not (pair[0].optional or pair[1].optional) and _same(*pair), pairs))


def _steps(
    before: list[Foreign], after: list[Foreign], old_at: int, new_at: int, end: int, until: int
) -> Iterator[tuple[int, int]]:
    """Yield the possible next steps; a match comes last, because the last step is tried first."""
    if old_at < end and before[old_at].optional:
        yield old_at + 1, new_at
    if new_at < until and after[new_at].optional:
        yield old_at, new_at + 1
    if old_at < end and new_at < until and _same(before[old_at], after[new_at]):
        yield old_at + 1, new_at + 1


def _same(old_token: Foreign, new_token: Foreign) -> bool:
    """Whether `old_token` may become `new_token`."""
    if old_token.token != new_token.token or (old_token.mark and old_token.optional and not new_token.optional):
        return False  # of a bracket that the member opened: none remains without a name
    return old_token.head is None or new_token.head is None or old_token.head.stays(new_token.head)


class _Structure:
    """The relations among brackets and options that both versions have.

    `same` maps the start of each in the old version to its start in the new one.
    """

    def __init__(self, old: Tree, new: Tree, code: str, same: dict[int, int], cut: set[int]) -> None:
        self.old = old
        self.new = new
        self.code = code
        self.same = same
        self.kept = frozenset(same.values())
        self.groups = groups(new)
        self.cut = cut
        divided = frozenset(bracket.start for bracket, cuts in self._inside if cut.issuperset(cuts))
        self.before = _bonds(old, groups(old), same, divided)
        self.after = _bonds(new, self.groups, {at: at for at in self.kept}, frozenset())

    def regrouped(self, optional: set[int], words: list[tuple[int, int]]) -> int | None:
        """Return the starts of brackets whose relation changed, before and after, or None.

        `optional` are the starts of brackets that may have appeared; `words` are the starts of words that are not the
        member's, before and after.
        """
        changed = [
            members
            for members in (*self.after, *self.before)
            if not self._alike(members, self.before.get(members), self.after.get(members))
        ]
        if changed:
            return min(changed[0])
        for group in self.groups:
            members = {bracket.start for bracket in group.brackets}
            come = members & optional - self.kept
            if group.relation in CHOICES and come and (members & self.kept or len(come) > 1):
                return min(come)
        partly = self._divided_amiss()
        return partly if partly is not None else self._other_words(words)

    def _alike(self, members: tuple[int, ...], was: Relation | None, now: Relation | None) -> bool:
        """Whether the change of relation among `members` makes no difference to other members."""
        if was is Relation.RUN and now in (None, Relation.RUN):
            # Opposing words of a run says that they are base text; but no bracket may surround part of a run.
            return len({self._parents.get(start) for start in members}) == 1
        if was is Relation.MIRROR and now in (None, Relation.RUN):
            return members in self._own_mirrors
        return was is now or (was is None and now is Relation.RUN) or {was, now} <= _ONE_CHOICE

    @cached_property
    def _inside(self) -> list[tuple[Bracket, list[int]]]:
        """The brackets with alternatives inside, and the offsets of their slashes."""
        return [(bracket, cuts) for bracket, _ in self.old.walk() if (cuts := cuts_of(self.old.text, bracket))]

    def _divided_amiss(self) -> int | None:
        """Return where alternatives inside a bracket are neither unchanged nor all in one bracket each, or None.

        Next to brackets that are not alternatives they must not be divided, because those would become alternatives
        too.
        """
        loose = {
            bracket.start
            for group in groups(self.old)
            if group.relation not in CHOICES and len(group.brackets) > 1
            for bracket in group.brackets
        }
        for bracket, cuts in self._inside:
            start, whole = self.same.get(bracket.start, -1), self.old.text[bracket.start : bracket.end]
            divided = self.cut.issuperset(cuts) and bracket.start not in loose
            if start >= 0 and not divided and not self.new.text.startswith(whole, start):
                return start
        return None

    @cached_property
    def _parents(self) -> dict[int, int]:
        return {child.start: bracket.start for bracket, _ in self.new.walk() for child in bracket.children}

    @cached_property
    def _own_mirrors(self) -> set[tuple[int, ...]]:
        """The pairs that are a substitution only because of the member's positions."""
        return {
            tuple(self.same[bracket.start] for bracket in group.brackets if bracket.start in self.same)
            for group in groups(self.old)
            if group.relation is Relation.MIRROR and mirrored(*group.brackets) == {self.code}
        }

    def _other_words(self, words: list[tuple[int, int]]) -> int | None:
        """Return the start of an option that holds other words than before, or on which other members now take a
        position.
        """
        now = {block.start: block for run in self.new.runs for block in run}
        before, after = sorted(start for start, _ in words), sorted(start for _, start in words)
        for block in (block for run in self.old.runs for block in run):
            twin = now.get(self.same.get(block.start, -1))
            if twin is None:
                continue
            if bisect_left(before, block.end) != bisect_left(after, twin.end) or not self._stands(block, twin):
                return twin.start
        return None

    def _stands(self, block: Block, twin: Block) -> bool:
        """Whether the positions on an option, which are in its only bracket, still apply to it."""
        bracket, now = only_bracket(self.old, block), only_bracket(self.new, twin)
        if bracket is None or bracket.start not in self.same:
            return True
        return now is not None and now.start == self.same[bracket.start]


# At most one survives, whatever separates them.
_ONE_CHOICE = {Relation.MIRROR, Relation.ALTERNATIVES}


def _bonds(
    tree: Tree, all_groups: list[Group], same: dict[int, int], divided: frozenset[int]
) -> dict[tuple[int, ...], Relation]:
    """Return the relations among brackets and options that both versions have.

    The alternatives in a bracket that is `divided` count as the brackets that they became.
    """
    bonds: dict[tuple[int, ...], Relation] = {}
    among_others = {
        bracket.start
        for group in all_groups
        if group.relation is Relation.ALTERNATIVES
        for bracket in group.brackets
        if bracket.start in divided
    }
    for group in all_groups:
        relation = group.relation
        if relation is Relation.INSIDE and group.brackets[0].start in divided:
            if group.brackets[0].start in among_others:
                continue
            relation = Relation.ALTERNATIVES
        starts = [block.start for block in group.blocks]
        for bracket in group.brackets:
            starts += [bracket.start, *(cuts_of(tree.text, bracket) if bracket.start in divided else ())]
        members = tuple(same[start] for start in starts if start in same)
        if len(members) > 1 or (members and relation is Relation.INSIDE):
            bonds[members] = relation
    return bonds


def innermost(tree: Tree, offset: int) -> Bracket | None:
    """Return the innermost negotiation bracket around `offset`, or None."""
    result = None
    for bracket, _ in tree.walk():
        if bracket.start <= offset < bracket.end:
            result = bracket
        elif bracket.start > offset:
            break
    return result
