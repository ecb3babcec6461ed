"""Landing zones: the options with the most support and the least opposition, and the largest set of compatible members.

All results are computed from the positions in a parsed text. They do not imply that any member has agreed.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable
from enum import Enum
from typing import NamedTuple

from bracketed_text import Tree
from bracketed_text.advanced import Group, Head, Relation, Variant, groups, head_of, only_bracket, variants
from issues.models.choices import Stance

FOR, AGAINST = (Stance.PROPOSE, Stance.SUPPORT), (Stance.OPPOSE,)
# Relations between alternatives that each have a head. In "[a/b]", no member supports a single alternative.
ONE_OF = (Relation.ALTERNATIVES, Relation.MIRROR, Relation.OPTIONS)
# The search stops after this many steps and reports its result as a lower bound.
MOST_STEPS = 200_000


class Option(NamedTuple):
    """A possible decision, with its wording, the members that support it and the members that oppose it."""

    words: str
    keeps: bool
    supporters: frozenset[str]
    opponents: frozenset[str]

    @property
    def balance(self) -> int:
        """The number of supporters minus the number of opponents."""
        return len(self.supporters) - len(self.opponents)


class Choice(NamedTuple):
    """A decision to be made at `offset` in a text: keep or drop words, or select one of several alternatives.

    `nested` is true if the choice is inside another bracket or a labelled option, and does not arise if that bracket or
    option is dropped. `undetermined` is true if the choice is in a run of adjacent brackets, and the result depends on
    whether these are alternatives.
    """

    offset: int
    options: tuple[Option, ...]
    nested: bool
    undetermined: bool = False

    @property
    def contested(self) -> bool:
        """Whether every option has opponents."""
        return all(option.opponents for option in self.options)

    @property
    def best(self) -> list[Option]:
        """The options with the greatest balance. In case of a tie, there is more than one such option."""
        most = max(option.balance for option in self.options)
        return [option for option in self.options if option.balance == most]

    def stands_between(self, members: Collection[str]) -> bool:
        """Whether every option is opposed by at least one of `members`."""
        return all(not option.opponents.isdisjoint(members) for option in self.options)


class Inexact(Enum):
    """A reason why the set that was found may not be the largest set."""

    NESTED = "nested"  # may be larger: a contested choice does not arise if the words around it are dropped
    STEPS = "steps"  # may be larger: the search was stopped
    UNDETERMINED = "undetermined"  # may be larger or smaller: adjacent brackets may be alternatives


class Landing(NamedTuple):
    """The largest set that was found of members whose positions are compatible with a single clean reading of the text.

    `silent` contains the members of the set that take no side. `reasons` states why the set may not be the largest set.
    """

    members: frozenset[str]
    silent: frozenset[str]
    reasons: tuple[Inexact, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether no larger set exists."""
        return not self.reasons

    @property
    def because(self) -> frozenset[str]:
        """The names of the reasons why the set may not be the largest set."""
        return frozenset(reason.value for reason in self.reasons)


class Standpoint(NamedTuple):
    """The members that are for or against one bracket.

    Groupings are expanded, and members on both sides are left out.
    """

    supporters: frozenset[str]
    opponents: frozenset[str]


def choices_in(tree: Tree, members: Collection[str]) -> list[Choice]:
    """Return the choices of a text on which at least one of `members` takes a side, in text order.

    `members` contains codes.
    """
    choices = _Choices(tree, frozenset(members)).all()
    return [choice for choice in choices if any(option.supporters or option.opponents for option in choice.options)]


class _Choices:
    """All choices of a text, including those on which no member takes a side."""

    def __init__(self, tree: Tree, members: frozenset[str]) -> None:
        self.tree, self.members = tree, members
        self.groups = groups(tree)
        self.seen: dict[Head, Standpoint] = {}
        one_of = [group for group in self.groups if group.relation in ONE_OF]
        self.together = {group.members[0].start: group for group in one_of}
        self.decided = {bracket.start for group in one_of for bracket in group.members}
        blocks = [block for run in tree.runs for block in run]
        # A bracket that fills an option names its supporters and is not a separate choice.
        self.decided |= {bracket.start for block in blocks if (bracket := only_bracket(tree, block))}
        self.outer_blocks = sorted((block.start, block.end) for block in blocks if block.container is None)
        self.runs = [group for group in self.groups if group.relation is Relation.RUN]

    def all(self) -> list[Choice]:
        choices: list[Choice] = []
        for variant in variants(self.tree, self.groups):
            nested = variant.depth > 1 or self._in_an_option(variant)
            if variant.begin in self.together:
                choices.append(self._among(self.together[variant.begin], nested))
            elif variant.bracket and variant.bracket.start == variant.begin and variant.begin not in self.decided:
                words = variant.words(self.tree.text)
                choices.append(_in_or_out(words, variant.begin, self._standpoint(variant.bracket.head), nested))
        undetermined = self._undetermined({choice.offset: choice for choice in choices})
        return [choice._replace(undetermined=choice.offset in undetermined) for choice in choices]

    def _in_an_option(self, variant: Variant) -> bool:
        """Return whether a variant is in a labelled option at the outermost level.

        Deeper nesting is recognised by `depth`.
        """
        if variant.bracket is None:
            return False
        at = bisect_right(self.outer_blocks, (variant.begin, len(self.tree.text))) - 1
        return at >= 0 and variant.begin < self.outer_blocks[at][1]

    def _undetermined(self, by_offset: dict[int, Choice]) -> set[int]:
        """Return the offsets of the brackets in runs whose result depends on whether they are alternatives."""
        undetermined: set[int] = set()
        for run in self.runs:
            offsets = {bracket.start for bracket in run.brackets}
            choices_of_run = [by_offset[offset] for offset in offsets if offset in by_offset]
            if self._among(run, nested=False).contested or any(choice.contested for choice in choices_of_run):
                undetermined |= offsets
        return undetermined

    def _among(self, group: Group, nested: bool) -> Choice:
        stands = [self._standpoint(head_of(self.tree, member)) for member in group.members]
        everybody = frozenset[str]().union(*(member.supporters for member in stands))
        options = tuple(
            Option(
                self.tree.text[start:end].strip(),
                True,
                member.supporters,
                member.opponents | (everybody - member.supporters),
            )
            for (start, end), member in zip(group.spans, stands, strict=True)
        )
        return Choice(group.members[0].start, options, nested)

    def _standpoint(self, head: Head) -> Standpoint:
        if head not in self.seen:
            self.seen[head] = _standpoint(self.tree, head, self.members)
        return self.seen[head]


def _in_or_out(words: str, offset: int, stands: Standpoint, nested: bool) -> Choice:
    keep = Option(words.strip(), True, stands.supporters, stands.opponents)
    return Choice(offset, (keep, Option("", False, stands.opponents, stands.supporters)), nested)


def _standpoint(tree: Tree, head: Head, members: frozenset[str]) -> Standpoint:
    supporters, opponents = head.names(*FOR), head.names(*AGAINST)
    own = head.names()

    def spread(names: frozenset[str]) -> frozenset[str]:
        shared = frozenset[str]().union(*(tree.register.members_of(name) for name in names))
        return (names | (shared - own)) & members

    for_it, against_it = spread(supporters), spread(opponents)
    return Standpoint(for_it - against_it, against_it - for_it)


def landing(choices: Iterable[Choice], members: Collection[str]) -> Landing:
    """Return the largest set of `members` for which every choice has an option that no member of the set opposes.

    The method is branch and bound over groups of members with identical positions. Choices are treated as independent.
    Therefore, the result may be too small if a choice is nested in words that could be dropped, and it may be wrong if
    the brackets of a run are alternatives. `Landing.reasons` reports both cases.
    """
    choices = list(choices)
    contested = [choice for choice in choices if choice.contested]
    accepts: dict[tuple[int, ...], list[str]] = {}
    for member in sorted(members):
        accepts.setdefault(tuple(_accepted(choice, member) for choice in contested), []).append(member)
    kinds = sorted(accepts.items(), key=lambda kind: (_refusals(kind[0], contested), -len(kind[1])))
    best, complete = _search(kinds, [(1 << len(choice.options)) - 1 for choice in contested])
    takes_a_side = frozenset[str]().union(
        *(option.supporters | option.opponents for choice in contested for option in choice.options)
    )
    everybody = len(best) == len(members)
    reasons = {
        Inexact.NESTED: not everybody and any(choice.nested for choice in contested),
        Inexact.STEPS: not everybody and not complete,
        Inexact.UNDETERMINED: any(choice.undetermined for choice in choices),
    }
    return Landing(best, best - takes_a_side, tuple(reason for reason, holds in reasons.items() if holds))


def _accepted(choice: Choice, member: str) -> int:
    """Return the options that `member` does not oppose, as a bit mask."""
    return sum(1 << at for at, option in enumerate(choice.options) if member not in option.opponents)


def _refusals(accepted: tuple[int, ...], contested: list[Choice]) -> int:
    return sum(bits != (1 << len(choice.options)) - 1 for bits, choice in zip(accepted, contested, strict=True))


def _search(kinds: list[tuple[tuple[int, ...], list[str]]], everything: list[int]) -> tuple[frozenset[str], bool]:
    """Return the largest set that was found, and whether the search was complete."""
    left = [0]
    for _, alike in reversed(kinds):
        left.append(left[-1] + len(alike))
    left.reverse()  # left[at]: the number of members in kinds[at:]
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
    members = frozenset(member for at in best[1] for member in kinds[at][1])
    return members, steps <= MOST_STEPS
