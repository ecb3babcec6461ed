"""The side that each member takes on each variant, as read from the index.

The side is +1 for the words, -1 against the words, or 0 if the member takes no side.
"""

import datetime
from collections import defaultdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from issues.access.roles import Reader
from issues.access.visibility import belonging, visible_variants
from issues.models import Negotiation, Position
from issues.models.choices import Stance
from issues.reports.analysis.population import Population, population, sides_of_parties
from members.models import Member

SIDE = {Stance.PROPOSE: 1, Stance.SUPPORT: 1, Stance.OPPOSE: -1}
# The sides taken on a variant by the holders of positions.
Cells = defaultdict[int, defaultdict[int, set[int]]]


class Sides(NamedTuple):
    """A table of sides, in which `table[v, m]` is the side of party `m` on variant `v`.

    The rows represent variants, which are identified by primary keys. The columns represent the parties that take at
    least one side, which are identified by codes. If a party is on both sides of a variant, the value is 0.
    `demonstration[v]` is true if variant `v` is in demonstration text. `population` contains all parties.
    """

    variants: list[int]
    members: list[Member]
    table: NDArray[np.float32]
    demonstration: NDArray[np.bool_]
    population: Population


def sides(
    reader: Reader, negotiation: Negotiation, day: datetime.date | None = None, *, within: "set[int] | None" = None
) -> Sides:
    """Return the sides on the visible variants that are open at the end of `day` (now by default).

    The function runs at most four queries.

    A member's own position, regardless of its stance, overrides those of the groupings to which the member belonged on
    `day`. A representative and those that it represents are one party. If `within` is given, only variants in the
    provisions with these primary keys are included.
    """
    variants = visible_variants(reader).filter(provision__negotiation=negotiation).open_on(day)
    if within is not None:
        variants = variants.filter(provision__in=within)
    held = Position.objects.held_on(day).filter(variant__in=variants)
    rows = list(
        held.order_by().values_list("variant", "stance", "member", "grouping", "variant__provision__demonstration")
    )
    members_of = belonging(negotiation.day(day)) if any(grouping for *_, grouping, _ in rows) else {}
    own: Cells = defaultdict(lambda: defaultdict(set))
    shared: Cells = defaultdict(lambda: defaultdict(set))
    invented: set[int] = set()
    for variant, stance, member, grouping, demonstration in rows:
        if demonstration:
            invented.add(variant)
        into = own if member else shared
        for holder in [member] if member else members_of.get(grouping, ()):
            # Stances that take no side also count, so that a member that is only considering the words does not propose
            # with its grouping.
            into[variant][holder].add(SIDE.get(Stance(stance), 0))
    counted = population(negotiation, day)
    taken = {
        (variant, party): side
        for variant in (own.keys() | shared.keys())
        for party, side in sides_of_parties(
            _summed(own.get(variant, {})), _summed(shared.get(variant, {})), counted.representatives
        ).items()
    }
    return _table(taken, invented, counted)


def _summed(stances: dict[int, set[int]]) -> dict[int, int]:
    """Return the side of each holder. A holder on both sides takes none."""
    return {holder: sum(taken) for holder, taken in stances.items()}


def _table(taken: dict[tuple[int, int], int], invented: set[int], counted: Population) -> Sides:
    somewhere = {party for (_, party), side in taken.items() if side}
    members = [party for party in counted.parties if party.pk in somewhere]
    keys = {member.pk for member in members}
    taken = {cell: side for cell, side in taken.items() if side and cell[1] in keys}
    variants = sorted({variant for variant, _ in taken})
    row = {pk: at for at, pk in enumerate(variants)}
    column = {member.pk: at for at, member in enumerate(members)}
    table = np.zeros((len(variants), len(members)), dtype=np.float32)
    for (variant, member), side in taken.items():
        table[row[variant], column[member]] = side
    return Sides(
        variants, members, table, np.array([variant in invented for variant in variants], dtype=np.bool_), counted
    )
