"""The index of the text: measures, variants and positions with their lifetimes, from one revision to the next.

`advance` takes the index one revision further; `rebuild` does nothing else, over all revisions, so both agree.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, F, Max, Min, QuerySet

from issues.brackets import Act, Comparison, Measures, Register, Tree, compare, measure, parse, variants
from issues.brackets import Variant as Found
from issues.choices import Outcome
from issues.models import Measure, Position, Provision, Revision, Variant
from issues.register import load_register
from members.models import Grouping, Member

OUTCOMES = {
    Act.LIFTED: Outcome.LIFTED,
    Act.DROPPED: Outcome.DROPPED,
    Act.CHOSEN: Outcome.CHOSEN,
    Act.MERGED: Outcome.MERGED,
    Act.REWORDED: Outcome.REWORDED,
}


class Holders(NamedTuple):
    """Primary keys by code, and back, so that positions are stored and read without a look-up each."""

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


def opened_by(provision: Provision, member: Member) -> set[int]:
    """Return the ordinals of the open variants that `member` put there: logged in its name, under its name alone."""
    rows = (
        Variant.objects.filter(provision=provision, closed_in=None, opened_in__on_behalf_of=member)
        .filter(positions__since_revision=F("opened_in"))
        .values("ordinal")
        .annotate(first=Min("positions__member"), last=Max("positions__member"), groupings=Count("positions__grouping"))
    )
    return {row["ordinal"] for row in rows if row["first"] == row["last"] == member.pk and not row["groupings"]}


@transaction.atomic
def rebuild(provisions: Iterable[Provision] | None = None) -> int:
    """Compute the index anew from the texts, for `provisions` or all; return how many revisions were read."""
    register, holders = load_register(), load_holders()
    read = 0
    for provision in Provision.objects.all() if provisions is None else provisions:
        _forget(provision)
        previous: Revision | None = None
        for revision in provision.revisions.order_by("number"):
            advance(revision, previous, register, holders)
            previous = revision
            read += 1
    return read


def _forget(provision: Provision) -> None:
    Variant.objects.filter(provision=provision).delete()
    Measure.objects.filter(revision__provision=provision).delete()


def advance(revision: Revision, previous: Revision | None, register: Register, holders: Holders) -> None:
    """Index `revision`, whose forerunner `previous` is indexed already."""
    tree = parse(revision.text, register)
    store_measures(revision, measure(tree))
    if previous is None:
        _open(revision, tree, list(enumerate(variants(tree), start=1)), holders)
        return
    before = parse(previous.text, register)
    _move_on(revision, tree, compare(before, tree), holders)


def store_measures(revision: Revision, figures: Measures) -> Measure:
    """Store the figures of one revision."""
    return Measure.objects.create(
        revision=revision,
        words=figures.words,
        contested_words=figures.contested_words,
        open_brackets=figures.open_brackets,
        alternatives=figures.alternatives,
        depth=figures.depth,
        named=sorted(figures.named),
        opposing=sorted(figures.opposing),
    )


def _move_on(revision: Revision, tree: Tree, comparison: Comparison, holders: Holders) -> None:
    """Close what ended, keep what stayed, open what is new. Rows and old variants stand in the same order."""
    rows = list(_open_rows(revision.provision))
    for event in comparison.events:
        if event.act in OUTCOMES and event.old is not None:
            _close(rows[event.old], revision, OUTCOMES[event.act])
    for old, new in comparison.same.items():
        _keep(rows[old], revision, tree, new + 1, comparison.new_variants[new], holders)
    kept = set(comparison.same.values())
    new_ones = [(at, found) for at, found in enumerate(comparison.new_variants, start=1) if at - 1 not in kept]
    _open(revision, tree, new_ones, holders)


def _open_rows(provision: Provision) -> QuerySet[Variant]:
    return Variant.objects.filter(provision=provision, closed_in=None).order_by("ordinal").prefetch_related("positions")


def _open(revision: Revision, tree: Tree, found: list[tuple[int, Found]], holders: Holders) -> None:
    rows = Variant.objects.bulk_create(
        Variant(
            provision=revision.provision,
            kind=one.form.value,
            text=one.words(tree.text).strip(),
            ordinal=ordinal,
            depth=one.depth,
            opened_in=revision,
            opened_on=revision.made_on,
        )
        for ordinal, one in found
    )
    Position.objects.bulk_create(
        _position(row, stance, name, revision, holders)
        for row, (_, one) in zip(rows, found, strict=True)
        for stance, name in _claims(one)
    )


def _claims(found: Found) -> list[tuple[str, str]]:
    claims = ((claim.stance, name) for claim in found.head.claims for name in claim.names)
    return list(dict.fromkeys(claims))


def _position(row: Variant, stance: str, name: str, revision: Revision, holders: Holders) -> Position:
    return Position(
        variant=row,
        member_id=holders.members.get(name),
        grouping_id=None if name in holders.members else holders.groupings[name],
        stance=stance,
        since_revision=revision,
        since=revision.made_on,
    )


def _close(row: Variant, revision: Revision, outcome: Outcome) -> None:
    row.closed_in, row.closed_on, row.outcome = revision, revision.made_on, outcome
    row.save(update_fields=["closed_in", "closed_on", "outcome"])
    row.positions.filter(until_revision=None).update(until_revision=revision, until=revision.made_on)


def _keep(row: Variant, revision: Revision, tree: Tree, ordinal: int, found: Found, holders: Holders) -> None:
    """Move the row to its new place and bring its positions up to date; unchanged rows cost nothing."""
    now = (ordinal, found.depth, found.form.value, found.words(tree.text).strip())
    if now != (row.ordinal, row.depth, row.kind, row.text):
        row.ordinal, row.depth, row.kind, row.text = now
        row.save(update_fields=["ordinal", "depth", "kind", "text"])
    held = {
        (position.stance, holders.codes[position.member_id, position.grouping_id]): position
        for position in row.positions.all()
        if position.until_revision_id is None
    }
    claims = _claims(found)
    for claim, position in held.items():
        if claim not in claims:
            position.until_revision, position.until = revision, revision.made_on
            position.save(update_fields=["until_revision", "until"])
    Position.objects.bulk_create(
        _position(row, stance, name, revision, holders) for stance, name in claims if (stance, name) not in held
    )
