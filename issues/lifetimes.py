"""The lives of variants and positions through the revisions of a text: what opens, stays, changes and ends.

In memory, from the texts alone; `index` stores it. One revision is one `Step`, so a change costs what it changes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from issues.brackets import Act, Comparison, Register, Tree, compare, parse, variants
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


class Holders(NamedTuple):
    """Primary keys by code, and back, so that positions are made and read without a look-up each."""

    members: dict[str, int]
    groupings: dict[str, int]
    codes: dict[tuple[int | None, int | None], str]


def load_holders() -> Holders:
    """Return everybody who may hold a position. Two queries."""
    members = dict(Member.objects.values_list("code", "pk"))
    groupings = dict(Grouping.objects.values_list("code", "pk"))
    codes: dict[tuple[int | None, int | None], str] = {(pk, None): code for code, pk in members.items()}
    codes |= {(None, pk): code for code, pk in groupings.items()}
    return Holders(members, groupings, codes)


@dataclass(eq=False)
class Life:
    """A variant, and the positions that are held at it, by claim; `given_up` are those that ended before."""

    variant: Variant
    held: dict[Claim, Position]
    given_up: list[Position] = field(default_factory=list)


@dataclass
class Step:
    """What one revision does: `open` stand after it in order of the text, the rest says what became of whom.

    `moved` have another ordinal and nothing else, by how much; `altered` differ in more.
    """

    open: list[Life] = field(default_factory=list)
    opened: list[Life] = field(default_factory=list)
    closed: list[Life] = field(default_factory=list)
    moved: dict[int, list[Variant]] = field(default_factory=dict)
    altered: list[Variant] = field(default_factory=list)
    taken: list[Position] = field(default_factory=list)
    ended: list[Position] = field(default_factory=list)


def step(lives: list[Life], revision: Revision, before: Tree | None, after: Tree, holders: Holders) -> Step:
    """Return what `revision`, whose text is `after`, does to the `lives` that stood open in the text `before`."""
    done = Step()
    if before is None:
        found = variants(after)
        kept: dict[int, Life] = {}
    else:
        comparison = compare(before, after)
        found = comparison.new_variants
        kept = {new: lives[old] for old, new in comparison.same.items()}
        _close(done, lives, comparison, revision)
    for number, one in enumerate(found):
        life = kept.get(number)
        if life is None:
            life = _opened(revision, after, number + 1, one, holders)
            done.opened.append(life)
        else:
            _keep(done, life, revision, after, number + 1, one, holders)
        done.open.append(life)
    return done


def lives_of(revisions: Iterable[Revision], register: Register, holders: Holders) -> Iterator[tuple[Tree, Step]]:
    """Yield for each of all revisions of one text, in order, its tree and what it does. Nothing is stored."""
    before, lives = None, list[Life]()
    for revision in revisions:
        after = parse(revision.text, register)
        done = step(lives, revision, before, after, holders)
        yield after, done
        before, lives = after, done.open


def _close(done: Step, lives: list[Life], comparison: Comparison, revision: Revision) -> None:
    for event in comparison.events:
        if event.act not in OUTCOMES or event.old is None:
            continue
        life = lives[event.old]
        life.variant.closed_in, life.variant.closed_on = revision, revision.made_on
        life.variant.outcome = OUTCOMES[event.act]
        for position in life.held.values():
            _end(done, position, revision)
        done.closed.append(life)


def _end(done: Step, position: Position, revision: Revision) -> None:
    position.until_revision, position.until = revision, revision.made_on
    done.ended.append(position)


def _opened(revision: Revision, tree: Tree, ordinal: int, found: Found, holders: Holders) -> Life:
    variant = Variant(
        provision_id=revision.provision_id,
        kind=found.form.value,
        text=found.words(tree.text).strip(),
        ordinal=ordinal,
        depth=found.depth,
        opened_in=revision,
        opened_on=revision.made_on,
    )
    return Life(variant, {claim: _position(variant, claim, revision, holders) for claim in _claims(found)})


def _keep(done: Step, life: Life, revision: Revision, tree: Tree, ordinal: int, found: Found, holders: Holders) -> None:
    """Move the variant to its new place and bring its positions up to date; unchanged ones cost nothing."""
    variant = life.variant
    words = found.words(tree.text).strip()
    if (variant.depth, variant.kind, variant.text) != (found.depth, found.form.value, words):
        variant.ordinal, variant.depth, variant.kind, variant.text = ordinal, found.depth, found.form.value, words
        done.altered.append(variant)
    elif variant.ordinal != ordinal:
        done.moved.setdefault(ordinal - variant.ordinal, []).append(variant)
        variant.ordinal = ordinal
    claims = _claims(found)
    if claims.keys() == life.held.keys():
        return
    for claim in life.held.keys() - claims.keys():
        position = life.held.pop(claim)
        _end(done, position, revision)
        life.given_up.append(position)
    for claim in claims:
        if claim not in life.held:
            life.held[claim] = _position(variant, claim, revision, holders)
            done.taken.append(life.held[claim])


def _claims(found: Found) -> dict[Claim, None]:
    return {(claim.stance, name): None for claim in found.head.claims for name in claim.names}


def _position(variant: Variant, claim: Claim, revision: Revision, holders: Holders) -> Position:
    stance, name = claim
    return Position(
        variant=variant,
        member_id=holders.members.get(name),
        grouping_id=None if name in holders.members else holders.groupings[name],
        stance=stance,
        since_revision=revision,
        since=revision.made_on,
    )
