"""Functions that create participating members, their delegates and facilitators, and their clients."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from issues.models import SubIssue
from members.models import Member
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    ParticipationFactory,
    SmallGroupFactory,
    UserFactory,
)

NAMES = {"BRA": "Brazil", "CAN": "Canada", "JPN": "Japan", "KEN": "Kenya"}


def take_part(*codes: str, **values: Any) -> None:
    """Create these members and their participations. `values` are passed to each participation."""
    for code in codes:
        ParticipationFactory(member=MemberFactory(code=code, name=NAMES[code]), **values)


def member(code: str) -> Member:
    return Member.objects.get(code=code)


def delegate(code: str) -> Any:
    """Return a delegate of the member. Repeated calls return the same delegate."""
    delegation = member(code).delegations.select_related("user").first()
    return (delegation or DelegationFactory(member=member(code))).user


def facilitator_at(place: SubIssue | None) -> Any:
    """Return the facilitator of a sub-issue's small group. The group and the facilitator are created if missing."""
    assert place is not None
    group = place.small_groups.first()
    if group is None:
        group = SmallGroupFactory()
        group.sub_issues.add(place)
    facilitator = group.facilitators.select_related("user").first()
    return (facilitator or FacilitatorFactory(small_group=group, user=UserFactory())).user


def client_of(user: Any) -> Client:
    """Return a client in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client


def api_client_of(user: Any) -> APIClient:
    """Return an API client in which `user` is logged in."""
    client = APIClient()
    client.force_login(user)
    return client
