"""The population of the analyses: the parties that can stand apart.

The WTO counts the European Union and each of its member states as participants. In the negotiation, however, the
European Union negotiates for them, so they cannot take different positions. The analyses therefore count a
**representative** and the participants that it represents as one **party**. A grouping names its representative
(`Grouping.represented_by`), and a member is represented from the first to the last day of its membership in the
grouping.

The position of a party on a variant is that of its representative, whether taken by itself or through a grouping. If
the representative has no position, the positions that the represented members take in their own names count. Positions
that they have only through other groupings do not count.
"""

import datetime
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from issues.access.visibility import participations
from issues.models import Negotiation
from members.models import GroupingMembership, Member, in_force

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Population:
    """The participants on a day, and the parties as which they are counted.

    `participants` is ordered by code. `representatives` maps the primary key of each represented participant to that of
    its representative.
    """

    participants: tuple[Member, ...]
    representatives: Mapping[int, int]

    @cached_property
    def parties(self) -> tuple[Member, ...]:
        """The participants that can stand apart, each with its own code. A representative stands for its party."""
        return tuple(member for member in self.participants if member.pk not in self.representatives)

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes of the parties."""
        return frozenset(party.code for party in self.parties)

    @cached_property
    def representative_codes(self) -> dict[str, str]:
        """The code of each represented participant, with that of its representative."""
        codes = {member.pk: member.code for member in self.participants}
        return {codes[member]: codes[representative] for member, representative in self.representatives.items()}

    @cached_property
    def represented(self) -> dict[str, tuple[str, ...]]:
        """The code of each representative, with the sorted codes of the participants that it represents."""
        represented: defaultdict[str, list[str]] = defaultdict(list)
        for member, representative in sorted(self.representative_codes.items()):
            represented[representative].append(member)
        return {representative: tuple(members) for representative, members in sorted(represented.items())}

    def party_of(self, code: str) -> str:
        """Return the code of the party to which the participant with this code belongs."""
        return self.representative_codes.get(code, code)


def population(negotiation: Negotiation, day: datetime.date | None = None) -> Population:
    """Return the population of a negotiation on `day`, by default the day shown. Needs two queries.

    A member is represented only if it and its representative both participate on that day. If several groupings name a
    representative for a member, the first by code prevails. A representative is not itself represented.
    """
    taking_part = participations(negotiation, day).values("member")
    participants = tuple(Member.objects.filter(pk__in=taking_part).order_by("code"))
    memberships = GroupingMembership.objects.filter(
        in_force(negotiation.day(day)), grouping__represented_by__isnull=False
    )
    pairs = memberships.order_by("-grouping__code", "pk").values_list("member", "grouping__represented_by")
    keys = {member.pk for member in participants}
    claimed = {member: representative for member, representative in pairs if {member, representative} <= keys}
    leading = set(claimed.values())
    return Population(
        participants,
        {member: representative for member, representative in claimed.items() if member not in leading},
    )


def sides_of_parties(
    own: Mapping[Key, int], through_groupings: Mapping[Key, int], representatives: Mapping[Key, Key]
) -> dict[Key, int]:
    """Return the side of each party with a position on a variant, by the rules of this module.

    `own` contains the sides of the participants with a position in their own names, and `through_groupings` those of
    the participants with a position through a grouping. `representatives` maps represented participants to
    representatives.
    """
    sides: dict[Key, int] = {}
    represented: defaultdict[Key, set[int]] = defaultdict(set)
    for member, side in (*through_groupings.items(), *own.items()):
        if member not in representatives:
            sides[member] = side
    for member, side in own.items():
        if member in representatives:
            represented[representatives[member]].add(side)
    for party, named in represented.items():
        sides.setdefault(party, sum(named))
    return sides
