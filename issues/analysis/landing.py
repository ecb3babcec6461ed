"""Landing zones: where most would go with fewest against, who would have to move, and who could agree on one reading.

Plain Python on parsed texts. Nothing here says that anybody has agreed: it counts the positions in the text.
"""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from issues.brackets import Bracket, Group, Head, Relation, Tree, groups, variants
from issues.choices import Stance

FOR, AGAINST = (Stance.PROPOSE, Stance.SUPPORT), (Stance.OPPOSE,)
# Alternatives of which one survives. Options in labelled blocks have no heads of their own: nobody stands there.
ONE_OF = (Relation.ALTERNATIVES, Relation.MIRROR)
# So many steps are looked at before the search says that its answer is the best that it found.
MOST_STEPS = 200_000


class Option(NamedTuple):
    """One way to decide: what it says, the members who want it, and those who want another one."""

    words: str
    keeps: bool
    wanted: frozenset[str]
    unwanted: frozenset[str]

    @property
    def balance(self) -> int:
        """Support less opposition."""
        return len(self.wanted) - len(self.unwanted)


class Choice(NamedTuple):
    """Something to decide at `place` in a text: its words or none, or one of several alternatives.

    `nested`: it stands inside another bracket, and is no choice if that one goes.
    """

    place: int
    options: tuple[Option, ...]
    nested: bool

    @property
    def contested(self) -> bool:
        """Whether no option suits everybody who takes a side."""
        return all(option.unwanted for option in self.options)

    @property
    def best(self) -> list[Option]:
        """The options with the greatest balance; several where they tie."""
        most = max(option.balance for option in self.options)
        return [option for option in self.options if option.balance == most]

    def stands_between(self, members: Collection[str]) -> bool:
        """Whether each option is unwanted by one of `members`."""
        return all(not option.unwanted.isdisjoint(members) for option in self.options)


class Landing(NamedTuple):
    """The largest set of members found whose positions allow one reading without brackets.

    `silent` are those of them that take no side. `exact`: there is no larger one; otherwise this is a lower bound.
    """

    members: frozenset[str]
    silent: frozenset[str]
    exact: bool


class Standpoint(NamedTuple):
    """Who stands for and against one bracket, groupings replaced by their members; who does both does neither."""

    wanted: frozenset[str]
    unwanted: frozenset[str]


def choices_in(tree: Tree, members: Collection[str]) -> list[Choice]:
    """Return what there is to decide in a text at which some of `members` (codes) take a side, in order."""
    seen: dict[Head, Standpoint] = {}

    def standpoint(bracket: Bracket) -> Standpoint:
        if bracket.head not in seen:
            seen[bracket.head] = _standpoint(tree, bracket.head, frozenset(members))
        return seen[bracket.head]

    together = {group.brackets[0].start: group for group in groups(tree) if group.relation in ONE_OF and group.brackets}
    members_of_groups = {bracket.start for group in together.values() for bracket in group.brackets}
    found: list[Choice] = []
    for one in variants(tree):
        if one.bracket is None or one.bracket.start != one.begin:
            continue
        if one.bracket.start in together:
            found.append(_among(tree, together[one.bracket.start], standpoint, one.depth > 1))
        elif one.bracket.start not in members_of_groups:
            found.append(_in_or_out(one.words(tree.text), one.bracket.start, standpoint(one.bracket), one.depth > 1))
    return [choice for choice in found if any(option.wanted or option.unwanted for option in choice.options)]


def _in_or_out(words: str, place: int, stands: Standpoint, nested: bool) -> Choice:
    keep = Option(words.strip(), True, stands.wanted, stands.unwanted)
    return Choice(place, (keep, Option("", False, stands.unwanted, stands.wanted)), nested)


def _among(tree: Tree, group: Group, standpoint: Callable[[Bracket], Standpoint], nested: bool) -> Choice:
    stands = [standpoint(bracket) for bracket in group.brackets]
    everybody = frozenset[str]().union(*(one.wanted for one in stands))
    options = tuple(
        Option(tree.text[start:end].strip(), True, one.wanted, one.unwanted | (everybody - one.wanted))
        for (start, end), one in zip(group.spans, stands, strict=True)
    )
    return Choice(group.brackets[0].start, options, nested)


def _standpoint(tree: Tree, head: Head, members: frozenset[str]) -> Standpoint:
    wanted, unwanted = head.names(*FOR), head.names(*AGAINST)
    own = head.names()

    def spread(names: frozenset[str]) -> frozenset[str]:
        shared = frozenset[str]().union(*(tree.register.members_of(name) for name in names))
        return (names | (shared - own)) & members

    for_it, against_it = spread(wanted), spread(unwanted)
    return Standpoint(for_it - against_it, against_it - for_it)


def landing(choices: Iterable[Choice], members: Collection[str]) -> Landing:
    """Return the largest set of `members` for whom each choice has an option that none of them is against.

    A search by branch and bound over members with the same positions. It looks at each choice by itself: where one
    stands inside another that could go, the answer may be too small, and is not called exact.
    """
    contested = [choice for choice in choices if choice.contested]
    accepts: dict[tuple[int, ...], list[str]] = {}
    for member in sorted(members):
        accepts.setdefault(tuple(_accepted(choice, member) for choice in contested), []).append(member)
    kinds = sorted(accepts.items(), key=lambda kind: (_refusals(kind[0], contested), -len(kind[1])))
    best, complete = _search(kinds, [(1 << len(choice.options)) - 1 for choice in contested])
    takes_a_side = frozenset[str]().union(
        *(option.wanted | option.unwanted for choice in contested for option in choice.options)
    )
    exact = complete and (len(best) == len(members) or not any(choice.nested for choice in contested))
    return Landing(best, best - takes_a_side, exact)


def _accepted(choice: Choice, member: str) -> int:
    """Return as bits which options `member` is not against."""
    return sum(1 << at for at, option in enumerate(choice.options) if member not in option.unwanted)


def _refusals(accepted: tuple[int, ...], contested: list[Choice]) -> int:
    return sum(bits != (1 << len(choice.options)) - 1 for bits, choice in zip(accepted, contested, strict=True))


def _search(kinds: list[tuple[tuple[int, ...], list[str]]], everything: list[int]) -> tuple[frozenset[str], bool]:
    """Return the best set found, and whether there is none better."""
    left = [0]
    for _, alike in reversed(kinds):
        left.append(left[-1] + len(alike))
    left.reverse()  # left[at]: how many members from there on
    best: tuple[int, list[int]] = (-1, [])
    steps = 0
    waiting: list[tuple[int, int, list[int], list[int]]] = [(0, 0, [], everything)]
    while waiting:
        at, size, taken, open_options = waiting.pop()
        steps += 1
        if size > best[0]:
            best = (size, taken)
        if steps > MOST_STEPS:
            break
        if at == len(kinds) or size + left[at] <= best[0]:
            continue
        waiting.append((at + 1, size, taken, open_options))
        remaining = [bits & own for bits, own in zip(open_options, kinds[at][0], strict=True)]
        if all(remaining):
            waiting.append((at + 1, size + len(kinds[at][1]), [*taken, at], remaining))
    found = frozenset(member for at in best[1] for member in kinds[at][1])
    return found, steps <= MOST_STEPS
