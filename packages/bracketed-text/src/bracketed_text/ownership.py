"""Check that a member changes only its own text and positions.

A member may take, change and withdraw its positions, insert text in brackets under its name, and reword a bracket that
it alone proposes. `foreign` reduces a text to the parts that are not the member's own. This reduced text must remain
the same, according to the following rules:

- A bracket that only the member proposes is left out, unless other members have taken positions inside it.
- A bracket that only the member proposes and that no other member supports may be withdrawn although others oppose it
  or take another position at its head. It must disappear as a whole, in an edit that does not add a proposal of the
  member.
- The "/" or "or" that makes this bracket an alternative is also left out. If the bracket is alone on its line, the line
  is left out.
- A bracket on which only the member takes a position, other than as a proponent, may appear anywhere. It may disappear
  only if the member opened it: otherwise, its text was already contested and remains contested without a name.
- In a head with several names, only the member's name is left out. The rest of the head must remain as written.
- The relations among other members' brackets (alternatives, mirror pair, options) must remain. The member's bracket
  must not split a run, take text from an option or turn base text into an alternative.
- Alternatives inside a bracket may be divided into one bracket each, so that a member can take a position on one of
  them.

For example, CAN may turn "[BRA: soon]" into "[BRA propose; CAN oppose: soon]", but not into "[BRA: later]".

Every character counts, including blanks and line breaks, except blanks inserted with the member's brackets (`blanks`).
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from bracketed_text.alternatives import CHOICES, WIDEST_GAP, Group, Relation, groups, mirrored, only_bracket
from bracketed_text.foreign import OPENING, Foreign, cuts_of, foreign, own_proposals, withdrawable
from bracketed_text.tree import Block, Bracket, Piece, Tree


class Trespass(NamedTuple):
    """The first difference in text that is not the member's own.

    `before` or `after` is None if that version has no token at this position. If `regroups` is true, the text is the
    same, but the relation among brackets differs.
    """

    before: Foreign | None
    after: Foreign | None
    regroups: bool = False


def first_trespass(old: Tree, new: Tree, code: str, own: Collection[int] = ()) -> Trespass | None:
    """Return the first position at which `new` changes text or positions that are not `code`'s own, or None.

    `own` contains the starts of the brackets in `old` that the member opened.
    """
    trespass = latest = _trespass(old, new, code, own, ())
    withdrawn: list[int] = []
    candidates = [] if trespass is None else withdrawable(old, code)
    if not candidates or Counter(own_proposals(new, code)) - Counter(own_proposals(old, code)):
        return trespass
    while latest is not None and latest.before is not None:
        start = latest.before.start
        missing = next((bracket.start for bracket in candidates if 0 <= bracket.start - start <= WIDEST_GAP), None)
        if missing is None or missing in withdrawn:
            return trespass
        withdrawn.append(missing)
        latest = _trespass(old, new, code, own, withdrawn)
    return trespass if latest is not None else None


def _trespass(old: Tree, new: Tree, code: str, own: Collection[int], withdrawn: Collection[int]) -> Trespass | None:
    """Return the first trespass if the brackets of `old` at `withdrawn` may disappear."""
    was, now = list(old.pieces()), list(new.pieces())
    # The extent of an option depends on all text between its label and the next label.
    first, last = (0, 0) if old.runs or new.runs else _untouched(old, was, new, now)
    before = foreign(old, code, own, pieces=was[first : len(was) - last], divisible=True, withdrawn=withdrawn)
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


# Base text with this many words separates the texts on its two sides.
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


# The number of attempts per token if optional tokens allow several matches. A text that needs more attempts is refused.
_TRIES = 20


def _matched(before: list[Foreign], after: list[Foreign]) -> tuple[list[tuple[int, int]], int, int]:
    """Return the pairs of matching tokens, and the number of tokens matched or skipped in each list.

    Optional tokens may be skipped on either side.
    """
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
    """Return the number of tokens at the start of both lists that match and are not optional."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: not (pair[0].optional or pair[1].optional) and _same(*pair), pairs))


def _steps(
    before: list[Foreign], after: list[Foreign], old_at: int, new_at: int, end: int, until: int
) -> Iterator[tuple[int, int]]:
    """Yield the possible next steps.

    The step that matches two tokens comes last, because the last step is tried first.
    """
    if old_at < end and before[old_at].optional:
        yield old_at + 1, new_at
    if new_at < until and after[new_at].optional:
        yield old_at, new_at + 1
    if old_at < end and new_at < until and _same(before[old_at], after[new_at]):
        yield old_at + 1, new_at + 1


def _same(old_token: Foreign, new_token: Foreign) -> bool:
    """Return whether `old_token` may become `new_token`."""
    if old_token.token != new_token.token or (old_token.mark and old_token.optional and not new_token.optional):
        return False  # a bracket that the member opened must not remain without a name
    return old_token.head is None or new_token.head is None or old_token.head.stays(new_token.head)


class _Structure:
    """The relations among the brackets and options that both versions have.

    `same` maps the start of each bracket or option in the old version to its start in the new version.
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
        """Return the start, in the new version, of the first bracket or option whose relation changed, or None.

        `optional` contains the starts of brackets that may have appeared. `words` contains the old and the new start of
        each token that is not the member's own.
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
        """Return whether the change of relation among `members` makes no difference to the other members."""
        if was is Relation.RUN and now in (None, Relation.RUN):
            # Opposing the text of a run declares it to be base text, but no bracket may surround only part of a run.
            return len({self._parents.get(start) for start in members}) == 1
        if was is Relation.MIRROR and now in (None, Relation.RUN):
            return members in self._own_mirrors
        return was is now or (was is None and now is Relation.RUN) or {was, now} <= _ONE_CHOICE

    @cached_property
    def _inside(self) -> list[tuple[Bracket, list[int]]]:
        """The brackets with alternatives inside, each with the offsets of its slashes."""
        return [(bracket, cuts) for bracket, _ in self.old.walk() if (cuts := cuts_of(self.old.text, bracket))]

    def _divided_amiss(self) -> int | None:
        """Return the start of the first bracket whose alternatives were changed or only partly divided, or None.

        Alternatives must not be divided next to brackets that are not alternatives, because the neighbours would also
        become alternatives.
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
        """The mirror pairs that exist only because of the member's positions."""
        return {
            tuple(self.same[bracket.start] for bracket in group.brackets if bracket.start in self.same)
            for group in groups(self.old)
            if group.relation is Relation.MIRROR and mirrored(*group.brackets) == {self.code}
        }

    def _other_words(self, words: list[tuple[int, int]]) -> int | None:
        """Return the start of the first option that changed, or None.

        An option has changed if it gained or lost text, or if its positions no longer apply to it.
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
        """Return whether the positions on an option still apply to the option.

        The positions are at the head of the option's only bracket.
        """
        bracket, now = only_bracket(self.old, block), only_bracket(self.new, twin)
        if bracket is None or bracket.start not in self.same:
            return True
        return now is not None and now.start == self.same[bracket.start]


# Relations in which at most one bracket survives, regardless of the separator.
_ONE_CHOICE = {Relation.MIRROR, Relation.ALTERNATIVES}


def _bonds(
    tree: Tree, all_groups: list[Group], same: dict[int, int], divided: frozenset[int]
) -> dict[tuple[int, ...], Relation]:
    """Return the relations among the brackets and options that both versions have. The keys are their starts.

    The alternatives in a bracket that was `divided` count as the brackets that they became.
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
