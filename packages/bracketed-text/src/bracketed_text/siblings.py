"""Pair the remaining brackets of runs and choices that correspond.

Two groups correspond if a bracket of the old group is paired with a bracket of the new group. The order of the brackets
or their spelling may have changed, and brackets may have been added: "[rules][other]" becomes "[other][rule][none]".
"""

from collections.abc import Callable

from bracketed_text.alternatives import Relation
from bracketed_text.contexts import Contexts
from bracketed_text.moving import Moves
from bracketed_text.territory import DEEPEST, Survey
from bracketed_text.words import WORD

# Two words differ only in their ending if one is the other with at most `_ENDING` more letters and both have at least
# `_LONG`.
_ENDING, _LONG = 2, 4
# Larger groups are not compared.
_MOST = 12


def pair_siblings(contexts: Contexts, moves: Moves) -> set[int]:
    """Correct the pairs of `moves`, and return the old variants that are left without a counterpart.

    First, brackets with the same words are paired if their groups correspond, even if one of them is paired with a
    member of another group. Then the remaining brackets with the same or almost the same words are paired.
    """
    siblings = _Siblings(contexts, moves)
    released = siblings.gather()
    siblings.pair_rest()
    return released - moves.pairs.keys()


class _Siblings:
    """The groups of two texts, and the new group that corresponds to each old group."""

    def __init__(self, contexts: Contexts, moves: Moves) -> None:
        self.old, self.new, self.likeness = moves.old, moves.new, contexts.likeness
        self.pairs, self.moved, self.ended = moves.pairs, moves.moved, moves.ended
        self.groups, self.new_groups = _members(self.old), _members(self.new)
        self.group_of = {at: number for number, members in enumerate(self.groups) for at in members}
        new_group_of = {at: number for number, members in enumerate(self.new_groups) for at in members}
        self.into = [self._into(members, new_group_of) for members in self.groups]
        self.back = {twin: at for at, twin in moves.pairs.items()}

    def _into(self, members: list[int], new_group_of: dict[int, int]) -> int:
        """Return the new group that contains the counterparts of the members, or -1.

        If there are several such groups, the sentences decide.
        """
        into = {new_group_of[self.pairs[at]]: at for at in members if self.pairs.get(at, -1) in new_group_of}
        if len(into) < 2:
            return next(iter(into), -1)
        return max(into, key=lambda group: (self.likeness(into[group], self.pairs[into[group]]), -group))

    def gather(self) -> set[int]:
        """Pair the members of each group with the same words in the group that corresponds; return those released."""
        released: set[int] = set()
        for number, members in enumerate(self.groups):
            twins = self.new_groups[self.into[number]] if self.into[number] >= 0 else []
            strays = [at for at in members if self.pairs.get(at, -1) not in twins and self._may_change(at)]
            free = [twin for twin in twins if self._is_free(twin, number)]
            for at, twin in self._same(strays, free, (_are_equal,)) if strays and free else ():
                former = self.back.pop(twin, None)
                if former is not None:
                    del self.pairs[former]
                    released.add(former)
                self.back.pop(self.pairs.get(at, -1), None)
                self.pairs[at], self.back[twin] = twin, at
        return released

    def _may_change(self, at: int) -> bool:
        return at not in self.ended and at not in self.moved

    def _is_free(self, twin: int, group: int) -> bool:
        """Return whether the counterpart of `twin`, if any, is in a group that corresponds to another."""
        former = self.back.get(twin)
        if former is None:
            return True
        group_of_former = self.group_of.get(former, group)
        return (
            group_of_former != group
            and self.into[group_of_former] not in (-1, self.into[group])
            and self._may_change(former)
        )

    def pair_rest(self) -> None:
        """Pair the remaining members of groups that correspond, if only in part."""
        new_group_of = {at: number for number, members in enumerate(self.new_groups) for at in members}
        for members in self.groups:
            left = [at for at in members if at not in self.pairs and at not in self.ended]
            if not left or len(left) == len(members):
                continue
            into = {new_group_of[twin] for twin in map(self.pairs.get, members) if twin in new_group_of}
            twins = [twin for number in sorted(into) for twin in self.new_groups[number] if twin not in self.back]
            for at, twin in self._same(left, twins, (_are_equal, _are_almost_equal)):
                self.pairs[at], self.back[twin] = twin, at

    def _same(
        self, left: list[int], twins: list[int], tests: tuple[Callable[[str, str], bool], ...]
    ) -> list[tuple[int, int]]:
        """Return the pairs of variants with the same names whose words pass a test, each variant once."""
        pairs: dict[int, int] = {}
        for are_the_same in tests:
            for at in left:
                names, before = self.old.variants[at].head.names(), self.old.words(at)
                for twin in twins if at not in pairs else ():
                    is_free = twin not in pairs.values() and self.new.variants[twin].head.names() == names
                    if is_free and are_the_same(before, self.new.words(twin)):
                        pairs[at] = twin
                        break
        return list(pairs.items())


def _members(side: Survey) -> list[list[int]]:
    """Return the variants of each group of a few brackets."""
    at = {variant.begin: number for number, variant in enumerate(side.variants) if variant.depth <= DEEPEST}
    return [
        [at[member.start] for member in group.members if member.start in at]
        for group in side.groups
        if group.relation is not Relation.OPTIONS and 1 < len(group.members) <= _MOST
    ]


def _are_equal(before: str, after: str) -> bool:
    return before.split() == after.split()


def _are_almost_equal(before: str, after: str) -> bool:
    """Return whether the letters are the same, or one word has a different ending."""
    was, now = "".join(before.split()).casefold(), "".join(after.split()).casefold()
    if was == now:
        return True
    if not WORD.fullmatch(was) or not WORD.fullmatch(now) or " " in before.strip() or " " in after.strip():
        return False
    shorter, longer = sorted((was, now), key=len)
    return len(shorter) >= _LONG and len(longer) - len(shorter) <= _ENDING and longer.startswith(shorter)
