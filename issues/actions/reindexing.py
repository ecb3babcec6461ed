"""Rebuild indexes that earlier releases stored, and report the differences.

Indexes are rebuilt after every migration, but only for provisions with variants that have no address yet, or with
variants or positions that do not yet refer to the revision in which they began.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple, TextIO

from django.db import connections
from django.db.models import Q

from issues.models import Position, Provision, Variant
from issues.sync.catch_up import publish_recomputation
from issues.text.index import rebuild

# The maximum number of changes printed for each text, and the maximum number of characters printed for each variant.
MOST_CHANGES = 20
MOST_CHARACTERS = 40


class IndexChanges(NamedTuple):
    """The differences between the previous and the new index of a provision.

    `outcomes` and `dates` contain a sentence for each item whose outcomes or dates have changed.
    """

    provision: str
    outcomes: list[str]
    dates: list[str]

    def lines(self) -> Iterable[str]:
        """Yield the lines of the report."""
        sentences = [*self.outcomes, *self.dates]
        yield f"{self.provision}: changed outcomes: {len(self.outcomes)}; changed dates: {len(self.dates)}."
        yield from (f"  {sentence}" for sentence in sentences[:MOST_CHANGES])
        if len(sentences) > MOST_CHANGES:
            yield f"  Changes not shown: {len(sentences) - MOST_CHANGES}."


def bring_up_to_date(using: str = "default", verbosity: int = 1, stdout: TextIO | None = None, **kwargs: Any) -> None:
    """Rebuild each index that an earlier release stored, and print the differences."""
    if not _has_current_columns(using):
        return
    earlier = Q(variants__key="") | Q(variants__begun_in=None)
    earlier |= Q(variants__positions__begun_in=None, variants__positions__isnull=False)
    provisions = Provision.objects.filter(earlier, variants__isnull=False).distinct().order_by("pk")
    rebuilt = list(rebuild_each(provisions))
    if not rebuilt:
        return
    publish_recomputation()
    if verbosity:
        out = stdout or sys.stdout
        out.write(f"Texts whose index was rebuilt: {len(rebuilt)}.\n")
        for changes in rebuilt:
            if changes.outcomes or changes.dates:
                out.writelines(f"  {line}\n" for line in changes.lines())


def _has_current_columns(using: str) -> bool:
    """Return whether both tables have the columns by which indexes of earlier releases are recognized."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model, names in ((Variant, {"begun_in_id", "key"}), (Position, {"begun_in_id"})):
            if model._meta.db_table not in connection.introspection.table_names(cursor):
                return False
            columns = connection.introspection.get_table_description(cursor, model._meta.db_table)
            if not names <= {column.name for column in columns}:
                return False
    return True


def rebuild_each(provisions: Iterable[Provision]) -> Iterable[IndexChanges]:
    """Rebuild the index of each provision, and yield the differences."""
    for provision in provisions:
        before = _facts(provision)
        rebuild([provision])
        after = _facts(provision)
        outcomes, dates = (_differences(old, new) for old, new in zip(before, after, strict=True))
        yield IndexChanges(provision.slug, outcomes, dates)


# The outcomes or dates of variants and positions, by label. Several items may share a label, so each value is counted.
Facts = dict[str, Counter[str]]


def _differences(before: Facts, after: Facts) -> list[str]:
    """Return a sentence for each item whose outcomes or dates have changed."""
    sentences = []
    for item in sorted(before.keys() | after.keys()):
        old, new = before.get(item, Counter()), after.get(item, Counter())
        if old != new:
            removed, added = (", ".join(sorted(counts.elements())) or "nothing" for counts in (old - new, new - old))
            sentences.append(f"{item}: previously {removed}, now {added}.")
    return sentences


def _facts(provision: Provision) -> tuple[Facts, Facts]:
    """Return the stored outcomes of a provision's variants, and the start dates of its variants and positions."""
    rows = Variant.objects.filter(provision=provision).select_related("opened_in", "begun_in")
    outcomes: Facts = {}
    dates: Facts = {}
    for row in rows.defer("opened_in__text", "begun_in__text"):
        words = row.text if len(row.text) <= MOST_CHARACTERS else f"{row.text[:MOST_CHARACTERS]}…"
        item = f"revision {row.opened_in.number}, “{words}”"
        outcomes.setdefault(item, Counter())[row.outcome or "open"] += 1
        dates.setdefault(item, Counter())[str(row.open_since)] += 1
    positions = Position.objects.filter(variant__provision=provision)
    for position in positions.select_related("member", "grouping", "since_revision").defer("since_revision__text"):
        item = f"revision {position.since_revision.number}, {position.holder.code} {position.stance}"
        dates.setdefault(item, Counter())[str(position.held_since)] += 1
    return outcomes, dates
