"""The rules of access as query conditions, and as permission checks on single objects.

`Paths` contains the lookups from a model to its negotiation, place, group and members. These lookups turn each relation
in `RULES` into a condition that the database evaluates. A permission check evaluates the same relation on a `Subject`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from issues.access.roles import Capacity, Reader
from issues.access.rules import RULES, Action, Relation, Role
from issues.models import Proposal, Provision, SmallGroup
from issues.models.small_groups import SmallGroupQuerySet, worked_on_by
from members.models import Member

NOTHING = Q(pk__in=())
# `Q()` would not work here, because Django drops it from a disjunction: `X | Q()` is X.
EVERYTHING = ~NOTHING


@dataclass(frozen=True)
class Paths:
    """The lookups from a row to its related objects. A lookup is empty if the model has no such relation."""

    negotiation: str = "negotiation"
    sub_issue: str = ""
    issue: str = ""
    group: str = ""
    members: tuple[str, ...] = ()


PROVISION = Paths(sub_issue="sub_issue", issue="issue")
PROPOSAL = Paths(sub_issue="sub_issues", issue="issues", members=("proponents", "steps__member"))
REQUEST = Paths("provision__negotiation", "provision__sub_issue", "provision__issue", members=("on_behalf_of",))
IMPORT = Paths(group="small_group")
SMALL_GROUP = Paths(group="pk")
NEGOTIATION = Paths("pk")


@dataclass(frozen=True)
class Subject:
    """The object of an action, described by the primary keys of the objects to which it is related."""

    negotiation: int
    sub_issue: int | None = None
    issue: int | None = None
    group: int | None = None
    member: int | None = None


def allowed(reader: Reader, action: Action, paths: Paths) -> Q:
    """Return the condition under which `reader` may perform `action` on a row."""
    if Role.ANYBODY in RULES[action]:
        return EVERYTHING
    return reduce(or_, _granted(reader, action, paths), NOTHING)


def _granted(reader: Reader, action: Action, paths: Paths) -> Iterator[Q]:
    """Yield the condition contributed by each role of `reader`."""
    for capacity in reader.capacities:
        relation = RULES[action].get(capacity.role)
        if relation is not None:
            yield Q(**{paths.negotiation: capacity.negotiation}) & _related(relation, capacity, paths)


def _related(relation: Relation, capacity: Capacity, paths: Paths) -> Q:
    """Return the condition under which a row in the capacity's negotiation has `relation` to `capacity`."""
    if relation is Relation.PLACE:
        return worked_on_by(groups_of(capacity), paths.sub_issue, paths.issue)
    if relation is Relation.GROUP:
        return Q(**{f"{paths.group}__in": capacity.groups})
    if relation is Relation.MEMBER:
        return reduce(or_, (Q(**{f"{path}__in": capacity.members}) for path in paths.members), NOTHING)
    return Q()


def groups_of(capacity: Capacity) -> SmallGroupQuerySet:
    """Return the small groups that a facilitator leads or to which a delegate's member belongs."""
    held = Q(pk__in=capacity.groups) if capacity.role is Role.FACILITATOR else Q(members__in=capacity.members)
    return SmallGroup.objects.filter(held, negotiation=capacity.negotiation)


def may(reader: Reader, action: Action, subject: Subject) -> bool:
    """Return whether `reader` may perform `action` on `subject`.

    A query is run only if the rule requires the relation PLACE.
    """
    if Role.ANYBODY in RULES[action]:
        return True
    return any(
        relation is not None and _is_related(relation, capacity, subject)
        for capacity in reader.capacities_in(subject.negotiation)
        for relation in (RULES[action].get(capacity.role),)
    )


def _is_related(relation: Relation, capacity: Capacity, subject: Subject) -> bool:
    if relation is Relation.PLACE:
        return groups_of(capacity).working_at([subject.sub_issue], [subject.issue]).exists()
    if relation is Relation.GROUP:
        return subject.group in capacity.groups
    if relation is Relation.MEMBER:
        return subject.member in capacity.members
    return True


def may_enter(reader: Reader, subject: Provision | Proposal) -> bool:
    """Return whether what `reader` enters into `subject` would be marked correctly.

    What a demonstration user enters is invented. In a real text or proposal, it would appear to be real.
    """
    return subject.demonstration or not reader.demonstration


def of_provision(provision: Provision) -> Subject:
    """Return `provision` as a subject."""
    return Subject(provision.negotiation_id, provision.sub_issue_id, provision.issue_id)


def of_group(group: SmallGroup) -> Subject:
    """Return `group` as a subject."""
    return Subject(group.negotiation_id, group=group.pk)


def of_member(member: Member | int, negotiation: int) -> Subject:
    """Return `member` as a subject within `negotiation`, which is a primary key."""
    return Subject(negotiation, member=member if isinstance(member, int) else member.pk)
