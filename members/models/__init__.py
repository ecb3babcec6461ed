"""Models of WTO members, their names and groupings, and the people who act for them."""

from members.models.members import (
    Alias,
    AliasQuerySet,
    Grouping,
    GroupingMembership,
    GroupingQuerySet,
    Member,
    MemberQuerySet,
)
from members.models.names import fold, local_name
from members.models.people import AccessToken, Delegation, DelegationQuerySet, Invitation, InvitationQuerySet
from members.models.periods import in_force

__all__ = [
    "AccessToken",
    "Alias",
    "AliasQuerySet",
    "Delegation",
    "DelegationQuerySet",
    "Grouping",
    "GroupingMembership",
    "GroupingQuerySet",
    "Invitation",
    "InvitationQuerySet",
    "Member",
    "MemberQuerySet",
    "fold",
    "in_force",
    "local_name",
]
