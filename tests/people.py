"""Functions that return the people who act in tests, the same ones in each call, and their clients."""

from typing import Any

from django.test import Client
from rest_framework.test import APIClient

from issues.models import SmallGroup, SubIssue
from members.choices import Role
from members.models import Member
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    NegotiationFactory,
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
    """Return a delegate of the member whose delegation has no end. Repeated calls return the same delegate."""
    delegation = member(code).delegations.filter(until=None).select_related("user").first()
    return (delegation or DelegationFactory(member=member(code))).user


def secretariat(*, is_staff: bool = False) -> Any:
    """Return a user of the secretariat. With `is_staff`, the user may also use the admin."""
    delegation = (
        NegotiationFactory().delegations.filter(role=Role.SECRETARIAT, until=None).select_related("user").first()
    )
    user = (delegation or DelegationFactory(role=Role.SECRETARIAT, member=None)).user
    if is_staff and not user.is_staff:
        user.is_staff = True
        user.save()
    return user


def facilitator_of(group: SmallGroup, **values: Any) -> Any:
    """Return the facilitator of a small group, who is created with `values` if missing."""
    facilitator = group.facilitators.exclude(user=None).select_related("user").first()
    return (facilitator or FacilitatorFactory(small_group=group, user=UserFactory(), **values)).user


def facilitator_at(place: SubIssue | None) -> Any:
    """Return the facilitator of a sub-issue's small group. The group and the facilitator are created if missing."""
    assert place is not None
    group = place.small_groups.first()
    if group is None:
        group = SmallGroupFactory()
        group.sub_issues.add(place)
    return facilitator_of(group)


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
