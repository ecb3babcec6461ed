"""The register of names that the engine reads heads with, from the members and groupings on record."""

import datetime
from collections import defaultdict
from collections.abc import Iterator

from django.db import connection, router
from django.db.models import Q
from django.utils import timezone

from bracketed_text import Name, Register
from issues.text.member_names_version import stamp
from members.models import Alias, Grouping, GroupingMembership, Member, in_force, local_name

# The last register, and what it was made of: database, names, day. What it remembers of heads stays at hand with it.
_last: tuple[tuple[str, str, datetime.date], Register] | None = None


def load_register(day: datetime.date | None = None) -> Register:
    """Return everybody who may stand at the head of a bracket, with the members of groupings on `day`, or today.

    Under code, name and every alias. One query for today, and four more where a name has changed since the last time,
    or the day. The register of another day is made anew with four.
    """
    global _last
    today = timezone.localdate()
    if day is not None and day != today:
        return Register(_forms(day))
    # Of the server that the names are read from: what one that lags says must not be kept under a newer stamp.
    made_of = (str(connection.settings_dict["NAME"]), stamp(router.db_for_read(Member)), today)
    last = _last
    if last is not None and last[0] == made_of:
        return last[1]
    register = Register(_forms(today))
    _last = (made_of, register)
    return register


def _forms(day: datetime.date) -> Iterator[tuple[str, Name]]:
    members_of: defaultdict[str, list[str]] = defaultdict(list)
    memberships = GroupingMembership.objects.filter(in_force(day), grouping__speaks=True)
    for grouping, member in memberships.values_list("grouping__code", "member__code"):
        members_of[grouping].append(member)
    aliases = Alias.objects.filter(Q(grouping=None) | Q(grouping__speaks=True))
    for text, member, grouping in aliases.values_list("text", "member__code", "grouping__code"):
        yield text, Name(member) if member else Name(grouping, tuple(members_of[grouping]))
    for code, name in Grouping.objects.filter(speaks=True).values_list("code", "name"):
        for written in (name, code):
            yield written, Name(code, tuple(members_of[code]))
    # Last: a member's own code and name mean that member, whatever an alias says.
    for code, name in Member.objects.values_list("code", "name"):
        for written in (name, code):
            yield written, Name(code)


def names_by_code() -> dict[str, str]:
    """Return what everybody who may stand at a head is called, by code, in the language of whoever reads."""
    groupings = Grouping.objects.values_list("code", "name")
    return dict(groupings) | dict(Member.objects.values_list("code", local_name()))
