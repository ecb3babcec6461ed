"""People who act in tests: members that take part, somebody who acts for each, and the clients of both."""

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
    """Make these members, and have them take part; `values` are those of each participation."""
    for code in codes:
        ParticipationFactory(member=MemberFactory(code=code, name=NAMES[code]), **values)


def member(code: str) -> Member:
    return Member.objects.get(code=code)


def delegate(code: str) -> Any:
    """Return a delegate of the member, always the same one."""
    delegation = member(code).delegations.select_related("user").first()
    return (delegation or DelegationFactory(member=member(code))).user


def facilitator_at(place: SubIssue | None) -> Any:
    """Return the facilitator of the small group of a sub-issue, always the same one; both are made where missing."""
    assert place is not None
    group = place.small_groups.first()
    if group is None:
        group = SmallGroupFactory()
        group.sub_issues.add(place)
    facilitator = group.facilitators.select_related("user").first()
    return (facilitator or FacilitatorFactory(small_group=group, user=UserFactory())).user


def client_of(user: Any) -> Client:
    """Return a browser in which `user` is signed in."""
    client = Client()
    client.force_login(user)
    return client


def api_client_of(user: Any) -> APIClient:
    """Return a client of the API for which `user` is signed in."""
    client = APIClient()
    client.force_login(user)
    return client
