"""The validity of requests. A request is valid while its member takes part and its author acts for that member."""

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from issues.access.permissions import Refused, require_acting_for, require_taking_part
from issues.access.roles import reader_of, with_participation
from issues.access.rules import HOLDINGS, RULES, Action, Relation
from issues.models import ChangeRequest, Participation
from issues.models.choices import RequestState
from members.models import Delegation, in_force


def with_right(requests: "QuerySet[ChangeRequest]", day: datetime.date | None = None) -> "QuerySet[Any]":
    """Annotate each request with `right_holds`, which states whether the request is valid on `day` (today by default).

    `reason_without_right` checks a single request.
    """
    day = day or timezone.localdate()
    delegations = Delegation.objects.filter(
        user=OuterRef("asked_by"), user__is_active=True, negotiation=OuterRef("provision__negotiation")
    )
    acting = with_participation(delegations, day).filter(_acting_for(OuterRef("on_behalf_of"), day))
    taking_part = Participation.objects.on(day).filter(
        negotiation=OuterRef("provision__negotiation"), member=OuterRef("on_behalf_of")
    )
    return requests.annotate(right_holds=Exists(acting) & Exists(taking_part))


def _acting_for(member: OuterRef, day: datetime.date) -> Q:
    """Return the condition that selects the delegations whose holders may act for `member` on `day`.

    The delegations must be annotated with `takes_part`.
    """
    allowed = Q(pk__in=())
    for role, relation in RULES[Action.ACT_FOR_MEMBER].items():
        holding = HOLDINGS[role]
        of_role = Q(role=role.value)
        if relation is Relation.MEMBER:
            of_role &= Q(member=member)
        if holding.on_its_days:
            of_role &= in_force(day)
        if holding.member_takes_part:
            of_role &= Q(takes_part=True)
        allowed |= of_role
    return allowed


def in_state(requests: "QuerySet[ChangeRequest]", state: str) -> "QuerySet[Any]":
    """Return the requests that are currently in `state`.

    An open request that is no longer valid is treated as lapsed.
    """
    annotated = with_right(requests)
    if state == RequestState.OPEN:
        return annotated.filter(state=state, right_holds=True)
    if state == RequestState.LAPSED:
        return annotated.filter(Q(state=state) | Q(state=RequestState.OPEN, right_holds=False))
    return annotated.filter(state=state)


def reason_without_right(request: ChangeRequest) -> str:
    """Return a sentence that explains why a request is no longer valid, or an empty string if the request is valid."""
    member, negotiation = request.on_behalf_of, request.provision.negotiation_id
    try:
        require_taking_part(member, negotiation)
    except Refused:
        return _("%(member)s no longer participates in this negotiation.") % {"member": member.local_name}
    try:
        require_acting_for(reader_of(request.asked_by), member, negotiation)
    except Refused:
        return _("The person who made the request no longer acts for %(member)s.") % {"member": member.local_name}
    return ""
