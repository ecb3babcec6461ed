"""Bringing an index up to date that an earlier release had stored, and saying what that changed.

Runs after every migrate, and does something where rows do not say yet since when they stand.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple, TextIO

from django.db import connections
from django.db.models import Q

from issues.index import rebuild
from issues.models import Position, Provision, Variant
from issues.telling import computed_anew


class Changed(NamedTuple):
    """In how many rows of one provision the index says something else than before."""

    provision: str
    outcomes: int
    dates: int

    def __str__(self) -> str:
        return f"{self.provision}: {self.outcomes} outcomes and {self.dates} dates are others than before."


def bring_up_to_date(using: str = "default", verbosity: int = 1, stdout: TextIO | None = None, **kwargs: Any) -> None:
    """Make the index of provisions anew that an earlier release indexed, and print what is otherwise now."""
    if not _has_lives(using):
        return
    earlier = Q(variants__begun_in=None) | Q(variants__positions__begun_in=None, variants__positions__isnull=False)
    provisions = Provision.objects.filter(earlier, variants__isnull=False).distinct().order_by("pk")
    changed = list(rebuilt(provisions))
    if not changed:
        return
    computed_anew()
    if verbosity:
        out = stdout or sys.stdout
        out.write(f"The index of {len(changed)} texts was made anew.\n")
        for one in changed:
            if one.outcomes or one.dates:
                out.write(f"  {one}\n")


def _has_lives(using: str) -> bool:
    """Whether the database is of this release: somebody may have migrated to an earlier one."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for model in (Variant, Position):
            if model._meta.db_table not in connection.introspection.table_names(cursor):
                return False
            columns = connection.introspection.get_table_description(cursor, model._meta.db_table)
            if "begun_in_id" not in {column.name for column in columns}:
                return False
    return True


def rebuilt(provisions: Iterable[Provision]) -> Iterable[Changed]:
    """Make the index of `provisions` anew, one after the other, and yield what that changed in each."""
    for provision in provisions:
        before = _said(provision)
        rebuild([provision])
        after = _said(provision)
        outcomes, dates = ((old - new).total() for old, new in zip(before, after, strict=True))
        yield Changed(provision.slug, outcomes, dates)


def _said(provision: Provision) -> tuple[Counter[Any], Counter[Any]]:
    """Return how variants ended, and since when they and the positions at them stand, as the rows say."""
    rows = Variant.objects.filter(provision=provision).values_list(
        "opened_in", "text", "outcome", "opened_on", "begun_on"
    )
    outcomes = Counter((opened_in, text, outcome) for opened_in, text, outcome, *_ in rows)
    dates: Counter[Any] = Counter((opened_in, text, begun or opened) for opened_in, text, _, opened, begun in rows)
    held = Position.objects.filter(variant__provision=provision)
    columns = ("since_revision", "variant__text", "stance", "member", "grouping", "since", "begun_on")
    for *which, since, begun in held.values_list(*columns):
        dates[*which, begun or since] += 1
    return outcomes, dates
