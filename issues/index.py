"""The index of the text: measures, variants and positions with their lifetimes, stored, made anew, and verified.

`advance` takes the index one revision further and `rebuild` makes it anew; both store what `lifetimes` says.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Min, Prefetch

from issues.brackets import Measures, Register, Tree, measure
from issues.lifetimes import Holders, Life, Step, lives_of, load_holders, step
from issues.models import Measure, Position, Provision, Revision, Variant
from issues.register import load_register
from members.models import Member


def opened_by(provision: Provision, member: Member) -> set[int]:
    """Return the ordinals of the open variants that `member` put there: logged in its name, under its name alone."""
    rows = (
        Variant.objects.filter(provision=provision, closed_in=None, opened_in__on_behalf_of=member)
        .filter(positions__since_revision=F("opened_in"))
        .values("ordinal")
        .annotate(first=Min("positions__member"), last=Max("positions__member"), groupings=Count("positions__grouping"))
    )
    return {row["ordinal"] for row in rows if row["first"] == row["last"] == member.pk and not row["groupings"]}


def advance(revision: Revision, before: Tree | None, after: Tree) -> None:
    """Index `revision`, whose text is `after`; that of the revision before it, `before`, is indexed already."""
    holders = load_holders()
    _measure_of(revision, measure(after)).save(force_insert=True)
    lives = _open_lives(revision.provision_id, holders) if before is not None else []
    _store(revision, step(lives, revision, before, after, holders))


def rebuild(provisions: Iterable[Provision] | None = None) -> int:
    """Make the index anew from the texts, for `provisions` or all, one transaction each; return the revisions read.

    Whoever logs a change of a text meanwhile waits for that text alone; readers see the old index until it is done.
    """
    register, holders = load_register(), load_holders()
    chosen = Provision.objects.order_by("pk") if provisions is None else provisions
    return sum(_rebuild(provision, register, holders) for provision in chosen)


@transaction.atomic
def _rebuild(provision: Provision, register: Register, holders: Holders) -> int:
    Provision.objects.select_for_update().get(pk=provision.pk)
    revisions = list(provision.revisions.order_by("number"))
    measures, lives = [], dict[int, Life]()
    for revision, (tree, done) in zip(revisions, lives_of(revisions, register, holders), strict=True):
        measures.append(_measure_of(revision, measure(tree)))
        lives |= {id(life): life for life in done.opened}
    Variant.objects.filter(provision=provision).delete()
    Measure.objects.filter(revision__provision=provision).delete()
    Measure.objects.bulk_create(measures)
    Variant.objects.bulk_create(life.variant for life in lives.values())
    Position.objects.bulk_create(
        position for life in lives.values() for position in (*life.given_up, *life.held.values())
    )
    return len(revisions)


def differences(provision: Provision, register: Register, holders: Holders) -> list[str]:
    """Return in a sentence each what of the stored index is not what the texts say. Nothing is changed."""
    revisions = list(provision.revisions.order_by("number"))
    numbers = {revision.pk: revision.number for revision in revisions}
    found: list[str] = []
    measures, lives = dict[int, tuple[Any, ...]](), dict[int, Life]()
    for revision, (tree, done) in zip(revisions, lives_of(revisions, register, holders), strict=True):
        measures[revision.pk] = _figures(_measure_of(revision, measure(tree)))
        lives |= {id(life): life for life in done.opened}
    stored = {one.revision_id: _figures(one) for one in Measure.objects.filter(revision__in=numbers)}
    found += [
        f"revision {numbers[pk]}: the figures on record are not those of the text"
        for pk in sorted(numbers)
        if stored.get(pk) != measures[pk]
    ]
    computed = sorted(_facts(life.variant, (*life.given_up, *life.held.values())) for life in lives.values())
    rows = Variant.objects.filter(provision=provision).prefetch_related("positions")
    kept = sorted(_facts(row, row.positions.all()) for row in rows)
    odd = [one for one in computed if one not in kept] or [one for one in kept if one not in computed]
    if odd or len(computed) != len(kept):
        opened = numbers[odd[0][0]] if odd else 1
        found.append(f"revision {opened}: variants or positions on record since it are not those of the text")
    return found


def _measure_of(revision: Revision, figures: Measures) -> Measure:
    return Measure(
        revision=revision,
        words=figures.words,
        contested_words=figures.contested_words,
        open_brackets=figures.open_brackets,
        alternatives=figures.alternatives,
        depth=figures.depth,
        named=sorted(figures.named),
        opposing=sorted(figures.opposing),
    )


def _open_lives(provision: int, holders: Holders) -> list[Life]:
    """Return what stands open, in order of the text. Two queries."""
    held = Position.objects.filter(until_revision=None).order_by("pk")
    rows = Variant.objects.filter(provision=provision, closed_in=None).order_by("ordinal")
    return [
        Life(row, {(one.stance, holders.codes[one.member_id, one.grouping_id]): one for one in row.positions.all()})
        for row in rows.prefetch_related(Prefetch("positions", held))
    ]


def _store(revision: Revision, done: Step) -> None:
    Variant.objects.bulk_create(life.variant for life in done.opened)
    Position.objects.bulk_create((*(position for life in done.opened for position in life.held.values()), *done.taken))
    for life in done.closed:
        life.variant.save(update_fields=["closed_in", "closed_on", "outcome"])
    if done.ended:
        ended = Position.objects.filter(pk__in=[position.pk for position in done.ended])
        ended.update(until_revision=revision, until=revision.made_on)
    for by, moved in done.moved.items():
        Variant.objects.filter(pk__in=[variant.pk for variant in moved]).update(ordinal=F("ordinal") + by)
    if done.altered:
        Variant.objects.bulk_update(done.altered, ["ordinal", "depth", "kind", "text"])


def _figures(row: Measure) -> tuple[Any, ...]:
    return tuple(getattr(row, field.attname) for field in Measure._meta.fields)


def _facts(row: Variant, positions: Iterable[Position]) -> tuple[Any, ...]:
    """Return what a variant says, without its key; beginning with the revision that opened it."""
    fields = ("opened_in_id", "ordinal", "kind", "text", "depth", "opened_on", "outcome")
    held = ("stance", "since_revision_id", "since")
    return (
        *(getattr(row, name) for name in fields),
        (row.closed_in_id or 0, str(row.closed_on)),
        sorted(
            (
                *(getattr(one, name) for name in held),
                (one.member_id or 0, one.grouping_id or 0, one.until_revision_id or 0, str(one.until)),
            )
            for one in positions
        ),
    )
