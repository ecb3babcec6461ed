"""The text index: stored measures, variants and positions, computed from the revisions.

- `advance` indexes an additional entry, at a cost that depends only on the extent of the change.
- `rebuild` recomputes the index of whole texts, and `differences` compares the stored index with the recomputed one.

All these functions use `steps` to determine the effect of an entry and `lifetimes` to determine the resulting rows. An
index that was built entry by entry is therefore equal to a rebuilt index.
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
    Holders,
    Life,
    PastPosition,
    apply_step,
    compute_lives,
    holders_of,
    resumed_lives,
)
from issues.text.member_names import load_register
from issues.text.steps import Step, Texts, correcting, step_between, step_of
from members.models import Member

BATCH = 500
# The annotation that shows whether a later position refers to this position as its earlier position.
CONTINUED = "continued"


def opened_by(provision: Provision, member: Member) -> set[int]:
    """Return the ordinals of the open variants that `member` opened without naming any other holder."""
    rows = (
        Variant.objects.filter(provision=provision, closed_in=None, begun_in__on_behalf_of=member)
        .filter(positions__begun_in=F("begun_in"))
        .values("ordinal")
        .annotate(first=Min("positions__member"), last=Max("positions__member"), groupings=Count("positions__grouping"))
    )
    return {row["ordinal"] for row in rows if row["first"] == row["last"] == member.pk and not row["groupings"]}


def stored_texts(provision: Provision, register: Register) -> Texts:
    """Return the texts of `provision`, whose entries are loaded on demand."""

    def last_of(first: Revision) -> int:
        last = first.carried_by.aggregate(last=Max("number"))["last"]
        return last or first.number

    return Texts(register, lambda number: provision.revisions.get(number=number), last_of)


def advance(entries: Sequence[Revision], texts: Texts) -> Step:
    """Index the newest entries of a provision, and return their step.

    `entries` contains either a single entry, or a late entry followed by the entries that carry it forward. Rows of
    unchanged variants are not read, and only their ordinals may be updated.
    """
    for revision in entries:
        _measure_of(revision, measure(texts.tree(revision.number))).save(force_insert=True)
    step = step_of(entries[0], texts)
    _store(entries[0], step)
    return step


def would_resume(mistake: Revision, before: Tree, after: Tree, texts: Texts, endings: Endings) -> bool:
    """Return whether an entry would resume the life of a variant or position that `mistake` ended.

    The entry changes the current text from `before` to `after`.
    """
    step = correcting(mistake, step_between(before, after, endings), after, texts)
    past = _Stored(mistake.provision_id)
    if resumed_lives(step, past):
        return True
    lives = past.open(step.taken)
    return any(lives[ordinal].ended_by(mistake, claim) for ordinal, claims in step.taken.items() for claim in claims)


def _store(revision: Revision, step: Step) -> None:
    """Apply the step of `revision` to the stored rows."""
    past = _Stored(revision.provision_id)
    lives = past.open({*step.closed, *step.altered, *step.ended, *step.taken})
    claims = [claim for _, opened in step.opened.values() for claim in opened]
    claims += chain.from_iterable(step.taken.values())
    holders = holders_of({code for _, code in claims}) if claims else Holders({}, {})
    new = apply_step(step, lives, revision, holders, past)
    _move(revision, step.moved)
    rows = [lives[ordinal].variant for ordinal in step.closed]
    Variant.objects.bulk_update(rows, ["closed_in", "closed_on", "outcome"], batch_size=BATCH)
    rows = [lives[ordinal].variant for ordinal in step.altered]
    Variant.objects.bulk_update(rows, ["kind", "text", "depth"], batch_size=BATCH)
    positions = list(chain.from_iterable(life.positions for life in (*lives.values(), *new.values())))
    ended = [position for position in positions if position.pk and position.until_revision_id == revision.pk]
    Position.objects.bulk_update(ended, ["until_revision", "until"], batch_size=BATCH)
    Variant.objects.bulk_create(life.variant for life in new.values())
    Position.objects.bulk_create(position for position in positions if not position.pk)


class _Stored:
    """The stored lives of a provision. The class implements `lifetimes.Past`."""

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
        """Return the lives that the entry `mistake` closed, limited to `ordinals`.

        The keys are the ordinals that the variants had before that entry.
        """
        lives = _lives(self.last.filter(closed_in=mistake, ordinal__in=ordinals))
        return {life.variant.ordinal: life for life in lives}

    def closed_with(self, texts: Collection[str]) -> dict[str, list[Life]]:
        """Return the closed lives of variants with these texts. The keys are the texts."""
        lives: dict[str, list[Life]] = {}
        for life in _lives(self.last.filter(text__in=texts)):
            lives.setdefault(life.variant.text, []).append(life)
        return lives


def _lives(rows: Iterable[Variant]) -> list[Life]:
    """Return the lives of `rows`, linked to their earlier lives.

    At most four queries are run, regardless of the number of rows.
    """
    lives = {row.pk: Life(row) for row in rows}
    requested = list(lives.values())
    if any(life.variant.earlier_id for life in requested):
        lives |= {row.pk: Life(row) for row in Variant.objects.filter(pk__in=_earlier_keys(lives))}
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
            life.ended.append(PastPosition(claim, position, getattr(position, CONTINUED)))
    return requested


def _earlier_keys(variants: Collection[int]) -> list[int]:
    """Return the primary keys of all rows that directly or indirectly precede the rows in `variants`."""
    table = connection.ops.quote_name(Variant._meta.db_table)
    keys = ", ".join(["%s"] * len(variants))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE line(id) AS (SELECT earlier_id FROM {table} WHERE id IN ({keys}) UNION "  # noqa: S608
            f"SELECT earlier_id FROM {table} INNER JOIN line USING (id)) SELECT id FROM line WHERE id IS NOT NULL",
            list(variants),
        )
        return [row[0] for row in cursor.fetchall()]


def _move(revision: Revision, moved: dict[int, int]) -> None:
    """Assign new ordinals to the remaining variants in a single UPDATE.

    Neighbouring variants usually move by the same distance and are therefore grouped.
    """
    runs: list[tuple[int, int, int]] = []  # first and last ordinal, and the distance
    for ordinal, new_ordinal in sorted(moved.items()):
        if runs and runs[-1][1] == ordinal - 1 and runs[-1][2] == new_ordinal - ordinal:
            runs[-1] = (runs[-1][0], ordinal, runs[-1][2])
        else:
            runs.append((ordinal, ordinal, new_ordinal - ordinal))
    if not runs:
        return
    cases: list[When] = [When(ordinal__range=(first, last), then=_shifted(distance)) for first, last, distance in runs]
    open_rows = Variant.objects.filter(provision=revision.provision_id, closed_in=None)
    open_rows.filter(ordinal__range=(runs[0][0], runs[-1][1])).update(
        ordinal=Case(*cases, default=F("ordinal"), output_field=IntegerField())
    )


def _shifted(distance: int) -> CombinedExpression:
    return F("ordinal") + distance


def rebuild(provisions: Iterable[Provision] | None = None) -> int:
    """Recompute and store the index of `provisions` or of all provisions, and return the number of revisions read.

    Each provision is processed in a separate transaction, which blocks only other writers of that provision. Readers
    see the old index until the transaction commits.
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
    """Store new lives."""
    _create_rows(Variant, [life.variant for life in lives])
    _create_rows(Position, [position for life in lives for position in life.positions])


def _create_rows(model: type[Variant] | type[Position], rows: list[Any]) -> None:
    """Store new rows of one table, and then their references to earlier rows.

    The references are stored last because they require primary keys.
    """
    references = [(row, row.earlier) for row in rows if row.earlier]
    for row, _ in references:
        row.earlier = None
    model._default_manager.bulk_create(rows)
    for row, earlier in references:
        row.earlier = earlier
    model._default_manager.bulk_update([row for row, _ in references], ["earlier"], batch_size=BATCH)


def _computed(provision: Provision, register: Register, holders: Holders) -> tuple[list[Measure], list[Life]]:
    """Compute the complete index of a text from its revisions, and return it without storing it."""
    measures: list[Measure] = []
    lives: list[Life] = []
    for revision, tree, new in compute_lives(list(provision.revisions.order_by("number")), register, holders):
        measures.append(_measure_of(revision, measure(tree)))
        lives += new
    return measures, lives


def differences(provision: Provision, register: Register, holders: Holders) -> list[str]:
    """Return a sentence for each difference between the stored index and the index computed from the texts."""
    measures, lives = _computed(provision, register, holders)
    numbers = {row.revision_id: row.revision.number for row in measures}
    stored = {row.revision_id: _figures(row) for row in Measure.objects.filter(revision__in=numbers)}
    sentences = [
        f"revision {numbers[row.revision_id]}: the stored figures do not match the text"
        for row in measures
        if stored.get(row.revision_id) != _figures(row)
    ]
    computed_rows = sorted(_content(life.variant, life.positions) for life in lives)
    positions = Prefetch("positions", Position.objects.select_related("earlier"))
    variants = Variant.objects.filter(provision=provision).select_related("earlier").prefetch_related(positions)
    stored_rows = sorted(_content(row, row.positions.all()) for row in variants)
    if computed_rows != stored_rows:
        unmatched = [row for row in computed_rows if row not in stored_rows]
        unmatched = unmatched or [row for row in stored_rows if row not in computed_rows]
        opened_in = numbers[unmatched[0][0]] if unmatched else 1
        sentences.append(
            f"revision {opened_in}: variants or positions stored since that revision do not match the text"
        )
    return sentences


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
    return tuple(getattr(row, field.attname) for field in Measure._meta.fields)


def _content(row: Variant, positions: Iterable[Position]) -> tuple[Any, ...]:
    """Return the content of a variant and its positions, starting with the opening revision.

    The content does not include primary keys.
    """
    names = ("opened_in_id", "ordinal", "kind", "text", "depth", "opened_on", "opened_at", "key", "outcome", "resumes")
    earlier = row.earlier
    return (
        *(getattr(row, name) for name in names),
        (row.closed_in_id or 0, str(row.closed_on), row.begun_in_id or 0, str(row.begun_on)),
        (earlier.closed_in_id or 0, earlier.ordinal) if earlier else (0, 0),
        sorted(_position_content(position) for position in positions),
    )


def _position_content(position: Position) -> tuple[Any, ...]:
    earlier = position.earlier
    return (
        *(getattr(position, name) for name in ("stance", "since_revision_id", "since", "resumes")),
        (position.member_id or 0, position.grouping_id or 0),
        (position.until_revision_id or 0, str(position.until)),
        (position.begun_in_id or 0, str(position.begun_on)),
        (earlier.since_revision_id, earlier.until_revision_id or 0) if earlier else (0, 0),
    )
