"""Tests that hidden rows are neither listed, counted nor measured and that their existence cannot be inferred."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from issues.api.urls import router
from issues.models import Provision
from issues.text.member_names import load_register
from members.models import Member
from tests.factories import (
    DelegationFactory,
    FacilitatorFactory,
    MemberFactory,
    ParticipationFactory,
    SmallGroupFactory,
    UserFactory,
    provision_with,
)
from tests.people import delegate

pytestmark = pytest.mark.django_db

TEXT = "Each Member shall [CAN: promptly] act."


@pytest.fixture(params=["participants", "group"])
def hidden(request: Any) -> Provision:
    """Return a provision for participants or a small group only, together with a public provision."""
    MemberFactory(code="CAN", name="Canada")
    ParticipationFactory(member=Member.objects.get(code="CAN"))
    group = SmallGroupFactory(slug="inner-circle")
    provision_with(TEXT, slug="open")
    provision = provision_with(TEXT, slug="closed", visibility=request.param)
    group.sub_issues.add(provision.sub_issue)
    group.members.add(Member.objects.get(code="CAN"))
    return provision


def who(role: str) -> Any:
    """Return a user in a role, or None for an anonymous reader."""
    if role == "anonymous":
        return None
    if role == "alice":
        return delegate("CAN")
    if role == "bob":
        return DelegationFactory(member=MemberFactory(code="IND", name="India"), takes_part=False).user
    if role == "facilitator":
        return FacilitatorFactory(small_group__slug="another-group", user=UserFactory()).user
    if role == "facilitator of the group":
        from issues.models import SmallGroup

        return FacilitatorFactory(small_group=SmallGroup.objects.get(slug="inner-circle"), user=UserFactory()).user
    return DelegationFactory(role=role, member=None).user


SEES = {
    "anonymous": set(),
    "bob": set(),
    "analyst": {"participants"},
    "facilitator": {"participants"},
    "facilitator of the group": {"participants", "group"},
    "alice": {"participants", "group"},
    "secretariat": {"participants", "group"},
}


@pytest.mark.parametrize("role", SEES)
def test_each_role_sees_in_the_api_and_on_pages_what_the_table_of_roles_allows(hidden: Provision, role: str) -> None:
    api = APIClient()
    user = who(role)
    if user is not None:
        api.force_login(user)
    sees = hidden.visibility in SEES[role]
    shown = 2 if sees else 1
    assert api.get("/api/v1/provisions/").json()["count"] == shown
    assert api.get("/api/v1/variants/").json()["count"] == shown
    assert api.get("/api/v1/variants/?proponent=CAN").json()["count"] == shown
    assert api.get("/api/v1/variants/?state=any").json()["count"] == shown
    assert api.get("/api/v1/variants/?small_group=inner-circle").json()["count"] == shown - 1
    status = api.get("/api/v1/status/").json()
    assert status["measured"]["provisions"] == shown
    assert status["measured"]["open_brackets"] == shown
    expected = 200 if sees else 404
    assert api.get("/api/v1/provisions/closed/").status_code == expected
    assert api.get(f"/api/v1/variants/{hidden.variants.get().pk}/").status_code == expected
    for address in ("/provisions/closed/", "/provisions/closed/history/"):
        assert api.get(address).status_code == expected
    if not sees:
        assert b"closed" not in api.get("/").content
        assert b"/provisions/closed/" not in api.get(f"/sub-issues/{hidden.parent.code}/").content
        assert b"/provisions/closed/" not in api.get("/members/CAN/").content
        assert api.get("/provisions/closed/log/").status_code in (302, 404)


def test_filtering_by_a_hidden_provision_returns_the_same_as_by_an_unknown_one(hidden: Provision) -> None:
    hidden_one = APIClient().get("/api/v1/variants/?provision=closed")
    missing = APIClient().get("/api/v1/variants/?provision=never-was")
    said = hidden_one.content.replace(b"provision=closed", b"provision=never-was")
    assert (hidden_one.status_code, said) == (missing.status_code, missing.content)


@pytest.mark.parametrize("address", ["variants", "provisions", "members", "small-groups", "sub-issues", "issues"])
def test_the_number_of_queries_does_not_grow_with_the_rows(address: str) -> None:
    MemberFactory(code="CAN", name="Canada")
    provision_with(TEXT)
    SmallGroupFactory()
    api = APIClient()
    with CaptureQueriesContext(connection) as one:
        api.get(f"/api/v1/{address}/")
    for _ in range(3):
        provision_with(TEXT)
        SmallGroupFactory()
        MemberFactory()
    load_register()  # the new names would otherwise be read while the queries are counted
    with CaptureQueriesContext(connection) as many:
        api.get(f"/api/v1/{address}/")
    assert len(many) == len(one)


def test_every_list_has_filters_a_sort_order_and_pages() -> None:
    for _, viewset, _ in router.registry:
        assert viewset.filterset_class is not None
        assert viewset.pagination_class is not None
        assert viewset.queryset is not None
        assert viewset.queryset.ordered or viewset.queryset.query.is_empty()
