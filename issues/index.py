"""The index of the text: measures, variants and positions with their lifetimes, stored, made anew, and verified.

`advance` takes the index one revision further and `rebuild` makes it anew; both do what `lifetimes` says.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Case, Count, F, IntegerField, Max, Min, When
from django.db.models.expressions import CombinedExpression

from issues.brackets import Measures, Register, Tree, measure
from issues.lifetimes import Claim, Holders, Life, Step, holders_of, lives_of, opened, position, step
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
    """Index `revision`, whose text is `after`; that of the revision before it, `before`, is indexed already.

    Costs what changed: rows of variants that stay as they are are neither read nor written, but for their ordinals.
    """
    _measure_of(revision, measure(after)).save(force_insert=True)
    _store(revision, step(before, after))


def _store(revision: Revision, done: Step) -> None:
    open_now = Variant.objects.filter(provision=revision.provision_id, closed_in=None)
    touched = {*done.closed, *done.altered, *done.ended, *done.taken}
    rows = {row.ordinal: row for row in open_now.filter(ordinal__in=touched)} if touched else {}
    claims = [*chain.from_iterable(done.taken.values()), *chain.from_iterable(held for _, held in done.opened.values())]
    holders = holders_of({code for _, code in claims}) if claims else Holders({}, {})
    _move(revision, done.moved)
    for ordinal, outcome in done.closed.items():
        row = rows[ordinal]
        row.closed_in, row.closed_on, row.outcome = revision, revision.made_on, outcome
        row.save(update_fields=["closed_in", "closed_on", "outcome"])
    for ordinal, facts in done.altered.items():
        row = rows[ordinal]
        row.kind, row.text, row.depth = facts
        row.save(update_fields=["kind", "text", "depth"])
    _end(revision, [rows[ordinal] for ordinal in done.closed], {rows[at]: gone for at, gone in done.ended.items()})
    new = [opened(revision, ordinal, facts) for ordinal, (facts, _) in done.opened.items()]
    Variant.objects.bulk_create(new)
    taken = [(rows[ordinal], come) for ordinal, come in done.taken.items()]
    taken += [(row, held) for row, (_, held) in zip(new, done.opened.values(), strict=True)]
    Position.objects.bulk_create(position(row, claim, revision, holders) for row, come in taken for claim in come)


def _move(revision: Revision, moved: dict[int, int]) -> None:
    """Give the variants that stay their new ordinals, all at once: neighbours mostly move by the same number."""
    runs: list[tuple[int, int, int]] = []  # first and last ordinal, by how much
    for ordinal, place in sorted(moved.items()):
        if runs and runs[-1][1] == ordinal - 1 and runs[-1][2] == place - ordinal:
            runs[-1] = (runs[-1][0], ordinal, runs[-1][2])
        else:
            runs.append((ordinal, ordinal, place - ordinal))
    if not runs:
        return
    by: list[When] = [When(ordinal__range=(first, last), then=_shifted(by)) for first, last, by in runs]
    open_now = Variant.objects.filter(provision=revision.provision_id, closed_in=None)
    open_now.filter(ordinal__range=(runs[0][0], runs[-1][1])).update(
        ordinal=Case(*by, default=F("ordinal"), output_field=IntegerField())
    )


def _shifted(by: int) -> CombinedExpression:
    return F("ordinal") + by


def _end(revision: Revision, closed: list[Variant], given_up: dict[Variant, list[Claim]]) -> None:
    """End the positions at variants that were closed, and those that were given up."""
    held = Position.objects.filter(until_revision=None)
    gone = [row.pk for row in closed]
    ended = list(held.filter(variant__in=gone).values_list("pk", flat=True)) if gone else []
    for row, claims in given_up.items():
        at_row = held.filter(variant=row).select_related("member", "grouping")
        ended += [one.pk for one in at_row if (one.stance, one.holder.code) in claims]
    if ended:
        Position.objects.filter(pk__in=ended).update(until_revision=revision, until=revision.made_on)


def rebuild(provisions: Iterable[Provision] | None = None) -> int:
    """Make the index anew from the texts, for `provisions` or all, one transaction each; return the revisions read.

    Whoever logs a change of a text meanwhile waits for that text alone; readers see the old index until it is done.
    """
    register, holders = load_register(), holders_of()
    chosen = Provision.objects.order_by("pk") if provisions is None else provisions
    return sum(_rebuild(provision, register, holders) for provision in chosen)


@transaction.atomic
def _rebuild(provision: Provision, register: Register, holders: Holders) -> int:
    Provision.objects.select_for_update().get(pk=provision.pk)
    measures, lives = _computed(provision, register, holders)
    Variant.objects.filter(provision=provision).delete()
    Measure.objects.filter(revision__provision=provision).delete()
    Measure.objects.bulk_create(measures)
    Variant.objects.bulk_create(life.variant for life in lives)
    Position.objects.bulk_create(chain.from_iterable(life.positions for life in lives))
    return len(measures)


def _computed(provision: Provision, register: Register, holders: Holders) -> tuple[list[Measure], list[Life]]:
    """Return the whole index of a text, computed from its revisions; nothing is stored."""
    measures: list[Measure] = []
    lives: list[Life] = []
    for revision, tree, new in lives_of(provision.revisions.order_by("number"), register, holders):
        measures.append(_measure_of(revision, measure(tree)))
        lives += new
    return measures, lives


def differences(provision: Provision, register: Register, holders: Holders) -> list[str]:
    """Return in a sentence each what of the stored index is not what the texts say. Nothing is changed."""
    measures, lives = _computed(provision, register, holders)
    numbers = {one.revision_id: one.revision.number for one in measures}
    stored = {one.revision_id: _figures(one) for one in Measure.objects.filter(revision__in=numbers)}
    found = [
        f"revision {numbers[one.revision_id]}: the figures on record are not those of the text"
        for one in measures
        if stored.get(one.revision_id) != _figures(one)
    ]
    computed = sorted(_said(life.variant, life.positions) for life in lives)
    rows = Variant.objects.filter(provision=provision).prefetch_related("positions")
    kept = sorted(_said(row, row.positions.all()) for row in rows)
    if computed != kept:
        odd = [one for one in computed if one not in kept] or [one for one in kept if one not in computed]
        opened_in = numbers[odd[0][0]] if odd else 1
        found.append(f"revision {opened_in}: variants or positions on record since it are not those of the text")
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


def _figures(row: Measure) -> tuple[Any, ...]:
    return tuple(getattr(row, one.attname) for one in Measure._meta.fields)


def _said(row: Variant, positions: Iterable[Position]) -> tuple[Any, ...]:
    """Return what a variant says, without its key; beginning with the revision that opened it."""
    names = ("opened_in_id", "ordinal", "kind", "text", "depth", "opened_on", "outcome")
    held = ("stance", "since_revision_id", "since")
    return (
        *(getattr(row, name) for name in names),
        (row.closed_in_id or 0, str(row.closed_on)),
        sorted(
            (
                *(getattr(one, name) for name in held),
                (one.member_id or 0, one.grouping_id or 0, one.until_revision_id or 0, str(one.until)),
            )
            for one in positions
        ),
    )
