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
from members.models.names import (
    TRANSLATED,
    field_language,
    fold,
    in_all_languages,
    local_field,
    local_language,
    local_name,
    local_value,
)
from members.models.people import AccessToken, Delegation, DelegationQuerySet, Invitation, InvitationQuerySet
from members.models.periods import in_force

__all__ = [
    "TRANSLATED",
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
    "field_language",
    "fold",
    "in_all_languages",
    "in_force",
    "local_field",
    "local_language",
    "local_name",
    "local_value",
]
