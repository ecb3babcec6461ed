"""The register of names that the engine uses to read the heads of brackets."""

import datetime
from collections import defaultdict
from collections.abc import Iterator

from django.db import connection, router
from django.db.models import Q
from django.utils import timezone

from bracketed_text import Name, Register
from issues.text.member_names_version import names_version
from members.models import Alias, Grouping, GroupingMembership, Member, in_force, local_name

# The last register created in this process, with its key: the database, the version of the names and the date. The
# register also caches parsed heads.
_last: tuple[tuple[str, str, datetime.date], Register] | None = None


def load_register(day: datetime.date | None = None) -> Register:
    """Return the register of all members and groupings, with the members of each grouping on `day` (today by default).

    A member or grouping can be looked up by its code, its name or any alias. The register for today requires one query,
    and four further queries if the names or the date have changed since the last call. The register for another date is
    not cached and requires four queries.
    """
    global _last
    today = timezone.localdate()
    if day is not None and day != today:
        return Register(_entries(day))
    # Read the version from the same server as the names. A replica may lag, and its older names must not be cached
    # under a newer version.
    made_from = (str(connection.settings_dict["NAME"]), names_version(router.db_for_read(Member)), today)
    last = _last
    if last is not None and last[0] == made_from:
        return last[1]
    register = Register(_entries(today))
    _last = (made_from, register)
    return register


def names_by_code() -> dict[str, str]:
    """Return a mapping from codes to the names of all members and groupings in the active language."""
    groupings = Grouping.objects.values_list("code", "name")
    return dict(groupings) | dict(Member.objects.values_list("code", local_name()))


def _entries(day: datetime.date) -> Iterator[tuple[str, Name]]:
    """Yield each written form of a name with the member or grouping that it denotes.

    A later entry replaces an earlier entry for the same form.
    """
    members_of: defaultdict[str, list[str]] = defaultdict(list)
    memberships = GroupingMembership.objects.filter(in_force(day), grouping__speaks=True)
    for grouping, member in memberships.values_list("grouping__code", "member__code"):
        members_of[grouping].append(member)
    aliases = Alias.objects.filter(Q(grouping=None) | Q(grouping__speaks=True))
    for text, member, grouping in aliases.values_list("text", "member__code", "grouping__code"):
        yield text, Name(member) if member else Name(grouping, tuple(members_of[grouping]))
    for code, name in Grouping.objects.filter(speaks=True).values_list("code", "name"):
        for form in (name, code):
            yield form, Name(code, tuple(members_of[code]))
    # Members come last, so that a member's code and name always denote that member, even if an alias has the same form.
    for code, name in Member.objects.values_list("code", "name"):
        for form in (name, code):
            yield form, Name(code)
