"""The choices of a text: brackets to keep or remove, and alternatives of which one remains, with the sides of parties.

A choice may be **enclosed** by an option of another choice. It then arises only if that option is chosen: if the words
around a bracket are removed, nobody needs to decide on the bracket.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bracketed_text import Tree
from bracketed_text.advanced import Bracket, Group, Head, Relation, groups, head_of, only_bracket, variants
from issues.models.choices import Stance
from issues.reports.analysis.population import sides_of_parties

FOR, AGAINST = (Stance.PROPOSE, Stance.SUPPORT), (Stance.OPPOSE,)
# Relations between alternatives that each have a head. In "[a/b]", no member supports a single alternative.
ONE_OF = (Relation.ALTERNATIVES, Relation.MIRROR, Relation.OPTIONS)


class Option(NamedTuple):
    """A possible decision, with its wording, the parties that support it and the parties that oppose it."""

    words: str
    keeps: bool
    supporters: frozenset[str]
    opponents: frozenset[str]

    @property
    def balance(self) -> int:
        """The number of supporters minus the number of opponents."""
        return len(self.supporters) - len(self.opponents)


@dataclass(frozen=True, eq=False)
class Choice:
    """A decision to be made at `offset` in a text: keep or drop words, or select one of several alternatives.

    `enclosing` is the choice within one of whose options this choice arises, with the number of that option.
    `undetermined` is true if the choice is in a run of adjacent brackets, and the result depends on whether these are
    alternatives.
    """

    offset: int
    options: tuple[Option, ...]
    enclosing: "tuple[Choice, int] | None" = None
    undetermined: bool = False

    @property
    def nested(self) -> bool:
        """Whether the choice arises only if an option of another choice is chosen."""
        return self.enclosing is not None

    @property
    def has_sides(self) -> bool:
        """Whether any party takes a side."""
        return any(option.supporters or option.opponents for option in self.options)

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


class Standpoint(NamedTuple):
    """The parties that are for or against one bracket. Parties on both sides are left out."""

    supporters: frozenset[str]
    opponents: frozenset[str]


class Draft(NamedTuple):
    """A choice before the choice that encloses it is known. `spans` contains the span of each option that has words."""

    offset: int
    options: tuple[Option, ...]
    spans: tuple[tuple[int, int], ...]


def choices_in(tree: Tree, parties: Collection[str], representatives: Mapping[str, str] | None = None) -> list[Choice]:
    """Return the choices of a text on which at least one of `parties` takes a side, in text order.

    `parties` contains codes. `representatives` maps the codes of represented participants to those of their
    representatives, which stand for them.
    """
    choices = _Choices(tree, frozenset(parties), representatives or {}).all()
    return [choice for choice in choices if choice.has_sides]


class _Choices:
    """All choices of a text, including those on which no party takes a side."""

    def __init__(self, tree: Tree, parties: frozenset[str], representatives: Mapping[str, str]) -> None:
        self.tree, self.parties, self.representatives = tree, parties, representatives
        self.groups = groups(tree)
        self.seen: dict[Head, Standpoint] = {}
        one_of = [group for group in self.groups if group.relation in ONE_OF]
        self.together = {group.members[0].start: group for group in one_of}
        self.decided = {bracket.start for group in one_of for bracket in group.members}
        blocks = [block for run in tree.runs for block in run]
        # A bracket that fills an option names its supporters and is not a separate choice.
        self.decided |= {bracket.start for block in blocks if (bracket := only_bracket(tree, block))}
        self.runs = [group for group in self.groups if group.relation is Relation.RUN]

    def all(self) -> list[Choice]:
        drafts = sorted(self._drafts(), key=lambda draft: draft.offset)
        undetermined = self._undetermined({draft.offset: draft for draft in drafts})
        choices: list[Choice] = []
        for draft, enclosing in zip(drafts, _enclosing(drafts), strict=True):
            around = (choices[enclosing[0]], enclosing[1]) if enclosing else None
            choices.append(Choice(draft.offset, draft.options, around, draft.offset in undetermined))
        return choices

    def _drafts(self) -> Iterator[Draft]:
        for variant in variants(self.tree, self.groups):
            if variant.begin in self.together:
                yield self._among(self.together[variant.begin])
            elif variant.bracket and variant.bracket.start == variant.begin and variant.begin not in self.decided:
                yield self._in_or_out(variant.words(self.tree.text), variant.bracket)

    def _undetermined(self, by_offset: dict[int, Draft]) -> set[int]:
        """Return the offsets of the brackets in runs whose result depends on whether they are alternatives."""
        undetermined: set[int] = set()
        for run in self.runs:
            offsets = {bracket.start for bracket in run.brackets}
            drafts = [self._among(run), *(by_offset[offset] for offset in offsets if offset in by_offset)]
            if any(Choice(draft.offset, draft.options).contested for draft in drafts):
                undetermined |= offsets
        return undetermined

    def _in_or_out(self, words: str, bracket: Bracket) -> Draft:
        stands = self._standpoint(bracket.head)
        keep = Option(words.strip(), True, stands.supporters, stands.opponents)
        drop = Option("", False, stands.opponents, stands.supporters)
        return Draft(bracket.start, (keep, drop), ((bracket.start, bracket.end),))

    def _among(self, group: Group) -> Draft:
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
        return Draft(group.members[0].start, options, tuple((member.start, member.end) for member in group.members))

    def _standpoint(self, head: Head) -> Standpoint:
        if head not in self.seen:
            sides = self._sides(head)
            self.seen[head] = Standpoint(
                frozenset(party for party, side in sides.items() if side > 0),
                frozenset(party for party, side in sides.items() if side < 0),
            )
        return self.seen[head]

    def _sides(self, head: Head) -> dict[str, int]:
        """Return the sides of the parties, by the same rules as the module `sides`."""
        supporters, opponents = head.names(*FOR), head.names(*AGAINST)
        own: dict[str, int] = {}
        through: defaultdict[str, set[int]] = defaultdict(set)
        for name in head.names():
            own[name] = (name in supporters) - (name in opponents)
            for member in self.tree.register.members_of(name):
                through[member].add(own[name])
        shared = {member: sum(sides) for member, sides in through.items()}
        sides = sides_of_parties(own, shared, self.representatives)
        return {party: side for party, side in sides.items() if party in self.parties}


def _enclosing(drafts: list[Draft]) -> Iterator[tuple[int, int] | None]:
    """Yield for each draft the index of the draft that encloses it and the number of the option, or None.

    `drafts` is ordered by offset. Options are properly nested, so a stack of those around the current offset suffices.
    """
    spans = sorted(
        (start, -end, at, option) for at, draft in enumerate(drafts) for option, (start, end) in enumerate(draft.spans)
    )
    around: list[tuple[int, int, int]] = []
    following = 0
    for draft in drafts:
        while following < len(spans) and spans[following][0] < draft.offset:
            start, negative_end, at, option = spans[following]
            following += 1
            while around and around[-1][0] <= start:
                around.pop()
            around.append((-negative_end, at, option))
        while around and around[-1][0] <= draft.offset:
            around.pop()
        yield around[-1][1:] if around else None
