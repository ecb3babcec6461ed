"""Bringing an index up to date that an earlier release had stored, and saying what that changed.

Runs after every migrate, and does something where rows do not say yet since when they stand.
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

# Of one text so many changes are printed; the rest is counted.
PRINTED = 20
SHOWN = 40


class Changed(NamedTuple):
    """What the index of one provision says otherwise than before, a sentence for each outcome and each day."""

    provision: str
    outcomes: list[str]
    dates: list[str]

    def lines(self) -> Iterable[str]:
        """Yield what is printed of it."""
        said = [*self.outcomes, *self.dates]
        yield f"{self.provision}: outcomes changed: {len(self.outcomes)}, days changed: {len(self.dates)}."
        yield from (f"  {one}" for one in said[:PRINTED])
        if len(said) > PRINTED:
            yield f"  … and {len(said) - PRINTED} more."


def bring_up_to_date(using: str = "default", verbosity: int = 1, stdout: TextIO | None = None, **kwargs: Any) -> None:
    """Make the index of provisions anew that an earlier release indexed, and print what is otherwise now."""
    if not _has_lives(using):
        return
    earlier = Q(variants__begun_in=None) | Q(variants__positions__begun_in=None, variants__positions__isnull=False)
    provisions = Provision.objects.filter(earlier, variants__isnull=False).distinct().order_by("pk")
    changed = list(rebuilt(provisions))
    if not changed:
        return
    publish_recomputation()
    if verbosity:
        out = stdout or sys.stdout
        out.write(f"The index of {len(changed)} texts was made anew.\n")
        for one in changed:
            if one.outcomes or one.dates:
                out.writelines(f"  {line}\n" for line in one.lines())


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
        outcomes, dates = (_differences(old, new) for old, new in zip(before, after, strict=True))
        yield Changed(provision.slug, outcomes, dates)


# What was said of each thing: how it ended, or since when it stands. Of equal things, how often what was said.
Said = dict[str, Counter[str]]


def _differences(before: Said, after: Said) -> list[str]:
    """Return a sentence for each thing of which something else is said than before."""
    found = []
    for thing in sorted(before.keys() | after.keys()):
        was, now = before.get(thing, Counter()), after.get(thing, Counter())
        if was != now:
            said = [", ".join(sorted((one - other).elements())) or "nothing" for one, other in ((was, now), (now, was))]
            found.append(f"{thing}: {said[0]} before, {said[1]} now.")
    return found


def _said(provision: Provision) -> tuple[Said, Said]:
    """Return how variants ended, and since when they and the positions at them stand, as the rows say."""
    rows = Variant.objects.filter(provision=provision).select_related("opened_in", "begun_in")
    outcomes: Said = {}
    dates: Said = {}
    for row in rows.defer("opened_in__text", "begun_in__text"):
        words = row.text if len(row.text) <= SHOWN else f"{row.text[:SHOWN]}…"
        thing = f"revision {row.opened_in.number}, “{words}”"
        outcomes.setdefault(thing, Counter())[row.outcome or "open"] += 1
        dates.setdefault(thing, Counter())[str(row.open_since)] += 1
    held = Position.objects.filter(variant__provision=provision).select_related("member", "grouping", "since_revision")
    for position in held.defer("since_revision__text"):
        thing = f"revision {position.since_revision.number}, {position.holder.code} {position.stance}"
        dates.setdefault(thing, Counter())[str(position.held_since)] += 1
    return outcomes, dates
