"""The roles that users hold in negotiations, and the roles that are in force on a date.

All references are primary keys.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, QuerySet, Value, When
from django.utils import timezone

from issues.access.rules import HOLDINGS, Role
from issues.models import Facilitator, Participation
from members.demonstration import is_blocked_demo_user, is_demo_user
from members.models import Delegation, in_force


@dataclass(frozen=True)
class HeldRole:
    """A role held in a negotiation. A delegate acts for a member, and a facilitator leads a small group."""

    role: Role
    negotiation: int
    member: int | None = None
    group: int | None = None


@dataclass(frozen=True)
class Capacity:
    """All members and small groups for which a user holds one role in one negotiation."""

    role: Role
    negotiation: int
    members: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Reader:
    """A user or an anonymous reader, with the roles that are in force.

    What a `demonstration` user records is invented. Such a user may therefore change only invented texts and proposals.
    """

    user: int | None = None
    roles: frozenset[HeldRole] = field(default_factory=frozenset)
    demonstration: bool = False

    @property
    def may_write(self) -> bool:
        """Return whether the reader holds a role that permits the logging of changes."""
        return any(held.role != Role.ANALYST for held in self.roles)

    @cached_property
    def capacities(self) -> tuple[Capacity, ...]:
        """The roles grouped by kind and negotiation, in a fixed order."""
        gathered: defaultdict[tuple[Role, int], set[HeldRole]] = defaultdict(set)
        for held in self.roles:
            gathered[held.role, held.negotiation].add(held)
        return tuple(
            Capacity(
                role,
                negotiation,
                frozenset(row.member for row in rows if row.member is not None),
                frozenset(row.group for row in rows if row.group is not None),
            )
            for (role, negotiation), rows in sorted(gathered.items())
        )

    def capacities_in(self, negotiation: int) -> Iterator[Capacity]:
        """Return an iterator over the capacities in `negotiation`."""
        return (capacity for capacity in self.capacities if capacity.negotiation == negotiation)

    def members_in(self, negotiation: int) -> frozenset[int]:
        """Return the members that the reader represents in a negotiation. All values are primary keys."""
        return frozenset[int]().union(
            *(capacity.members for capacity in self.capacities_in(negotiation) if capacity.role == Role.DELEGATE)
        )

    def groups_led_in(self, negotiation: int) -> frozenset[int]:
        """Return the small groups that the reader facilitates in a negotiation. All values are primary keys."""
        return frozenset[int]().union(
            *(capacity.groups for capacity in self.capacities_in(negotiation) if capacity.role == Role.FACILITATOR)
        )

    def is_secretariat_of(self, negotiation: int) -> bool:
        """Return whether the reader belongs to the secretariat of `negotiation`."""
        return any(capacity.role == Role.SECRETARIAT for capacity in self.capacities_in(negotiation))


ANYBODY = Reader()


def everything_of(negotiation: int) -> Reader:
    """Return a reader that may read everything in `negotiation`.

    This reader is used for internal checks of stored data.
    """
    return Reader(roles=frozenset({HeldRole(Role.SECRETARIAT, negotiation)}))


def reader_of(user: Any, day: datetime.date | None = None) -> Reader:
    """Return the reader for `user`, with the roles in force on `day` (today by default).

    `user` is the user of a request and may be anonymous. The function runs two queries, or no query for an anonymous
    user.
    """
    if not user.is_authenticated or not user.is_active or is_blocked_demo_user(user):
        return ANYBODY
    day = day or timezone.localdate()
    roles = frozenset({*_delegated(user, day), *_leading(user, day)})
    return Reader(user=user.pk, roles=roles, demonstration=is_demo_user(user))


def with_participation(delegations: "QuerySet[Delegation]", day: datetime.date) -> "QuerySet[Any]":
    """Return `delegations` annotated with `takes_part`, which is true if the member takes part on `day`."""
    same_member = {"negotiation": OuterRef("negotiation"), "member": OuterRef("member")}
    return delegations.annotate(takes_part=Exists(Participation.objects.on(day).filter(**same_member)))


def _delegated(user: Any, day: datetime.date) -> Iterator[HeldRole]:
    """Yield the roles that `user` holds through delegations on `day`."""
    placed = Delegation.objects.filter(user=user).exclude(negotiation=None)
    rows = with_participation(placed, day).annotate(in_force=_in_force(day))
    for row in rows.values("role", "negotiation", "member", "in_force", "takes_part"):
        role = Role(row["role"])
        holding = HOLDINGS[role]
        if (row["in_force"] or not holding.on_its_days) and (row["takes_part"] or not holding.member_takes_part):
            yield HeldRole(role, row["negotiation"], member=row["member"] if role == Role.DELEGATE else None)


def _leading(user: Any, day: datetime.date) -> Iterator[HeldRole]:
    """Yield the roles that `user` holds as a facilitator on `day`."""
    rows = Facilitator.objects.filter(user=user).annotate(in_force=_in_force(day))
    for negotiation, group, counts in rows.values_list("small_group__negotiation", "small_group", "in_force"):
        if counts or not HOLDINGS[Role.FACILITATOR].on_its_days:
            yield HeldRole(Role.FACILITATOR, negotiation, group=group)


def _in_force(day: datetime.date) -> Case:
    """Return a Boolean expression that is true for rows that are in force on `day`.

    A row is in force from `since` to `until`.
    """
    return Case(When(in_force(day), then=Value(True)), default=Value(False), output_field=BooleanField())


def taking_part(negotiation: int, day: datetime.date | None = None) -> "QuerySet[Participation]":
    """Return the participations in `negotiation` that are in force on `day` (today by default)."""
    return Participation.objects.on(day or timezone.localdate()).filter(negotiation=negotiation)


def takes_part(negotiation: int, member: int) -> bool:
    """Return whether a member takes part in a negotiation today. Both arguments are primary keys."""
    return taking_part(negotiation).filter(member=member).exists()
