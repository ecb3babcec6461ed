"""The largest sets of members whose positions are compatible, found by branch and bound.

A set of members is **compatible** if each choice that arises has an option that none of them opposes. A choice that is
enclosed by an option of another choice arises only if that option is chosen. Taking a member out of a compatible set
leaves it compatible, so that a search need not look beyond a set that is not.

Members that oppose the same options form a **kind**. Kinds whose positions allow no common text are rivals, and at most
one of any number of mutual rivals belongs to a set. The search divides the remaining kinds into groups of mutual
rivals; the sum of the largest kinds of all groups is a bound on the members that can still be added (E. Tomita and
T. Kameda, J. Global Optimization 37, 2007). Three kinds may be incompatible although each two of them are compatible,
so that the choices themselves are checked whenever a kind is added.

The options that a set leaves open are the bits of one integer, with a field for each choice. Adding ones to a field
carries into its guard bit unless the field is empty, so that one addition shows whether every choice has an option.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from issues.reports.analysis.choices import Choice

# The search stops after this many steps.
MOST_STEPS = 30_000
# No more sets than this are counted.
MOST_SETS = 1000


@dataclass(frozen=True)
class LargestSets:
    """The largest sets that were found.

    `complete` is true if no larger set exists. `count` is the number of sets of this size, and `counted` is false if
    there may be more of them. `in_all` and `in_none` contain the members of all sets and of none of them; they are None
    if the search was stopped before this was certain.
    """

    members: frozenset[str]
    complete: bool
    count: int
    counted: bool
    in_all: frozenset[str] | None
    in_none: frozenset[str] | None


def largest_sets(choices: Iterable[Choice], members: Collection[str], *, enclosing_stay: bool = False) -> LargestSets:
    """Return the largest compatible sets of `members`.

    With `enclosing_stay`, no bracket may be removed that contains a contested choice.
    """
    options = _Options(_deciding(choices), enclosing_stay)
    return _Search(options, sorted(members)).run()


def _deciding(choices: Iterable[Choice]) -> list[Choice]:
    """Return the contested choices and those that enclose them, with enclosing choices first."""
    deciding: dict[int, Choice] = {}
    for choice in choices:
        if choice.contested:
            chain = [choice]
            while chain[-1].enclosing:
                chain.append(chain[-1].enclosing[0])
            deciding |= {id(link): link for link in reversed(chain)}
    return list(deciding.values())


class _Options:
    """The options of the deciding choices as bits of an integer, with a guard bit above the bits of each choice."""

    def __init__(self, choices: Sequence[Choice], enclosing_stay: bool) -> None:
        self.choices = choices
        self.shifts: dict[int, int] = {}
        self.ones = self.guards = self.everything = 0
        # The bits of each choice and the bit of the option that encloses it (0 if there is none), inner choices first.
        self.fields: list[tuple[int, int]] = []
        shift = 0
        for choice in choices:
            self.shifts[id(choice)] = shift
            bits = ((1 << len(choice.options)) - 1) << shift
            self.ones |= bits
            shift += len(choice.options)
            self.guards |= 1 << shift
            shift += 1
            around = choice.enclosing
            self.fields.append((bits, 1 << (self.shifts[id(around[0])] + around[1]) if around else 0))
        self.fields.reverse()
        self.everything = self.ones
        self.nested = any(outer for _, outer in self.fields)
        if enclosing_stay:
            for choice in choices:
                if choice.enclosing:
                    self.everything &= ~self._without(choice.enclosing[0])

    def _without(self, choice: Choice) -> int:
        """Return the bits of the options that remove the words of `choice`."""
        shift = self.shifts[id(choice)]
        return sum(1 << (shift + at) for at, option in enumerate(choice.options) if not option.keeps)

    def accepted(self, member: str) -> int:
        """Return the options that `member` does not oppose."""
        return self.everything & sum(
            1 << (self.shifts[id(choice)] + at)
            for choice in self.choices
            for at, option in enumerate(choice.options)
            if member not in option.opponents
        )

    def allow_a_text(self, left: int) -> bool:
        """Return whether each choice that arises has one of the options in `left`."""
        if (left + self.ones) & self.guards == self.guards:
            return True
        if not self.nested:
            return False
        for bits, enclosing in self.fields:
            if not left & bits:
                if not enclosing:
                    return False
                left &= ~enclosing
        return True


@dataclass
class _Search:
    options: _Options
    members: Sequence[str]
    steps: int = 0
    kinds: list[tuple[int, list[str]]] = field(default_factory=list)
    # The members that accept all options, and the rivals of each kind as a bit mask.
    free: list[str] = field(default_factory=list)
    rivals: list[int] = field(default_factory=list)

    def run(self) -> LargestSets:
        self._group()
        everyone = (1 << len(self.kinds)) - 1
        start = _Node(everyone, self.options.everything, 0, 0)
        best, taken = 0, 0
        for size, kinds in self._sets(start, at_least=1, rising=True):
            best, taken = size, kinds
        complete = self.steps <= MOST_STEPS
        members = self._members(taken)
        if not complete:
            return LargestSets(members, False, 1, False, None, None)
        if not best:
            return LargestSets(members, True, 1, True, members, frozenset(self.members) - members)
        sets: list[int] = []
        for _, kinds in self._sets(start, at_least=best):
            sets.append(kinds)
            if len(sets) == MOST_SETS:
                break
        counted = len(sets) < MOST_SETS and self.steps <= MOST_STEPS
        in_all, in_some = everyone, 0
        for kinds in sets:
            in_all, in_some = in_all & kinds, in_some | kinds
        if not counted:
            in_all, in_some = self._certain(best, everyone, in_all, in_some)
        if self.steps > MOST_STEPS:
            return LargestSets(members, True, len(sets), False, None, None)
        return LargestSets(
            members,
            True,
            len(sets),
            counted,
            self._members(in_all),
            frozenset(self.members) - self._members(in_some),
        )

    def _certain(self, best: int, everyone: int, in_all: int, in_some: int) -> tuple[int, int]:
        """Return the kinds in all largest sets and those in at least one, from the kinds in the sets found so far."""
        for at in range(len(self.kinds)):
            bit = 1 << at
            if in_all & bit:
                without = _Node(everyone & ~bit, self.options.everything, 0, 0)
                if next(self._sets(without, at_least=best), None):
                    in_all &= ~bit
            if not in_some & bit and next(self._sets(self._with(everyone, at), at_least=best), None):
                in_some |= bit
        return in_all, in_some

    def _with(self, everyone: int, at: int) -> "_Node":
        options, members = self.kinds[at]
        return _Node(everyone & ~self.rivals[at] & ~(1 << at), options, len(members), 1 << at)

    def _group(self) -> None:
        """Divide the members into kinds, the smallest first. Leave out members that oppose every text."""
        alike: dict[int, list[str]] = {}
        for member in self.members:
            alike.setdefault(self.options.accepted(member), []).append(member)
        self.free = alike.pop(self.options.everything, [])
        able = [(options, members) for options, members in alike.items() if self.options.allow_a_text(options)]
        self.kinds = sorted(able, key=lambda kind: (len(kind[1]), kind[1]))
        self.rivals = [
            sum(
                1 << at
                for at, (options, _) in enumerate(self.kinds)
                if options != own and not self.options.allow_a_text(options & own)
            )
            for own, _ in self.kinds
        ]

    def _members(self, kinds: int) -> frozenset[str]:
        return frozenset(self.free).union(*(self.kinds[at][1] for at in _bits(kinds)))

    def _sets(self, node: "_Node", *, at_least: int, rising: bool = False) -> Iterator[tuple[int, int]]:
        """Yield the sets with `at_least` members, by their size and kinds, until the limit of steps is reached.

        With `rising`, each set that is yielded is larger than the previous one.
        """
        waiting = [node]
        if node.size >= at_least:
            yield node.size, node.kinds
            at_least += rising
        while waiting:
            self.steps += 1
            if self.steps > MOST_STEPS:
                return
            branches = list(self._branches(waiting.pop(), at_least))
            for branch in branches:
                if branch.size >= at_least:
                    yield branch.size, branch.kinds
                    at_least = branch.size + 1 if rising else at_least
            waiting.extend(reversed(branches))  # the most promising branch is searched first

    def _branches(self, node: "_Node", at_least: int) -> Iterator["_Node"]:
        """Yield the nodes with one more kind that may lead to a set of `at_least` members."""
        for at, bound in reversed(self._bounded(node.candidates)):
            if node.size + bound < at_least:
                return
            node = _Node(node.candidates & ~(1 << at), node.left, node.size, node.kinds)
            options, members = self.kinds[at]
            left = node.left & options
            if self.options.allow_a_text(left):
                candidates = node.candidates & ~self.rivals[at]
                yield _Node(candidates, left, node.size + len(members), node.kinds | 1 << at)

    def _bounded(self, candidates: int) -> list[tuple[int, int]]:
        """Return the candidates in groups of mutual rivals, each with a bound.

        The bound is the greatest number of members that the candidates up to and including this one can add to a set.
        """
        bounded: list[tuple[int, int]] = []
        bound = 0
        while candidates:
            group, largest = candidates, 0
            while group:
                at = (group & -group).bit_length() - 1
                group &= self.rivals[at]
                candidates &= ~(1 << at)
                largest = len(self.kinds[at][1])  # kinds are in ascending order of size
                bounded.append((at, bound + largest))
            bound += largest
        return bounded


@dataclass(frozen=True)
class _Node:
    """A set of kinds, the options that it leaves open, and the kinds that may be added to it."""

    candidates: int
    left: int
    size: int
    kinds: int


def _bits(mask: int) -> Iterator[int]:
    while mask:
        yield (mask & -mask).bit_length() - 1
        mask &= mask - 1
