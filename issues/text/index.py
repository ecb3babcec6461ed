"""The index of the text: measures, variants and positions with their lifetimes, stored, made anew, and verified.

`advance` takes the index one revision further and `rebuild` makes it anew; both do what `lifetimes` says.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, Count, Exists, F, IntegerField, Max, Min, OuterRef, Prefetch, When
from django.db.models.expressions import CombinedExpression

from bracketed_text import Measures, Register, Tree, measure
from issues.models import Measure, Position, Provision, Revision, Variant
from issues.text.entries import Endings
from issues.text.lifetimes import (
    Ended,
    Holders,
    Life,
    Step,
    Texts,
    applied,
    holders_of,
    lives_of,
    lives_resumed,
    step,
    step_of,
    taking_back,
)
from issues.text.member_names import load_register
from members.models import Member

BATCH = 500
CONTINUED = "continued"


def opened_by(provision: Provision, member: Member) -> set[int]:
    """Return the ordinals of the open variants that `member` put there: logged in its name, under its name alone."""
    rows = (
        Variant.objects.filter(provision=provision, closed_in=None, begun_in__on_behalf_of=member)
        .filter(positions__begun_in=F("begun_in"))
        .values("ordinal")
        .annotate(first=Min("positions__member"), last=Max("positions__member"), groupings=Count("positions__grouping"))
    )
    return {row["ordinal"] for row in rows if row["first"] == row["last"] == member.pk and not row["groupings"]}


def stored_texts(provision: Provision, register: Register) -> Texts:
    """Return the entries of `provision`, each read when it is asked for."""

    def last_of(first: Revision) -> int:
        last = first.carried_by.aggregate(last=Max("number"))["last"]
        return last or first.number

    return Texts(register, lambda number: provision.revisions.get(number=number), last_of)


def advance(entries: Sequence[Revision], texts: Texts) -> Step:
    """Index the newest of a provision's `entries`, one or a late one with those that carry it; return what they do.

    Costs what changed: rows of variants that stay as they are are neither read nor written, but for their ordinals.
    """
    for revision in entries:
        _measure_of(revision, measure(texts.tree(revision.number))).save(force_insert=True)
    result = step_of(entries[0], texts)
    _store(entries[0], result)
    return result


def would_resume(mistake: Revision, before: Tree, after: Tree, texts: Texts, endings: Endings) -> bool:
    """Whether an entry that turned `before`, which stands, into `after` would take back something of `mistake`."""
    result = taking_back(mistake, step(before, after, endings), after, texts)
    past = _Stored(mistake.provision_id)
    if lives_resumed(result, past):
        return True
    lives = past.open(result.taken)
    return any(lives[at].ended_by(mistake, claim) for at, claims in result.taken.items() for claim in claims)


def _store(revision: Revision, result: Step) -> None:
    past = _Stored(revision.provision_id)
    lives = past.open({*result.closed, *result.altered, *result.ended, *result.taken})
    claims = [claim for _, opened in result.opened.values() for claim in opened]
    claims += chain.from_iterable(result.taken.values())
    holders = holders_of({code for _, code in claims}) if claims else Holders({}, {})
    new = applied(result, lives, revision, holders, past)
    _move(revision, result.moved)
    rows = [lives[ordinal].variant for ordinal in result.closed]
    Variant.objects.bulk_update(rows, ["closed_in", "closed_on", "outcome"], batch_size=BATCH)
    rows = [lives[ordinal].variant for ordinal in result.altered]
    Variant.objects.bulk_update(rows, ["kind", "text", "depth"], batch_size=BATCH)
    positions = list(chain.from_iterable(life.positions for life in (*lives.values(), *new.values())))
    ended = [one for one in positions if one.pk and one.until_revision_id == revision.pk]
    Position.objects.bulk_update(ended, ["until_revision", "until"], batch_size=BATCH)
    Variant.objects.bulk_create(life.variant for life in new.values())
    Position.objects.bulk_create(one for one in positions if not one.pk)


class _Stored:
    """The lives of a provision as they are stored."""

    def __init__(self, provision: int) -> None:
        self.rows = Variant.objects.filter(provision=provision)
        continued = Variant.objects.filter(earlier=OuterRef("pk"))
        self.last = self.rows.filter(~Exists(continued), closed_in__isnull=False)

    def open(self, ordinals: Collection[int]) -> dict[int, Life]:
        """Return the open lives with these ordinals."""
        if not ordinals:
            return {}
        lives = _lives(self.rows.filter(closed_in=None, ordinal__in=ordinals))
        return {life.variant.ordinal: life for life in lives}

    def closed_by(self, mistake: Revision, ordinals: Collection[int]) -> dict[int, Life]:
        """Return the lives that an entry closed, by the ordinals that they had before it, of those in `ordinals`."""
        lives = _lives(self.last.filter(closed_in=mistake, ordinal__in=ordinals))
        return {life.variant.ordinal: life for life in lives}

    def closed_with(self, words: Collection[str]) -> dict[str, list[Life]]:
        """Return the closed lives with these words."""
        lives: dict[str, list[Life]] = {}
        for life in _lives(self.last.filter(text__in=words)):
            lives.setdefault(life.variant.text, []).append(life)
        return lives


def _lives(rows: Iterable[Variant]) -> list[Life]:
    """Return the lives of `rows`, with those before them. At most four queries, however long the line is."""
    lives = {row.pk: Life(row) for row in rows}
    asked = list(lives.values())
    if any(life.variant.earlier_id for life in asked):
        lives |= {row.pk: Life(row) for row in Variant.objects.filter(pk__in=_line(lives))}
    for life in lives.values():
        life.earlier = lives.get(life.variant.earlier_id or 0)
    continued = Exists(Position.objects.filter(earlier=OuterRef("pk")))
    positions = Position.objects.filter(variant__in=list(lives)).select_related("member", "grouping")
    in_order = positions.annotate(**{CONTINUED: continued}).order_by("until_revision__number", "pk")
    for position in in_order if lives else ():
        life, claim = lives[position.variant_id], (position.stance, position.holder.code)
        if position.until_revision_id is None:
            life.held[claim] = position
        else:
            life.ended.append(Ended(claim, position, getattr(position, CONTINUED)))
    return asked


def _line(lives: Collection[int]) -> list[int]:
    """Return the keys of the rows before those with the keys `lives`, of all their earlier ones."""
    table = connection.ops.quote_name(Variant._meta.db_table)
    keys = ", ".join(["%s"] * len(lives))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE line(id) AS (SELECT earlier_id FROM {table} WHERE id IN ({keys}) UNION "  # noqa: S608
            f"SELECT earlier_id FROM {table} INNER JOIN line USING (id)) SELECT id FROM line WHERE id IS NOT NULL",
            list(lives),
        )
        return [row[0] for row in cursor.fetchall()]


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
    _create(lives)
    return len(measures)


def _create(lives: list[Life]) -> None:
    """Store lives that are not stored."""
    _create_rows(Variant, [life.variant for life in lives])
    _create_rows(Position, [position for life in lives for position in life.positions])


def _create_rows(model: type[Variant] | type[Position], rows: list[Any]) -> None:
    """Store the rows of one table: first themselves, then which of them names which as its earlier one."""
    again = [(row, row.earlier) for row in rows if row.earlier]
    for row, _ in again:
        row.earlier = None
    model._default_manager.bulk_create(rows)
    for row, before in again:
        row.earlier = before
    model._default_manager.bulk_update([row for row, _ in again], ["earlier"], batch_size=BATCH)


def _computed(provision: Provision, register: Register, holders: Holders) -> tuple[list[Measure], list[Life]]:
    """Return the whole index of a text, computed from its revisions; nothing is stored."""
    measures: list[Measure] = []
    lives: list[Life] = []
    for revision, tree, new in lives_of(list(provision.revisions.order_by("number")), register, holders):
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
    positions = Prefetch("positions", Position.objects.select_related("earlier"))
    rows = Variant.objects.filter(provision=provision).select_related("earlier").prefetch_related(positions)
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
    names = ("opened_in_id", "ordinal", "kind", "text", "depth", "opened_on", "outcome", "resumes")
    held = ("stance", "since_revision_id", "since", "resumes")
    before = row.earlier
    return (
        *(getattr(row, name) for name in names),
        (row.closed_in_id or 0, str(row.closed_on), row.begun_in_id or 0, str(row.begun_on)),
        (before.closed_in_id or 0, before.ordinal) if before else (0, 0),
        sorted(
            (
                *(getattr(position, name) for name in held),
                (position.member_id or 0, position.grouping_id or 0),
                (position.until_revision_id or 0, str(position.until)),
                (position.begun_in_id or 0, str(position.begun_on)),
                (position.earlier.since_revision_id, position.earlier.until_revision_id or 0)
                if position.earlier
                else (0, 0),
            )
            for position in positions
        ),
    )
