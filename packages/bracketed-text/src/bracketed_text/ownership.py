"""What of a text is not one member's own: the part that the member may not change.

A member may take, change and withdraw its positions, put words in brackets under its name and reword a
bracket that it alone proposes. So, seen without the member, the text stays the same:

- a bracket that it alone proposes disappears with its words, unless others have spoken to words in it;
- the "/" or "or" that makes such a bracket an alternative to its neighbour disappears with it, and so does the line
  on which it stands alone;
- brackets at which it alone takes another position may come anywhere; only those may go that it put there itself,
  for in another one the words were contested before, and still are when the last name is gone;
- beside others, only its name disappears from the head, which otherwise stays as it is written;
- what others' brackets are to each other (alternatives, a mirror pair, options) stays, an own bracket parts none of a
  run, every option keeps its words, and base text becomes no alternative;
- alternatives inside one bracket may come to stand in a bracket each, for then one can stand behind one of them.

Every character counts, blanks and ends of lines too; only those that come with an own bracket (`blanks`) go with it.
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
    """The first place where what is not the member's own differs; a side is None where nothing stands there.

    With `regroups`, the words are the same, but what brackets are to each other is not.
    """

    before: Foreign | None
    after: Foreign | None
    regroups: bool = False


def first_trespass(old: Tree, new: Tree, code: str, own: Collection[int] = ()) -> Trespass | None:
    """Return the first place where `new` changes what is not `code`'s own, or None.

    `own` are the brackets of `old`, by where they begin, that the member itself put around words.
    """
    was, now = list(old.pieces()), list(new.pieces())
    # Which words an option holds depends on all that stands between its label and the next.
    first, last = (0, 0) if old.runs or new.runs else _untouched(old, was, new, now)
    before = foreign(old, code, own, pieces=was[first : len(was) - last], divisible=True)
    after = foreign(new, code, pieces=now[first : len(now) - last])
    pairs, one, other = _matched(before, after)
    if one < len(before) or other < len(after):
        removed = before[one] if one < len(before) else None
        return Trespass(removed, after[other] if other < len(after) else None)
    matched = [(before[at], after[to]) for at, to in pairs]
    same = {one.start: other.start for one, other in matched}
    same |= {one.start: other.start for one, other in matched if one.head is not None}
    alike = [*zip(was[:first], now, strict=False), *zip(was[len(was) - last :], now[len(now) - last :], strict=True)]
    same |= {piece.start: twin.start for piece, twin in alike if piece.role in ("open", "label")}
    cut = {one.start for one, _ in matched if one.token == OPENING and not one.mark}
    words = [(one.start, other.start) for one, other in matched if not one.blank]
    structure = _Structure(old, new, code, same, cut)
    at = structure.regrouped({token.start for token in after if token.optional}, words)
    return None if at is None else Trespass(None, Foreign("[", at, at + 1, mark=True), regroups=True)


# Base text with so many words keeps what is to its left and right apart.
_ENOUGH = re.compile(r"(?:\w+\W+){3}")


def _untouched(old: Tree, was: list[Piece], new: Tree, now: list[Piece]) -> tuple[int, int]:
    """Return with how many pieces both texts begin and end alike, outside all brackets at both cuts."""

    def alike(one: Piece, other: Piece) -> bool:
        if one.role != other.role or old.text[one.start : one.end] != new.text[other.start : other.end]:
            return False
        return one.bracket is other.bracket or (
            one.bracket is not None and other.bracket is not None and one.bracket.head == other.bracket.head
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


# Where optional tokens leave a choice, as many tries for each token as there are; a text beyond that is refused.
_TRIES = 20


def _matched(before: list[Foreign], after: list[Foreign]) -> tuple[list[tuple[int, int]], int, int]:
    """Return which tokens match, and how far both lists do; optional tokens may be left out on either side."""
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
    pairs = [(place, place) for place in range(first)]
    reached: tuple[int, int] | None = best
    while reached is not None and (parent := parents[reached]) is not None:
        if reached[0] > parent[0] and reached[1] > parent[1]:
            pairs.append(parent)
        reached = parent
    if best != (end, until):
        return pairs, *best
    return [*pairs, *((end + one, until + one) for one in range(last))], len(before), len(after)


def _shared(before: list[Foreign], after: list[Foreign]) -> int:
    """Return how many tokens both lists begin with that have to match, whatever follows."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: not (pair[0].optional or pair[1].optional) and _same(*pair), pairs))


def _steps(
    before: list[Foreign], after: list[Foreign], one: int, other: int, end: int, until: int
) -> Iterator[tuple[int, int]]:
    """Yield how one may go on; what matches last, for it is tried first."""
    if one < end and before[one].optional:
        yield one + 1, other
    if other < until and after[other].optional:
        yield one, other + 1
    if one < end and other < until and _same(before[one], after[other]):
        yield one + 1, other + 1


def _same(one: Foreign, other: Foreign) -> bool:
    """Whether `one` may become `other`."""
    if one.token != other.token or (one.mark and one.optional and not other.optional):
        return False  # of a bracket that the member put there, none is left in nobody's name
    return one.head is None or other.head is None or one.head.stays(other.head)


class _Structure:
    """What the brackets and options that both versions have are to each other.

    `same` says where each of them begins, before and after.
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
        """Return where brackets begin that are something else to each other than before, or None.

        `optional` is where those begin that may have come; `words` are the words that are not the member's, by where
        they begin before and after.
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
        """Whether it makes no difference to others that `members` were the one to each other and are the other."""
        if was is Relation.RUN and now in (None, Relation.RUN):
            # Whoever opposes words of a run says that they are base text; but no bracket comes around some of a run.
            return len({self._parents.get(start) for start in members}) == 1
        if was is Relation.MIRROR and now in (None, Relation.RUN):
            return members in self._own_mirrors
        return was is now or (was is None and now is Relation.RUN) or {was, now} <= _ONE_CHOICE

    @cached_property
    def _inside(self) -> list[tuple[Bracket, list[int]]]:
        """The brackets with alternatives inside, and where their slashes stand."""
        return [(bracket, cuts) for bracket, _ in self.old.walk() if (cuts := cuts_of(self.old, bracket))]

    def _divided_amiss(self) -> int | None:
        """Return where alternatives inside a bracket neither stay as they were nor all stand in one each, or None.

        Beside brackets that are no alternatives they stay: those would become some as well.
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
        """The pairs that are a substitution for the sake of the member's positions alone."""
        return {
            tuple(self.same[bracket.start] for bracket in group.brackets if bracket.start in self.same)
            for group in groups(self.old)
            if group.relation is Relation.MIRROR and mirrored(*group.brackets) == {self.code}
        }

    def _other_words(self, words: list[tuple[int, int]]) -> int | None:
        """Return where an option begins that holds other words than before, or at which others no longer stand."""
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
        """Whether those who stand at an option, for one bracket is all there is in it, still do."""
        bracket, now = only_bracket(self.old, block), only_bracket(self.new, twin)
        if bracket is None or bracket.start not in self.same:
            return True
        return now is not None and now.start == self.same[bracket.start]


# At most one survives, whatever parts them.
_ONE_CHOICE = {Relation.MIRROR, Relation.ALTERNATIVES}


def _bonds(
    tree: Tree, found: list[Group], same: dict[int, int], divided: frozenset[int]
) -> dict[tuple[int, ...], Relation]:
    """Return what those brackets, or options, are to each other that both versions have.

    The alternatives in a bracket that is `divided` count as the brackets that they have become.
    """
    bonds: dict[tuple[int, ...], Relation] = {}
    among_others = {
        bracket.start
        for group in found
        if group.relation is Relation.ALTERNATIVES
        for bracket in group.brackets
        if bracket.start in divided
    }
    for group in found:
        relation = group.relation
        if relation is Relation.INSIDE and group.brackets[0].start in divided:
            if group.brackets[0].start in among_others:
                continue
            relation = Relation.ALTERNATIVES
        starts = [block.start for block in group.blocks]
        for bracket in group.brackets:
            starts += [bracket.start, *(cuts_of(tree, bracket) if bracket.start in divided else ())]
        members = tuple(same[start] for start in starts if start in same)
        if len(members) > 1 or (members and relation is Relation.INSIDE):
            bonds[members] = relation
    return bonds


def innermost(tree: Tree, offset: int) -> Bracket | None:
    """Return the innermost negotiation bracket around `offset`, if any."""
    found = None
    for bracket, _ in tree.walk():
        if bracket.start <= offset < bracket.end:
            found = bracket
        elif bracket.start > offset:
            break
    return found
