"""What one revision does to the variants and positions of a text: which open, stay, change and end.

A `Step` speaks of variants by their ordinals, before and after; it is made from the two texts alone and costs what
changed. `index` applies it to what is stored, and `lives_of` to rows in memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from issues.brackets import Act, Register, Tree, compare, parse, variants
from issues.brackets import Variant as Found
from issues.choices import Outcome
from issues.models import Position, Revision, Variant
from members.models import Grouping, Member

OUTCOMES = {
    Act.LIFTED: Outcome.LIFTED,
    Act.DROPPED: Outcome.DROPPED,
    Act.CHOSEN: Outcome.CHOSEN,
    Act.MERGED: Outcome.MERGED,
    Act.REWORDED: Outcome.REWORDED,
}
Claim = tuple[str, str]  # a stance, and the code of who takes it


class Facts(NamedTuple):
    """What a row of a variant says beside its place and its life."""

    kind: str
    text: str
    depth: int


@dataclass
class Step:
    """What one revision does. Keys are ordinals, from 1: of the text before, or of the text after where it says so.

    `moved` says the new ordinal of each that stays and has another one, `altered` its new facts where they differ,
    `ended` and `taken` which positions; `opened` are ordinals after, with facts and positions.
    """

    closed: dict[int, Outcome] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    altered: dict[int, Facts] = field(default_factory=dict)
    ended: dict[int, list[Claim]] = field(default_factory=dict)
    taken: dict[int, list[Claim]] = field(default_factory=dict)
    opened: dict[int, tuple[Facts, list[Claim]]] = field(default_factory=dict)


def step(before: Tree | None, after: Tree) -> Step:
    """Return what a revision does whose text is `after`; the one before it says `before`, None for the first."""
    done = Step()
    if before is None:
        for ordinal, one in enumerate(variants(after), start=1):
            done.opened[ordinal] = _facts(one, after), _claims(one)
        return done
    comparison = compare(before, after)
    for event in comparison.events:
        if event.act in OUTCOMES and event.old is not None:
            done.closed[event.old + 1] = OUTCOMES[event.act]
    for old, new in comparison.same.items():
        _stays(done, old + 1, comparison.old_variants[old], before, new + 1, comparison.new_variants[new], after)
    kept = set(comparison.same.values())
    for new, one in enumerate(comparison.new_variants):
        if new not in kept:
            done.opened[new + 1] = _facts(one, after), _claims(one)
    return done


def _stays(done: Step, ordinal: int, old: Found, before: Tree, place: int, new: Found, after: Tree) -> None:
    if place != ordinal:
        done.moved[ordinal] = place
    facts = _facts(new, after)
    if facts != _facts(old, before):
        done.altered[ordinal] = facts
    if new.head is old.head or new.head == old.head:
        return
    held, holds = _claims(old), _claims(new)
    if gone := [claim for claim in held if claim not in holds]:
        done.ended[ordinal] = gone
    if come := [claim for claim in holds if claim not in held]:
        done.taken[ordinal] = come


def _facts(found: Found, tree: Tree) -> Facts:
    return Facts(found.form.value, found.words(tree.text).strip(), found.depth)


def _claims(found: Found) -> list[Claim]:
    return list({(claim.stance, name): None for claim in found.head.claims for name in claim.names})


class Holders(NamedTuple):
    """Primary keys by code, of members and of groupings."""

    members: dict[str, int]
    groupings: dict[str, int]


def holders_of(codes: Iterable[str] | None = None) -> Holders:
    """Return the keys behind `codes`, or of everybody who may hold a position. Two queries."""
    members, groupings = Member.objects.order_by(), Grouping.objects.order_by()
    if codes is not None:
        members, groupings = members.filter(code__in=codes), groupings.filter(code__in=codes)
    return Holders(dict(members.values_list("code", "pk")), dict(groupings.values_list("code", "pk")))


def position(variant: Variant, claim: Claim, revision: Revision, holders: Holders) -> Position:
    """Return a row, not stored: that somebody takes a position from `revision` on."""
    stance, code = claim
    return Position(
        variant=variant,
        member_id=holders.members.get(code),
        grouping_id=None if code in holders.members else holders.groupings[code],
        stance=stance,
        since_revision=revision,
        since=revision.made_on,
    )


def opened(revision: Revision, ordinal: int, facts: Facts) -> Variant:
    """Return a row, not stored: a variant that `revision` opens."""
    return Variant(
        provision_id=revision.provision_id,
        kind=facts.kind,
        text=facts.text,
        depth=facts.depth,
        ordinal=ordinal,
        opened_in=revision,
        opened_on=revision.made_on,
    )


@dataclass(eq=False)
class Life:
    """A variant in memory, with its positions: those that are held, by claim, and those that ended."""

    variant: Variant
    held: dict[Claim, Position]
    ended: list[Position] = field(default_factory=list)

    @property
    def positions(self) -> list[Position]:
        """All of them."""
        return [*self.ended, *self.held.values()]


def read_by_index(revision: Revision, register: Register) -> Tree:
    """Return what the index reads of `revision`: its text, and nothing where it was kept unparsed."""
    return parse("" if revision.unparsed else revision.text, register)


def lives_of(
    revisions: Iterable[Revision], register: Register, holders: Holders
) -> Iterator[tuple[Revision, Tree, list[Life]]]:
    """Yield each of all revisions of one text, in order, with its tree and the lives that it opens.

    Nothing is stored; what a later revision does to a life, it does to the one that was yielded.
    """
    before: Tree | None = None
    lives: dict[int, Life] = {}
    for revision in revisions:
        after = read_by_index(revision, register)
        done = step(before, after)
        lives = _applied(done, lives, revision, holders)
        yield revision, after, [lives[ordinal] for ordinal in done.opened]
        before = after


def _applied(done: Step, lives: dict[int, Life], revision: Revision, holders: Holders) -> dict[int, Life]:
    """Return the lives by their ordinals after `revision`."""
    after: dict[int, Life] = {}
    for ordinal, life in lives.items():
        if ordinal in done.closed:
            life.variant.closed_in, life.variant.closed_on = revision, revision.made_on
            life.variant.outcome = done.closed[ordinal]
            for held in life.held.values():
                held.until_revision, held.until = revision, revision.made_on
            continue
        if ordinal in done.altered:
            life.variant.kind, life.variant.text, life.variant.depth = done.altered[ordinal]
        for claim in done.ended.get(ordinal, ()):
            gone = life.held.pop(claim)
            gone.until_revision, gone.until = revision, revision.made_on
            life.ended.append(gone)
        for claim in done.taken.get(ordinal, ()):
            life.held[claim] = position(life.variant, claim, revision, holders)
        life.variant.ordinal = done.moved.get(ordinal, ordinal)
        after[life.variant.ordinal] = life
    for ordinal, (facts, claims) in done.opened.items():
        variant = opened(revision, ordinal, facts)
        after[ordinal] = Life(variant, {claim: position(variant, claim, revision, holders) for claim in claims})
    return after
