"""The register of names that the engine reads heads with, from the members and groupings on record."""

from collections import defaultdict

from django.db.models import Q
from django.utils import timezone

from issues.brackets import Name, Register
from members.models import Alias, GroupingMembership, in_force


def load_register() -> Register:
    """Return everybody who may stand at the head of a bracket, under every name on record. Two queries."""
    members_of: defaultdict[str, list[str]] = defaultdict(list)
    memberships = GroupingMembership.objects.filter(in_force(timezone.localdate()), grouping__speaks=True)
    for grouping, member in memberships.values_list("grouping__code", "member__code"):
        members_of[grouping].append(member)
    aliases = Alias.objects.filter(Q(grouping=None) | Q(grouping__speaks=True))
    return Register(
        (text, Name(member) if member else Name(grouping, tuple(members_of[grouping])))
        for text, member, grouping in aliases.values_list("text", "member__code", "grouping__code")
    )
